import { Injectable } from '@nestjs/common';
import type { RiskSource } from '@usher/contract';
import { ShowsService } from '../../shows/index.js';
import { RiskCaseRepository } from './risk-case.repository.js';

/** Maximum number of sources that one call returns. */
const sourcesMax = 100;

/** Tells staff what the sources of risk cases have in a show. */
@Injectable()
export class RiskSourcesService {
  constructor(
    private readonly shows: ShowsService,
    private readonly cases: RiskCaseRepository,
  ) {}

  /** Returns the sources with cases in a show, those with the most held seats first. @throws DomainError `NOT_FOUND` */
  async list(showId: number): Promise<RiskSource[]> {
    const lane = await this.shows.lane(showId);
    await this.shows.catchUpBriefly(showId);
    const sessions = await this.cases.sessionsOfSources(showId, null);
    const sources = [...Map.groupBy(sessions, ({ source }) => source)].map(([source, its]) => ({
      source,
      sessions: its.length,
      heldSeats: its
        .flatMap(({ sessionId }) => lane.bookingsOf(sessionId))
        .filter(({ status }) => status === 'reserved')
        .reduce((sum, { seats }) => sum + seats.length, 0),
      places: its.filter(({ sessionId }) => lane.waiterOf(sessionId) !== null).length,
      score: Math.max(...its.map(({ score }) => score)),
    }));
    return sources.toSorted((a, b) => b.heldSeats - a.heldSeats || b.score - a.score).slice(0, sourcesMax);
  }
}
