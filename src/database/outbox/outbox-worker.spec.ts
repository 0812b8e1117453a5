import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { OutboxWorker, type OutboxWorkerOptions } from './outbox-worker.js';
import type { RetryPolicy } from './retry-policy.js';
import { SimulatedOutbox, type SimulatedRow } from './simulated-outbox.fixture.js';

const leaseMs = 3000;

/** This policy has no jitter, so that the times of attempts are known. */
const retry: RetryPolicy = {
  backoff: { by: 'attempts', firstDelayMs: 1000, delayMsMax: 9000, jitter: 0 },
  attemptsMax: 5,
};

const untilAborted = (signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

const sleep = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

let outbox: SimulatedOutbox;
let workers: OutboxWorker<SimulatedRow>[];
let logger: Logger;
let warnings: jest.SpiedFunction<Logger['warn']>;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  outbox = new SimulatedOutbox();
  workers = [];
  logger = new Logger('test');
  for (const level of ['debug', 'error'] as const) jest.spyOn(logger, level).mockReturnValue();
  warnings = jest.spyOn(logger, 'warn').mockReturnValue();
});

afterEach(async () => {
  await stopWorkers();
  jest.useRealTimers();
});

async function stopWorkers(): Promise<void> {
  const stopped = Promise.all(workers.map((worker) => worker.stop()));
  await jest.advanceTimersByTimeAsync(60_000);
  await stopped;
  workers = [];
}

function startWorker(
  handle: OutboxWorkerOptions<SimulatedRow>['handle'],
  options: Partial<OutboxWorkerOptions<SimulatedRow>> = {},
): OutboxWorker<SimulatedRow> {
  const logFields = ({ id }: SimulatedRow) => ({ id });
  const worker = new OutboxWorker<SimulatedRow>(
    { noun: 'row', store: outbox, handle, retry, leaseMs, concurrency: 4, logFields, ...options },
    logger,
  );
  workers.push(worker);
  worker.start();
  return worker;
}

/**
 * The behaviour of an attempt. `freeze` simulates a node that dies. Its outcome comes long after the lease has ended.
 */
const attempt = fc.oneof(
  fc.record({ does: fc.constantFrom('succeed', 'fail', 'throw'), takesMs: fc.integer({ min: 0, max: leaseMs - 100 }) }),
  fc.record({ does: fc.constant('freeze'), takesMs: fc.constant(leaseMs * 2) }),
);

const row = fc.record({
  dueAt: fc.integer({ min: 0, max: 5000 }),
  receiver: fc.constantFrom('a', 'b', 'c'),
  attempts: fc.array(attempt, { minLength: 5, maxLength: 5 }),
});

