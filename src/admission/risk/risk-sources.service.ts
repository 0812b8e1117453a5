import { Injectable } from '@nestjs/common';
import type { RiskSource } from '@usher/contract';
import { ShowsService } from '../../shows/index.js';
import { RiskCaseRepository } from './risk-case.repository.js';

/** Maximum number of sources that one call returns. */
const sourcesMax = 100;

/** Tells staff what the sources of calls have in a show. */
@Injectable()
export class RiskSourcesService {
  constructor(
    private readonly shows: ShowsService,
    private readonly cases: RiskCaseRepository,
  ) {}

  /**
   * Returns the sources that have seats, places or cases in a show, those with the most held seats first.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async list(showId: number): Promise<RiskSource[]> {
    const lane = await this.shows.lane(showId);
    await this.shows.catchUpBriefly(showId);
    const cases = new Map((await this.cases.sourcesOf(showId)).map((found) => [found.source, found]));
    const uses = new Map(lane.sourceUses().map(([source, heldSeats, places]) => [source, { heldSeats, places }]));
    const sources = [...new Set([...uses.keys(), ...cases.keys()])].map((source) => ({
      source,
      sessions: cases.get(source)?.sessions ?? 0,
      ...(uses.get(source) ?? { heldSeats: 0, places: 0 }),
      score: cases.get(source)?.score ?? 0,
    }));
    return sources
      .toSorted((a, b) => b.heldSeats - a.heldSeats || b.score - a.score || b.places - a.places)
      .slice(0, sourcesMax);
  }
}
