import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import type { RowChange } from '../../src/database/outbox/outcome.js';
import { type OutboxStore, PostgresOutboxStore } from '../../src/database/outbox/outbox-store.js';
import {
  changeStatement,
  claimStatement,
  type OutboxTable,
  type Statement,
} from '../../src/database/outbox/outbox-table.js';
import { OutboxWorker, type OutboxWorkerOptions } from '../../src/database/outbox/outbox-worker.js';
import type { RetryPolicy } from '../../src/database/outbox/retry-policy.js';
import { createEmptyDatabase, type TestDatabase, testPool } from '../support/database.js';
import { waitUntil } from '../support/wait-until.js';

interface Job {
  readonly showId: number;
  readonly jobId: number;
  readonly attempts: number;
}

const table: OutboxTable<Job> = {
  name: 'job',
  key: { show_id: 'showId', job_id: 'jobId' },
  columns: 't.show_id as "showId", t.job_id as "jobId"',
  isPending: "status = 'pending'",
  whenDone: { set: "status = 'done'" },
  whenAbandoned: { set: "status = 'failed'" },
  resultColumn: 'last_result',
  canBeReplayed: false,
  receiver: null,
};

const retry: RetryPolicy = {
  backoff: { by: 'attempts', firstDelayMs: 100, delayMsMax: 400, jitter: 0 },
  attemptsMax: 5,
};

let database: TestDatabase;
let pools: pg.Pool[];
let pool: pg.Pool;
let workers: OutboxWorker<Job>[];

beforeAll(async () => {
  database = await createEmptyDatabase();
  // Each node has a pool of its own, as in production.
  pools = [0, 1, 2].map(() => testPool(database.url, 4));
  pool = pools[0]!;
  await pool.query(`create table job (show_id int, job_id int, status text default 'pending', last_result varchar(64),
    due_at timestamptz default now(), attempts int default 0, primary key (show_id, job_id))`);
});

afterAll(async () => {
  await Promise.all(pools.map((each) => each.end()));
  await database.drop();
});

beforeEach(() => {
  workers = [];
  for (const level of ['warn', 'error'] as const) jest.spyOn(Logger.prototype, level).mockReturnValue();
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await pool.query('truncate job');
});

const addJobs = (count: number) =>
  pool.query(
    `insert into job (show_id, job_id, due_at) select 1, n, now() + n * interval '1 microsecond'
    from generate_series(1, $1::int) n`,
    [count],
  );

const jobs = async () =>
  (
    await pool.query<{ id: number; status: string; attempts: number; result: string | null; inMs: number }>(
      `select job_id as id, status, attempts, last_result as result,
         (extract(epoch from due_at - now()) * 1000)::float8 as "inMs" from job order by job_id`,
    )
  ).rows;

function startWorker(
  handle: OutboxWorkerOptions<Job>['handle'],
  store: OutboxStore<Job>,
  options: Partial<OutboxWorkerOptions<Job>> = {},
): void {
  const worker = new OutboxWorker<Job>(
    {
      noun: 'job',
      store,
      handle,
      retry,
      leaseMs: 5000,
      concurrency: 8,
      logFields: ({ jobId }) => ({ jobId }),
      ...options,
    },
    new Logger('test'),
  );
  workers.push(worker);
  worker.start();
}

/** An outbox whose SQL statements the test damages, to show which protection the removed part gives. */
class DamagedStore extends PostgresOutboxStore<Job> {
  constructor(
    private readonly connections: pg.Pool,
    private readonly damage: (text: string) => string,
  ) {
    super(connections, table);
  }

  override async claim(limit: number, leaseMs: number): Promise<Job[]> {
    return this.run(claimStatement(table, limit, leaseMs, []));
  }

  override async apply(row: Job, change: RowChange): Promise<void> {
    await this.run(changeStatement(table, row, change));
  }

  private async run({ text, values }: Statement): Promise<Job[]> {
    const damaged = this.damage(text);
    return (await this.connections.query<Job>(damaged, [...values])).rows;
  }
}

/** Returns a function that damages a statement: it replaces the part if the statement contains it. */
const replaced = (part: string | RegExp, by: string) => (text: string) => text.replace(part, by);

