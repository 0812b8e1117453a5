import { Inject, Injectable } from '@nestjs/common';
import type { RiskRelease } from '@usher/contract';
import type { Pool } from 'pg';
import { appendAuditEntry, type AuditCaller } from '../../access/index.js';
import { runInTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { type OpenShow, ShowsService } from '../../shows/index.js';
import { RiskCaseRepository } from './risk-case.repository.js';

/** The sessions and the sources that act together. */
export interface Pattern {
  readonly sources: readonly string[];
  readonly sessionIds: readonly string[];
  readonly reason: string;
}

/** Releases what a pattern of sessions holds in a show. */
@Injectable()
export class PatternRelease {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly shows: ShowsService,
    private readonly cases: RiskCaseRepository,
  ) {}

  /**
   * Releases the unpaid holds of the pattern, and ends its waits in lines and its stays. Holds whose payment is running
   * stay, because the provider may take the money. The sessions of a source are those that have cases.
   *
   * @throws DomainError `NOT_FOUND`, `BUSY`
   */
  async release(showId: number, pattern: Pattern, by: AuditCaller): Promise<RiskRelease> {
    const lane = await this.shows.lane(showId);
    await this.shows.catchUp(showId);
    const known = await this.cases.sessionsOfSources(showId, pattern.sources);
    const sessionIds = new Set([...pattern.sessionIds, ...known.map(({ sessionId }) => sessionId)]);
    const released = { seats: 0, places: 0 };
    for (const sessionId of sessionIds) {
      // The wait ends first. Otherwise the line could give the released seats to the same session.
      if (lane.waiterOf(sessionId) || lane.isInside(sessionId)) {
        await this.shows.submit(showId, { type: 'leaveLine', sessionId });
        released.places++;
      }
      released.seats += await this.releaseHolds(lane, sessionId);
    }
    await this.recordRelease(showId, pattern, { by, sessions: sessionIds.size, ...released });
    return released;
  }

  private async releaseHolds(lane: OpenShow, sessionId: string): Promise<number> {
    let seats = 0;
    for (const { bookingId, status, payment, seats: held } of lane.bookingsOf(sessionId)) {
      if (status !== 'reserved' || payment?.status === 'pending') continue;
      const outcome = await this.shows.submit(lane.showId, { type: 'release', bookingId, sessionId });
      if (outcome.type === 'done') seats += held.length;
    }
    return seats;
  }

  /** Records the release in the audit trail. The entry names no session, because it cannot be erased. */
  private recordRelease(
    showId: number,
    { sources, reason }: Pattern,
    { by, ...result }: RiskRelease & { readonly by: AuditCaller; readonly sessions: number },
  ): Promise<void> {
    return runInTransaction(this.pool, (client) =>
      appendAuditEntry(client, {
        caller: by,
        action: 'risk.release',
        showId,
        subject: { kind: 'show', id: String(showId) },
        before: null,
        after: { reason, sources, ...result },
      }),
    );
  }
}
