import { Injectable } from '@nestjs/common';
import type { RiskRelease } from '@usher/contract';
import type { AuditCaller } from '../../access/index.js';
import { ShowsService } from '../../shows/index.js';

/** The sessions and the sources that act together. */
export interface Pattern {
  readonly sources: readonly string[];
  readonly sessionIds: readonly string[];
  readonly reason: string;
}

/** Releases what a pattern of sessions holds in a show. */
@Injectable()
export class PatternRelease {
  constructor(private readonly shows: ShowsService) {}

  /**
   * Releases the unpaid holds of the pattern, and ends its waits in lines and its stays. Holds whose payment is running
   * stay, because the provider may take the money. One command releases only a limited number, so that others can use the
   * show in between.
   *
   * @throws DomainError `NOT_FOUND`, `BUSY`
   */
  async release(showId: number, pattern: Pattern, audit: AuditCaller): Promise<RiskRelease> {
    const released = { seats: 0, places: 0 };
    for (;;) {
      const outcome = await this.shows.submit(showId, { type: 'releasePattern', ...pattern, audit });
      released.seats += outcome.seats;
      released.places += outcome.places;
      if (outcome.isComplete) return released;
    }
  }
}