describe('workers on several nodes', () => {
  it('handle every row until it is done or abandoned, one attempt at a time, and keep all limits', async () => {
    const scenario = fc.array(row, { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(scenario, fc.integer({ min: 1, max: 3 }), async (rows, nodes) => {
        jest.setSystemTime(0);
        outbox = new SimulatedOutbox();
        rows.forEach(({ dueAt, receiver }, id) => outbox.add(id, dueAt, receiver));
        const run = new ObservedRun(rows);
        for (let node = 0; node < nodes; node++) {
          startWorker((claimed) => run.handle(node, claimed), { concurrency: 4, concurrencyPerReceiver: 2 });
        }
        await jest.advanceTimersByTimeAsync(120_000);
        await stopWorkers();
        expect(run.violations).toEqual([]);
        expect([...outbox.rows.values()].map(({ status }) => status)).not.toContain('pending');
        const rightlyFinished = [...outbox.rows.values()].filter(({ id, status, attempts }) =>
          status === 'abandoned' ? attempts === retry.attemptsMax : run.hasSucceeded(id),
        );
        expect(rightlyFinished).toHaveLength(rows.length);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

/** Simulates the attempts of a scenario and records every violation of a guarantee. */
class ObservedRun {
  readonly violations: string[] = [];
  private readonly inFlight: { node: number; id: number; receiver: string }[] = [];
  private readonly leaseEnds = new Map<number, number>();
  private readonly earliestRetry = new Map<number, number>();
  private readonly successes = new Set<number>();

  constructor(private readonly rows: readonly { attempts: readonly { does: string; takesMs: number }[] }[]) {}

  hasSucceeded(id: number): boolean {
    return this.successes.has(id);
  }

  async handle(node: number, { id, receiver, attempts }: SimulatedRow) {
    const now = Date.now();
    const { does, takesMs } = this.rows[id]!.attempts[attempts - 1] ?? { does: 'succeed', takesMs: 0 };
    if (now < (this.leaseEnds.get(id) ?? 0)) this.violations.push(`row ${id} is handled twice at ${now}`);
    if (now < (this.earliestRetry.get(id) ?? 0)) this.violations.push(`row ${id} is retried too early, at ${now}`);
    if (this.successes.has(id)) this.violations.push(`row ${id} is handled again at ${now}, after it was done`);
    this.leaseEnds.set(id, now + leaseMs);
    const flight = { node, id, receiver };
    this.inFlight.push(flight);
    const own = this.inFlight.filter((one) => one.node === node);
    if (own.length > 4) this.violations.push(`node ${node} handles ${own.length} rows at ${now}`);
    const same = own.filter((one) => one.receiver === receiver).length;
    if (same > 3) this.violations.push(`node ${node} handles ${same} rows of ${receiver} at ${now}`);
    await sleep(takesMs);
    this.inFlight.splice(this.inFlight.indexOf(flight), 1);
    if (does === 'freeze') return { type: 'failed', reason: 'frozen' } as const;
    this.leaseEnds.delete(id);
    if (does === 'succeed') {
      this.successes.add(id);
      return { type: 'done' } as const;
    }
    this.earliestRetry.set(id, Date.now() + Math.min(9000, 1000 * 3 ** (attempts - 1)));
    if (does === 'throw') throw new Error('an attempt failed');
    return { type: 'failed', reason: 'an attempt failed' } as const;
  }
}

describe('a worker', () => {
  it('handles other rows while one row fails repeatedly, and finally gives up on the failing row', async () => {
    outbox.add(0, 0);
    for (let id = 1; id <= 20; id++) outbox.add(id, id);
    const times = new Map<number, number[]>();
    startWorker(
      async ({ id }) => {
        times.set(id, [...(times.get(id) ?? []), Date.now()]);
        if (id === 0) throw new Error('this row is poisoned');
        return { type: 'done' };
      },
      { concurrency: 1 },
    );
    await jest.advanceTimersByTimeAsync(1000);
    for (let id = 1; id <= 20; id++) expect(times.get(id)).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(60_000);
    const gaps = times.get(0)!.map((time, index, all) => time - (all[index - 1] ?? 0));
    expect(gaps).toHaveLength(5);
    [0, 1000, 3000, 9000, 9000].forEach((backoff, index) => {
      expect(gaps[index]).toBeGreaterThanOrEqual(backoff);
      expect(gaps[index]).toBeLessThanOrEqual(backoff + 500);
    });
    expect(outbox.rows.get(0)!.status).toBe('abandoned');
    expect(warnings).toHaveBeenLastCalledWith({ id: 0, attempts: 5, reason: 'Error' }, 'gave up on this row');
  });

  it('handles a row that a dead node had claimed as soon as the lease has ended, and not earlier', async () => {
    outbox.add(0, 0);
    await outbox.claim(1, leaseMs, []);
    const times: number[] = [];
    startWorker(async () => {
      times.push(Date.now());
      return { type: 'done' };
    });
    await jest.advanceTimersByTimeAsync(leaseMs - 1);
    expect(times).toEqual([]);
    await jest.advanceTimersByTimeAsync(501);
    expect(times).toHaveLength(1);
  });

  it('handles the rows of other receivers while one receiver never answers', async () => {
    for (let id = 0; id < 50; id++) outbox.add(id, 0, 'silent');
    outbox.add(50, 1, 'lively');
    const handled: string[] = [];
    startWorker(
      async ({ receiver }, signal) => {
        handled.push(receiver);
        if (receiver === 'silent') await untilAborted(signal);
        return { type: 'done' };
      },
      { concurrency: 8, concurrencyPerReceiver: 3 },
    );
    await jest.advanceTimersByTimeAsync(1000);
    expect(handled.filter((receiver) => receiver === 'lively')).toHaveLength(1);
    expect(handled.filter((receiver) => receiver === 'silent').length).toBeLessThan(6);
  });

  it('polls immediately when it is woken', async () => {
    const times: number[] = [];
    const worker = startWorker(async () => {
      times.push(Date.now());
      return { type: 'done' };
    });
    await jest.advanceTimersByTimeAsync(100);
    outbox.add(0, 0);
    worker.wake();
    await jest.advanceTimersByTimeAsync(1);
    expect(times).toEqual([100]);
  });

  it('waits for attempts in flight when it stops, and aborts those that take longer than 2 s', async () => {
    outbox.add(0, 0);
    outbox.add(1, 0);
    const worker = startWorker(async ({ id }, signal) => {
      if (id === 0) await sleep(1500);
      else await untilAborted(signal);
      return { type: 'done' };
    });
    await jest.advanceTimersByTimeAsync(10);
    let isStopped = false;
    const stopped = worker.stop().then(() => (isStopped = true));
    await jest.advanceTimersByTimeAsync(1600);
    expect([outbox.rows.get(0)!.status, isStopped]).toEqual(['done', false]);
    await jest.advanceTimersByTimeAsync(500);
    expect(isStopped).toBe(true);
    expect(outbox.rows.get(1)).toMatchObject({ status: 'pending', attempts: 1 });
    await stopped;
    outbox.add(2, 0);
    await jest.advanceTimersByTimeAsync(5000);
    expect(outbox.rows.get(2)!.attempts).toBe(0);
  });

  it('retries a row after its lease has ended if the outcome could not be written', async () => {
    outbox.add(0, 0);
    jest.spyOn(outbox, 'apply').mockRejectedValueOnce(new Error('no database'));
    const times: number[] = [];
    startWorker(async () => {
      times.push(Date.now());
      return { type: 'done' };
    });
    await jest.advanceTimersByTimeAsync(leaseMs + 1000);
    expect(times).toHaveLength(2);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(leaseMs);
    expect(outbox.rows.get(0)!.status).toBe('done');
  });
});
