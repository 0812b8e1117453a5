import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Poller } from '../common/poller.js';
import { DatabaseClock } from '../database/database-clock.js';
import { hasLineWork, lineWorkAt, LineRepository, ShowsService, ShowTending } from '../shows/index.js';
/** Pause between two looks at the lines in memory: what an admission, or the end of a wait or a stay, may be late by. */
const lookMs = 100;

/** Pause after lines could not be seen to. */
const retryMs = 500;

/** Pause between two readings of how far other nodes are: they tell it themselves, unless their word was lost. */
const readMs = 500;

/** How late lines are seen to that no node has in memory: those that have them come first. */
const claimLateMs = 500;

/** Shows that a node takes on in one look, and for how long it may be at one before another takes it. */
const claimsMax = 16;
const claimMs = 5000;

/**
 * Sees to the lines: lets people in, ends waits and stays, draws lobbies, closes lines with the sale. Every node runs
 * it, by what is in its memory and, for shows that no node has in memory, by the tables; what is due is decided under the
 * show's lock, so there is no leader to lose.
 *
 * 5,000 shows with somebody inside, and nothing due, cost a node 11% of a core and PostgreSQL 3%; with every such show read
 * from the tables at each look, 65% and 80%.
 */
@Injectable()
export class WaitingUsersService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WaitingUsersService.name);
  private readonly tending = new ShowTending(4, retryMs, (showId, error) =>
    this.logger.error({ showId, err: error }, 'the lines of a show could not be seen to'),
  );
  private readonly looks = [
    this.poller(() => this.tendKnown()),
    this.poller(() => this.tendClaimed()),
    this.poller(() => this.readOn()),
  ];

  constructor(
    private readonly lines: LineRepository,
    private readonly shows: ShowsService,
    private readonly clock: DatabaseClock,
  ) {}

  onApplicationBootstrap(): void {
    for (const look of this.looks) look.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.looks.map((look) => look.stop()));
    await this.tending.ended();
  }

  /** By what is in memory: to the moment, and at no cost where nothing is due. */
  private async tendKnown(): Promise<number> {
    for (const lane of this.shows.withLines()) {
      const { state, terms } = lane;
      if (!hasLineWork(state, terms, this.clock.now())) continue;
      this.tending.begin(terms.showId, () => lane.submit({ type: 'tick' }));
    }
    return lookMs;
  }

  /** By the tables: shows whose waiters' nodes are dead, or that left the memory of all nodes. */
  private async tendClaimed(): Promise<number> {
    for (const showId of await this.lines.claimShows(claimLateMs, claimsMax, claimMs)) {
      this.tending.begin(showId, () => this.tend(showId));
    }
    return lookMs;
  }

  private async tend(showId: number): Promise<void> {
    await this.shows.readOn(showId);
    const lane = await this.shows.lane(showId);
    const { seq } = lane.state;
    await lane.submit({ type: 'tick' });
    const { state, terms } = lane;
    // What was to end then had ended before.
    if (state.seq === seq) await this.lines.setDueAt(showId, seq, lineWorkAt(state, terms, this.clock.now()));
  }

  /** What other nodes did is told to the waiting on this one. */
  private async readOn(): Promise<number> {
    const lanes = new Map(this.shows.withLines().map((lane) => [lane.terms.showId, lane]));
    if (lanes.size === 0) return readMs;
    for (const showId of await this.shows.outdated([...lanes.values()])) {
      this.tending.begin(showId, async () => lanes.get(showId)?.refresh());
    }
    return readMs;
  }

  private poller(look: () => Promise<number>): Poller {
    const failed = (error: unknown) => this.logger.error({ err: error }, 'the lines could not be looked at');
    return new Poller(look, failed, retryMs);
  }
}
