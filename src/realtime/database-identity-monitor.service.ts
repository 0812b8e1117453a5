import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { Poller } from '../common/poller.js';
import { DATABASE_IDENTITY, readIdentity } from '../database/database-identity.js';
import { PG_POOL } from '../database/pg-pool.js';
import { NodeBus } from './node-bus.js';

const pollIntervalMs = 5000;

/**
 * Detects that `npm run migrate -- --new-identity` changed the identity of the database while this node runs. The node
 * cannot change its Redis channels while it runs. So it stops using them and reads other nodes' commits from the tables
 * until it is restarted.
 */
@Injectable()
export class DatabaseIdentityMonitor implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(DatabaseIdentityMonitor.name);
  private hasChanged = false;
  private readonly polls = new Poller(
    () => this.poll(),
    (error) => this.logger.warn({ err: error }, 'could not read the identity of the database; retrying in 5 s'),
    pollIntervalMs,
  );

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(DATABASE_IDENTITY) private readonly identity: string,
    private readonly bus: NodeBus,
  ) {}

  onApplicationBootstrap(): void {
    if (this.bus.isShared) this.polls.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.polls.stop();
  }

  private async poll(): Promise<number> {
    const identity = await readIdentity(this.pool);
    if (identity === this.identity || this.hasChanged) return pollIntervalMs;
    this.hasChanged = true;
    this.bus.mute();
    this.logger.error(
      { before: this.identity, now: identity },
      'the identity of the database has changed: restart this node; until then it receives no messages of other nodes',
    );
    return pollIntervalMs;
  }
}
