import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import pLimit from 'p-limit';
import { DomainError } from '../common/domain-error.js';
import { Repeating } from '../common/repeating.js';
import { DatabaseClock } from '../database/database-clock.js';
import { PostgresShowStore } from '../shows/postgres-show-store.js';
import { ShowsService } from '../shows/shows.service.js';

/** Longest pause between two looks at the tables: what a hold that a dead node made may be late by. */
const lookMsMax = 200;

/** Pause after some were due: a batch ends only so many. */
const lookMsMin = 20;

/** Shows whose holds are ended at once: less than half the connections, so that buyers are not kept waiting. */
const showsAtOnce = 4;

/**
 * Ends holds whose time is up. Every node runs it, from the tables alone and by the database's clock: there is no
 * leader to lose, and the lane's lock makes it harmless that two nodes end the same hold.
 */
@Injectable()
export class ActiveReservationsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ActiveReservationsService.name);
  private readonly limit = pLimit(showsAtOnce);
  /** Shows whose due holds are being ended, or that failed a moment ago. */
  private readonly ending = new Map<number, Promise<void>>();
  private readonly looks = new Repeating(
    () => this.look(),
    (error) => this.logger.error({ err: error }, 'due holds could not be looked for'),
    lookMsMax,
  );

  constructor(
    private readonly store: PostgresShowStore,
    private readonly shows: ShowsService,
    private readonly clock: DatabaseClock,
  ) {}

  onApplicationBootstrap(): void {
    this.looks.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.looks.stop();
    await Promise.all(this.ending.values());
  }

  /** Sees to every hold that is due now. @returns after how many ms the next look is worth it */
  private async look(): Promise<number> {
    const { now, shows, next } = await this.store.dueShows();
    this.clock.observe(now);
    const begun = shows.filter((showId) => !this.ending.has(showId));
    // Not waited for: a show that is busy must not make the others' holds late.
    for (const showId of begun) this.ending.set(showId, this.endDueHolds(showId));
    const untilNext = next === null ? lookMsMax : next - this.clock.now();
    return begun.length > 0 ? lookMsMin : Math.min(lookMsMax, Math.max(lookMsMin, untilNext));
  }

  private async endDueHolds(showId: number): Promise<void> {
    try {
      await this.limit(() => this.shows.submit(showId, { type: 'expire' }));
    } catch (error) {
      const busy = error instanceof DomainError && error.body.code === 'BUSY';
      if (!busy) this.logger.error({ showId, err: error }, 'due holds could not be ended');
      await delay(lookMsMax, undefined, { ref: false });
    } finally {
      this.ending.delete(showId);
    }
  }
}
