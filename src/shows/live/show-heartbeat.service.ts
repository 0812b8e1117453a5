import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Poller } from '../../common/poller.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { RealtimeGateway } from '../../realtime/index.js';
import type { ShowLane } from '../lane/show-lane.js';
import { ShowsService } from '../lane/shows.service.js';

/** The contract promises a version every 5 s; half of that leaves room for one that is late. */
const beatMs = 2500;

/** Shows out of view that one beat compares with the tables, in turn: reading their positions takes about 4 ms. */
const outOfViewMax = 2000;

/**
 * Tells every show's viewers its version, so that whoever missed a diff notices, and catches up on what other nodes
 * committed, so that this node's viewers hear of it even while nothing carries messages between nodes.
 */
@Injectable()
export class ShowHeartbeatService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ShowHeartbeatService.name);
  private readonly beats = new Poller(
    () => this.beat(),
    (error) => this.logger.warn({ err: error }, 'viewers could not be told the version'),
    beatMs,
  );
  // Apart from the beats: a database that does not answer must not hold them up.
  private readonly reads = new Poller(
    () => this.readOn(),
    (error) => this.logger.warn({ err: error }, 'the shows in view could not be looked at'),
    beatMs,
  );

  private compared = new WeakSet<ShowLane>();

  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly clock: DatabaseClock,
  ) {}

  onApplicationBootstrap(): void {
    this.beats.start();
    this.reads.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.beats.stop(), this.reads.stop()]);
  }

  /** From memory: viewers hear the version and the time also while the database is slow or away. */
  private async beat(): Promise<number> {
    for (const showId of this.realtime.showsInView()) {
      const lane = this.shows.known(showId);
      if (!lane) continue; // not in memory any longer: the next reading opens it
      const { version } = lane.state;
      const { termsVersion } = lane.terms;
      this.realtime.sendVersion({ showId, version, serverTime: this.clock.nowIso(), termsVersion });
    }
    return beatMs;
  }

  private async readOn(): Promise<number> {
    const lanes = await this.inView();
    const outdated = await this.shows.outdated(lanes);
    // Nobody looks at these, so they may lag. But nobody may be refused a seat that only this node believes to be taken.
    const divergent = await this.shows.divergent(this.someOutOfView(new Set(lanes)));
    await this.eachShow([...outdated, ...divergent], async (showId) => this.shows.known(showId)?.refresh());
    return beatMs;
  }

  private async inView(): Promise<ShowLane[]> {
    const opened = await Promise.allSettled(this.realtime.showsInView().map((showId) => this.shows.lane(showId)));
    return opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  }

  private someOutOfView(inView: ReadonlySet<ShowLane>): ShowLane[] {
    const others = this.shows.inMemory().filter((lane) => !inView.has(lane));
    const waiting = others.filter((lane) => !this.compared.has(lane));
    if (waiting.length === 0) this.compared = new WeakSet();
    const some = (waiting.length === 0 ? others : waiting).slice(0, outOfViewMax);
    for (const lane of some) this.compared.add(lane);
    return some;
  }

  /** Does a thing for all shows at once; one that fails is logged and does not hold up the others. */
  private async eachShow(showIds: readonly number[], task: (showId: number) => Promise<unknown>): Promise<void> {
    await Promise.all(
      showIds.map((showId) => task(showId).catch((error: unknown) => this.logger.warn({ showId, err: error }, failed))),
    );
  }
}

const failed = 'a show in view could not be refreshed';
