import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { WriteProbe } from '../database/write-probe.js';
import { NodeBus, NodeLifecycle } from '../realtime/index.js';
import { WalletExpiry } from '../tickets/index.js';

/** Time limit of each check. Load balancers would give up after a longer time. */
const checkTimeoutMs = 2000;

/** Whether this node can serve, and which services are missing. */
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
  readonly #needs: Readonly<Record<string, () => Promise<unknown>>>;

  constructor(
    @Inject(PG_POOL) pool: Pool,
    private readonly bus: NodeBus,
    private readonly lifecycle: NodeLifecycle,
    private readonly walletExpiry: WalletExpiry,
  ) {
    const probe = new WriteProbe(pool);
    this.#needs = { database: () => pool.query('select 1'), 'database writes': () => orThrow(probe.isWritable()) };
  }

  /** Checks all services. A service that does not answer within two seconds is missing. Never throws. */
  async check(): Promise<Readiness> {
    const hasRedis = this.bus.isReachable();
    const answers = await Promise.all(
      Object.entries(this.#needs).map(async ([name, ask]) => ({ name, there: await succeedsInTime(ask()) })),
    );
    const absent = answers.filter(({ there }) => !there).map(({ name }) => name);
    // If the database does not answer at all, its writes need no separate mention.
    const missing = absent.includes('database') ? ['database'] : absent;
    const leaving = this.lifecycle.isDraining;
    const without = [...((await hasRedis) ? [] : ['redis']), ...this.walletExpiry.listUnavailableWallets()];
    return { ready: missing.length === 0 && !leaving, missing, leaving, without };
  }
}

async function orThrow(answer: Promise<boolean>): Promise<void> {
  if (!(await answer)) throw new Error('the write probe failed');
}

/** Returns true if a promise is fulfilled within the time limit, otherwise false. */
function succeedsInTime(answer: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), checkTimeoutMs);
  answer.then(
    () => resolve(true),
    () => resolve(false),
  );
  return promise.finally(() => clearTimeout(timer));
}
