import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { WriteProbe } from '../database/write-probe.js';
import { NodeBus, NodeLifecycle } from '../realtime/index.js';
import { WalletExpiry } from '../tickets/index.js';

/** Longer than this and a load balancer's own patience would end first. */
const answerMsMax = 2000;

/** Whether this node can serve; where it cannot, what is missing. */
export interface Readiness {
  readonly ready: boolean;
  readonly missing: readonly string[];
  /** It was told to stop: it finishes what it has, and takes nothing new. */
  readonly leaving: boolean;
  /** What it serves without, less well than it could: `redis`, or `apple-wallet` once a certificate expired. */
  readonly without: readonly string[];
}

/** Asks everything that a call needs whether it is there. */
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

  /** Takes two seconds at most: what has not answered by then is missing. Never throws. */
  async check(): Promise<Readiness> {
    const hasRedis = this.bus.isReachable();
    const answers = await Promise.all(
      Object.entries(this.#needs).map(async ([name, ask]) => ({ name, there: await inTime(ask()) })),
    );
    const absent = answers.filter(({ there }) => !there).map(({ name }) => name);
    // A database that does not answer takes no writes either.
    const missing = absent.includes('database') ? ['database'] : absent;
    const leaving = this.lifecycle.isDraining;
    const without = [...((await hasRedis) ? [] : ['redis']), ...this.walletExpiry.listUnavailableWallets()];
    return { ready: missing.length === 0 && !leaving, missing, leaving, without };
  }
}

async function orThrow(answer: Promise<boolean>): Promise<void> {
  if (!(await answer)) throw new Error('the answer is no');
}

/** True when it is fulfilled in time; false when it fails or takes too long. */
function inTime(answer: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), answerMsMax);
  answer.then(
    () => resolve(true),
    () => resolve(false),
  );
  return promise.finally(() => clearTimeout(timer));
}
