import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { DatabaseChecks } from '../database/database-checks.js';
import { PG_POOL } from '../database/pg-pool.js';
import { NodeBus, NodeLifecycle } from '../realtime/index.js';
import { WalletExpiry } from '../tickets/index.js';

/** Whether this node can serve requests, and which services are missing. */
export interface Readiness {
  readonly ready: boolean;
  readonly missing: readonly string[];
  /** True if the node is draining: it finishes its work and takes no new work. */
  readonly leaving: boolean;
  /** Optional services that are unavailable: `redis`, or `apple-wallet` after its certificate has expired. */
  readonly without: readonly string[];
}

/** Checks the services that calls need. */
@Injectable()
export class ReadinessService {
  private readonly databaseChecks: DatabaseChecks;

  constructor(
    @Inject(PG_POOL) pool: Pool,
    private readonly bus: NodeBus,
    private readonly lifecycle: NodeLifecycle,
    private readonly walletExpiry: WalletExpiry,
  ) {
    this.databaseChecks = new DatabaseChecks(pool);
  }

  /** Checks all services. A database that does not answer within two seconds counts as missing. Never throws. */
  async check(): Promise<Readiness> {
    const hasRedis = this.bus.isReachable();
    const missing = await this.databaseChecks.listMissing();
    const leaving = this.lifecycle.isDraining;
    const without = [...((await hasRedis) ? [] : ['redis']), ...this.walletExpiry.listUnavailableWallets()];
    return { ready: missing.length === 0 && !leaving, missing, leaving, without };
  }
}
