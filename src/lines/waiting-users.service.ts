import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Poller } from '../common/poller.js';
import { DatabaseClock } from '../database/database-clock.js';
import { LineRepository, ShowsService, ShowTasks } from '../shows/index.js';

/**
 * Interval of the polls for line work. An admission, or the end of a wait or a stay, can be late by up to this time.
 */
const workPollIntervalMs = 100;

/** Pause before the lines of a show are processed again after a failure. */
const retryMs = 500;

/** Interval at which a node looks for commits that it missed. Nodes announce commits, but an announcement can get lost. */
const catchUpIntervalMs = 500;

/**
 * How long line work must be overdue before a node claims the show. Until then, it leaves the work to nodes that have
 * the show in memory.
 */
const claimOverdueMs = 500;

/** Maximum number of shows that one poll claims. */
const claimsPerPollMax = 16;

/** How long a claim lasts. After that, another node may claim the show. */
const claimLeaseMs = 5000;

/**
 * Moves the lines: admits waiters, ends waits and stays, draws lobbies, and closes lines at the end of the sale. Every
 * node does this for the shows in its memory. It also claims, from the tables, shows that no node has in memory. The
 * show's lock makes concurrent work harmless, so no node needs to be a leader.
 *
 * With 5,000 shows that have stays and no due work, a node uses 11% of a core and PostgreSQL uses 3%. If each poll read
 * all these shows from the tables, the node would use 65% and PostgreSQL 80%.
 */
@Injectable()
export class WaitingUsersService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WaitingUsersService.name);
  private readonly tasks = new ShowTasks(4, retryMs, (showId, error) =>
    this.logger.error({ showId, err: error }, 'could not process the lines of a show; retrying'),
  );
  private readonly pollers = [
    this.createPoller(workPollIntervalMs, () => this.processOpenShows()),
    this.createPoller(workPollIntervalMs, () => this.processClaimedShows()),
    this.createPoller(catchUpIntervalMs, () => this.catchUp()),
  ];

  constructor(
    private readonly lines: LineRepository,
    private readonly shows: ShowsService,
    private readonly clock: DatabaseClock,
  ) {}

  onApplicationBootstrap(): void {
    for (const poller of this.pollers) poller.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.pollers.map((poller) => poller.stop()));
    await this.tasks.finish();
  }

  /** Processes the shows in memory as soon as their lines have work. A show without due work causes no query. */
  private async processOpenShows(): Promise<void> {
    for (const lane of this.shows.lanesWithWaitersOrStays()) {
      if (!lane.hasLineWork(this.clock.now())) continue;
      this.tasks.start(lane.showId, () => lane.submit({ type: 'tick' }));
    }
  }

  /** Processes shows that no node has in memory, for example because the node of their waiters died. */
  private async processClaimedShows(): Promise<void> {
    for (const showId of await this.lines.claimShows(claimOverdueMs, claimsPerPollMax, claimLeaseMs)) {
      this.tasks.start(showId, () => this.processClaimed(showId));
    }
  }

  private async processClaimed(showId: number): Promise<void> {
    await this.shows.catchUp(showId);
    const lane = await this.shows.lane(showId);
    const { seq } = lane;
    await lane.submit({ type: 'tick' });
    // If the tick changed nothing, the due work was already done. Then only the due time in the table is wrong.
    if (lane.seq === seq) await this.lines.setDueAt(showId, seq, lane.nextLineWorkAt(this.clock.now()));
  }

  /** Reads commits of other nodes, so that this node can notify its own waiters of these commits. */
  private async catchUp(): Promise<void> {
    const lanes = new Map(this.shows.lanesWithWaitersOrStays().map((lane) => [lane.showId, lane]));
    if (lanes.size === 0) return;
    for (const showId of await this.shows.outdatedShows([...lanes.values()])) {
      this.tasks.start(showId, async () => lanes.get(showId)?.catchUp());
    }
  }

  private createPoller(intervalMs: number, task: () => Promise<void>): Poller {
    const poll = async () => {
      await task();
      return intervalMs;
    };
    return new Poller(poll, (error) => this.logger.error({ err: error }, 'line poll failed; retrying'), retryMs);
  }
}
