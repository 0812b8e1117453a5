import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Poller } from '../common/poller.js';
import { DatabaseClock } from '../database/database-clock.js';
import { BookingRepository, ShowsService, ShowTasks } from '../shows/index.js';
/** Longest pause between two looks at the tables: what a hold that a dead node made may be late by. */
const lookMsMax = 200;

/** Pause after some were due: a batch ends only so many. */
const lookMsMin = 20;

/**
 * Ends holds whose time is up. Every node runs it, from the tables alone and by the database's clock: there is no
 * leader to lose, and the lane's lock makes it harmless that two nodes end the same hold.
 */
@Injectable()
export class ActiveReservationsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ActiveReservationsService.name);
  private readonly ending = new ShowTasks(4, lookMsMax, (showId, error) =>
    this.logger.error({ showId, err: error }, 'due holds could not be ended'),
  );
  private readonly looks = new Poller(
    () => this.look(),
    (error) => this.logger.error({ err: error }, 'due holds could not be looked for'),
    lookMsMax,
  );

  constructor(
    private readonly bookings: BookingRepository,
    private readonly shows: ShowsService,
    private readonly clock: DatabaseClock,
  ) {}

  onApplicationBootstrap(): void {
    this.looks.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.looks.stop();
    await this.ending.finish();
  }

  /** Sees to every hold that is due now. @returns after how many ms the next look is worth it */
  private async look(): Promise<number> {
    const { now, shows, next } = await this.bookings.dueShows();
    this.clock.observe(now);
    const begun = shows.filter((showId) =>
      this.ending.start(showId, () => this.shows.submit(showId, { type: 'tick' })),
    );
    const untilNext = next === null ? lookMsMax : next - this.clock.now();
    return begun.length > 0 ? lookMsMin : Math.min(lookMsMax, Math.max(lookMsMin, untilNext));
  }
}
