import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Poller } from '../../common/poller.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { RealtimeGateway } from '../../realtime/index.js';
import type { OpenShow } from '../lane/show-lane.js';
import { ShowsService } from '../lane/shows.service.js';

/** The contract promises a version every 5 s. Half of that interval leaves time for a late version. */
const heartbeatIntervalMs = 2500;

/**
 * Maximum number of shows without viewers that one run compares with the tables. It takes about 4 ms to read their
 * positions.
 */
const unviewedPerRunMax = 2000;

/**
 * Sends the version of every show to its viewers, so that a client that missed a diff notices the gap. It also catches
 * up on the commits of other nodes, so that viewers receive them even if the nodes cannot reach each other.
 */
@Injectable()
export class ShowHeartbeatService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ShowHeartbeatService.name);
  private readonly heartbeats = Poller.every(
    heartbeatIntervalMs,
    () => this.sendVersions(),
    (error) => this.logger.warn({ err: error }, 'could not send versions to viewers; retrying'),
  );
  // A separate poller, so that a database that does not answer cannot delay the heartbeats.
  private readonly catchUps = Poller.every(
    heartbeatIntervalMs,
    () => this.catchUp(),
    (error) => this.logger.warn({ err: error }, 'could not compare shows with the tables; retrying'),
  );
  /** The shows without viewers that were compared with the tables in this round. */
  private compared = new WeakSet<OpenShow>();

  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly clock: DatabaseClock,
  ) {}

  onApplicationBootstrap(): void {
    this.heartbeats.start();
    this.catchUps.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.heartbeats.stop(), this.catchUps.stop()]);
  }

  /** Sends versions from memory, so viewers receive the version and the time even if the database is down. */
  private async sendVersions(): Promise<void> {
    for (const showId of this.realtime.showsInView()) {
      const lane = this.shows.laneInMemory(showId);
      if (!lane) continue; // The next catch-up opens the show again.
      const { version } = lane;
      const { termsVersion } = lane.terms;
      this.realtime.sendVersion({ showId, version, serverTime: this.clock.nowIso(), termsVersion });
    }
  }

  private async catchUp(): Promise<void> {
    const viewed = await this.openViewedShows();
    const outdated = await this.shows.outdatedShows(viewed);
    // It does no harm if a show without viewers is behind. But if its memory contains another history, the node could
    // refuse a seat that is free in the tables.
    const divergent = await this.shows.divergentShows(this.pickUnviewedShows(new Set(viewed)));
    await Promise.all([...outdated, ...divergent].map((showId) => this.catchUpShow(showId)));
  }

  private async openViewedShows(): Promise<OpenShow[]> {
    const opened = await Promise.allSettled(this.realtime.showsInView().map((showId) => this.shows.lane(showId)));
    return opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  }

  private pickUnviewedShows(viewed: ReadonlySet<OpenShow>): OpenShow[] {
    const unviewed = this.shows.lanesInMemory().filter((lane) => !viewed.has(lane));
    const remaining = unviewed.filter((lane) => !this.compared.has(lane));
    if (remaining.length === 0) this.compared = new WeakSet();
    const picked = (remaining.length === 0 ? unviewed : remaining).slice(0, unviewedPerRunMax);
    for (const lane of picked) this.compared.add(lane);
    return picked;
  }

  /** Catches up on one show. A failure is only logged, so that it does not stop the catch-up of the other shows. */
  private async catchUpShow(showId: number): Promise<void> {
    try {
      await this.shows.laneInMemory(showId)?.catchUp();
    } catch (error) {
      this.logger.warn({ showId, err: error }, 'could not catch up on a show; retrying');
    }
  }
}
