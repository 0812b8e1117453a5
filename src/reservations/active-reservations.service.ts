import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import pLimit from 'p-limit';
import { Repeating } from '../common/repeating.js';
import { DatabaseClock } from '../database/database-clock.js';
import { PostgresShowStore } from '../shows/postgres-show-store.js';
import { ShowsService } from '../shows/shows.service.js';

/** Longest pause between two looks at the tables: what a hold that a dead node made may be late by. */
const lookMsMax = 200;

/** Pause after some were due: a batch ends only so many, and a show may have been busy. */
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
  private readonly looks = new Repeating(
    () => this.endDueHolds(),
    (error) => this.logger.error({ err: error }, 'due holds could not be ended'),
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
  }

  /** Ends every hold that is due now. @returns after how many ms the next look is worth it */
  private async endDueHolds(): Promise<number> {
    const { now, shows, next } = await this.store.dueShows();
    this.clock.observe(now);
    const ended = shows.map((showId) => this.limit(() => this.shows.submit(showId, { type: 'expire' })));
    // Each show by itself: one that is busy does not hold up the others, and is due again at the next look.
    await Promise.allSettled(ended);
    if (shows.length > 0) return lookMsMin;
    const untilNext = next === null ? lookMsMax : next - this.clock.now();
    return Math.min(lookMsMax, Math.max(lookMsMin, untilNext));
  }
}
