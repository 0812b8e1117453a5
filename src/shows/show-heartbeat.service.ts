import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Repeating } from '../common/repeating.js';
import { DatabaseClock } from '../database/database-clock.js';
import { RealtimeGateway } from '../realtime/realtime.gateway.js';
import { ShowsService } from './shows.service.js';

/** The contract promises a version every 5 s; half of that leaves room for one that is late. */
const beatMs = 2500;

/**
 * Tells every show's viewers its version, so that whoever missed a diff notices, and catches up on what other nodes
 * committed, so that this node's viewers hear of it even while nothing carries messages between nodes.
 */
@Injectable()
export class ShowHeartbeatService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ShowHeartbeatService.name);
  private readonly beats = new Repeating(
    () => this.beat(),
    (error) => this.logger.warn({ err: error }, 'the shows in view could not be refreshed'),
    beatMs,
  );

  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly clock: DatabaseClock,
  ) {}

  onApplicationBootstrap(): void {
    this.beats.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.beats.stop();
  }

  private async beat(): Promise<number> {
    const inView = this.realtime.showsInView();
    try {
      await this.shows.refresh(inView);
    } finally {
      // Viewers of a node whose database is away still hear the time and the version that they should have.
      for (const showId of inView) {
        const { version } = (await this.shows.lane(showId)).state;
        this.realtime.sendVersion({ showId, version, serverTime: this.clock.nowIso() });
      }
    }
    return beatMs;
  }
}
