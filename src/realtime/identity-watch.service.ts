import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Pool } from 'pg';
import { Poller } from '../common/poller.js';
import { DATABASE_IDENTITY, readIdentity } from '../database/database-identity.js';
import { PG_POOL } from '../database/pg-pool.js';
import { NodeBus } from './node-bus.js';

const pollIntervalMs = 5000;

/**
 * Notices that `npm run migrate -- --new-identity` renewed the identity of the database while this node runs. The node
 * cannot change its channels while it runs, so it leaves them, and serves by its own reading of the tables until it is
 * restarted.
 */
@Injectable()
export class IdentityWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(IdentityWatch.name);
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
      'the identity of the database was renewed: restart this node. Until then it hears no other node',
    );
    return pollIntervalMs;
  }
}
