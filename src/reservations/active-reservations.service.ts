import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Poller } from '../common/poller.js';
import { DatabaseClock } from '../database/database-clock.js';
import { BookingRepository, ShowsService, ShowTasks } from '../shows/index.js';

/** Longest pause between two polls. If a node dies, its holds can expire late by up to this time. */
const pollIntervalMsMax = 200;

/** Pause after a poll that found expired holds. It is short, because one batch may expire only some of them. */
const pollIntervalMsMin = 20;

/**
 * Expires holds. Every node does this from the tables and by the database's clock, so no node needs to be a leader. If
 * two nodes expire the same hold, the lane's lock makes that harmless.
 */
@Injectable()
export class ActiveReservationsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ActiveReservationsService.name);
  private readonly tasks = new ShowTasks(4, pollIntervalMsMax, (showId, error) =>
    this.logger.error({ showId, err: error }, 'could not expire holds; retrying'),
  );
  private readonly poller = new Poller(
    () => this.poll(),
    (error) => this.logger.error({ err: error }, 'hold poll failed; retrying'),
    pollIntervalMsMax,
  );

  constructor(
    private readonly bookings: BookingRepository,
    private readonly shows: ShowsService,
    private readonly clock: DatabaseClock,
  ) {}

  onApplicationBootstrap(): void {
    this.poller.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.poller.stop();
    await this.tasks.finish();
  }

  /** Starts a tick for every show with expired holds. @returns the pause in ms until the next poll */
  private async poll(): Promise<number> {
    const { now, shows, next } = await this.bookings.dueShows();
    this.clock.observe(now);
    const started = shows.filter((showId) =>
      this.tasks.start(showId, () => this.shows.submit(showId, { type: 'tick' })),
    );
    const untilNextMs = next === null ? pollIntervalMsMax : next - this.clock.now();
    return started.length > 0
      ? pollIntervalMsMin
      : Math.min(pollIntervalMsMax, Math.max(pollIntervalMsMin, untilNextMs));
  }
}