describe('a row of an outbox', () => {
  /** Returns how many of the claims are for a row that another claim has already taken. */
  const countDoubleClaims = (claimed: readonly Job[]): number =>
    claimed.length - new Set(claimed.map(({ jobId }) => jobId)).size;

  /** Lets all nodes claim rows at the same time, 20 times. Returns all claimed rows. */
  async function claimRepeatedly(stores: readonly OutboxStore<Job>[]): Promise<Job[]> {
    const claimed: Job[] = [];
    for (let round = 0; round < 20; round++) {
      claimed.push(...(await Promise.all(stores.map((store) => store.claim(10, 60_000, [])))).flat());
    }
    return claimed;
  }

  /**
   * Lets all nodes claim rows at the same time. Keeps all rows locked until every node waits for a lock, so that the
   * claims certainly overlap. Returns all claimed rows.
   */
  async function claimWhileLocked(stores: readonly DamagedStore[]): Promise<Job[]> {
    const holder = await pool.connect();
    try {
      await holder.query('begin');
      await holder.query('select from job for update');
      const claims = stores.map((store) => store.claim(10, 60_000));
      await waitUntil(async () => (await countLockWaits()) === stores.length);
      await holder.query('commit');
      return (await Promise.all(claims)).flat();
    } finally {
      holder.release();
    }
  }

  async function countLockWaits(): Promise<number> {
    const text = `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    return (await pool.query<{ count: number }>(text)).rows[0]!.count;
  }

  it('is claimed by only one node, but by several nodes if the statement lacks the row lock', async () => {
    await addJobs(200);
    const damaged = pools.map((each) => new DamagedStore(each, replaced('for update skip locked', '')));
    expect(countDoubleClaims(await claimWhileLocked(damaged))).toBe(20);
    await pool.query('truncate job');
    await addJobs(200);
    const claimed = await claimRepeatedly(pools.map((each) => new PostgresOutboxStore(each, table)));
    expect([claimed.length, countDoubleClaims(claimed)]).toEqual([200, 0]);
  });

  it('is handled once if three nodes work at the same time and none of them dies', async () => {
    await addJobs(300);
    const handled: number[] = [];
    for (const each of pools) {
      startWorker(
        async ({ jobId }) => {
          handled.push(jobId);
          return { type: 'done' };
        },
        new PostgresOutboxStore(each, table),
      );
    }
    await waitUntil(async () => (await jobs()).every(({ status }) => status === 'done'));
    expect(handled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });

  it('is claimed again only when the lease of a dead node ends, but at once if the statement sets no lease', async () => {
    const leaseMs = 1500; // longer than a busy machine needs for the second claim
    await addJobs(1);
    const store = new PostgresOutboxStore(pool, table);
    const claimedAt = performance.now(); // before the claim, because its answer may be late
    await store.claim(1, leaseMs, []);
    expect(await store.claim(1, leaseMs, [])).toEqual([]);
    const times: number[] = [];
    startWorker(
      async () => {
        times.push(performance.now() - claimedAt);
        return { type: 'done' };
      },
      new PostgresOutboxStore(pools[1]!, table),
    );
    await waitUntil(async () => (await jobs())[0]!.status === 'done');
    expect(times).toHaveLength(1);
    expect(times[0]).toBeGreaterThan(leaseMs - 10);
    await workers.pop()!.stop();

    await pool.query('truncate job');
    await addJobs(1);
    const damaged = new DamagedStore(pool, replaced('due_at = now() +', 'due_at = now() + 0 *'));
    await damaged.claim(1, leaseMs);
    expect(await damaged.claim(1, leaseMs)).toHaveLength(1);
  });

  it('keeps the claim of a second node if the first node reports late, but loses it without the check of attempts', async () => {
    const late: RowChange = { type: 'postponed', delayMs: 0, reason: 'late' };
    async function lateReport(store: OutboxStore<Job>) {
      await pool.query('truncate job');
      await addJobs(1);
      const [first] = await store.claim(1, 1, []);
      await waitUntil(async () => (await store.claim(1, 60_000, [])).length === 1);
      await store.apply(first!, late);
      return (await jobs())[0]!;
    }
    const damaged = await lateReport(new DamagedStore(pool, replaced(/and attempts = \$(\d)/, 'and $$$1::int > 0')));
    expect(damaged.inMs).toBeLessThan(1000);
    expect(await lateReport(new PostgresOutboxStore(pool, table))).toMatchObject({ attempts: 2, result: null });
    expect((await jobs())[0]!.inMs).toBeGreaterThan(50_000);
  });

  it('stays done if the first node reports it as done and a second node, which claimed it later, then gives up', async () => {
    await addJobs(1);
    const store = new PostgresOutboxStore(pool, table);
    const [first] = await store.claim(1, 1, []);
    let second: Job | undefined;
    await waitUntil(async () => (second = (await store.claim(1, 60_000, []))[0]) !== undefined);
    await store.apply(first!, { type: 'done', result: null });
    await store.apply(second!, { type: 'abandoned', reason: 'too late' });
    expect(await jobs()).toMatchObject([{ status: 'done', result: null }]);
  });
});

describe('a row of an outbox that fails', () => {
  it('is retried after delays that grow up to the limit of the policy, and is given up after its last attempt', async () => {
    await addJobs(1);
    const times: number[] = [];
    startWorker(
      async () => {
        times.push(performance.now());
        return { type: 'failed', reason: `attempt ${times.length}` };
      },
      new PostgresOutboxStore(pool, table),
    );
    await waitUntil(async () => (await jobs())[0]!.status === 'failed');
    expect(await jobs()).toMatchObject([{ attempts: 5, result: 'attempt 5' }]);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    [100, 300, 400, 400].forEach((delayMs, index) => expect(gaps[index]).toBeGreaterThan(delayMs - 5));
    // The worker polls every 500 ms, and a busy machine may add a second. A longer gap would mean that the delays grow
    // above their limit of 400 ms.
    for (const gap of gaps) expect(gap).toBeLessThan(400 + 500 + 1000);
  });

  /**
   * Lets a worker handle ten good rows and one row that always throws, one row after the other. @returns how many good
   * rows are done after the given number of attempts
   */
  async function goodRowsDone(store: OutboxStore<Job>, polls: number): Promise<number> {
    await pool.query('truncate job');
    await addJobs(11);
    let attempts = 0;
    startWorker(
      async ({ jobId }) => {
        attempts += 1;
        if (jobId === 1) throw new Error('this row is poisoned');
        return { type: 'done' };
      },
      store,
      { concurrency: 1, retry: { ...retry, attemptsMax: null } },
    );
    await waitUntil(() => Promise.resolve(attempts >= polls));
    await workers.pop()!.stop();
    return (await jobs()).filter(({ status }) => status === 'done').length;
  }

  it('blocks no other row, but would block all others if an attempt did not move its due time', async () => {
    const damage = replaced('due_at = now() +', 'due_at = due_at + 0 *');
    expect(await goodRowsDone(new DamagedStore(pool, damage), 11)).toBe(0);
    expect(await goodRowsDone(new PostgresOutboxStore(pool, table), 11)).toBe(10);
  });
});
