import { setImmediate } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { FairCalls } from './fair-calls.js';

const bounds = { runningMax: 2, waitingMax: 20, waitingPerOwnerMax: 15, subject: 'calls', retryAfterMs: 100 };

/** Starts calls that end only when the test says so. */
class HeldCalls {
  /** Names of the calls that have started. */
  readonly started: string[] = [];
  private readonly ends: (() => void)[] = [];

  constructor(private readonly calls: FairCalls) {}

  async run(owner: string, name = owner): Promise<void> {
    await this.calls.run(owner, () => {
      this.started.push(name);
      return new Promise<void>((resolve) => this.ends.push(resolve));
    });
  }

  /** Ends the oldest running call, and waits until the next one has started. */
  async endOne(): Promise<void> {
    this.ends.shift()?.();
    await setImmediate();
  }
}

it('runs two calls at once, and starts the next one when one of them ends', async () => {
  const held = new HeldCalls(new FairCalls(bounds));
  const calls = ['a', 'b', 'c'].map((name) => held.run('owner', name));
  await setImmediate();
  expect(held.started).toEqual(['a', 'b']);
  for (let count = 0; count < 3; count++) await held.endOne();
  await Promise.all(calls);
  expect(held.started).toEqual(['a', 'b', 'c']);
});

it('lets the owners take turns, so that an owner with many calls does not delay the others', async () => {
  const held = new HeldCalls(new FairCalls(bounds));
  const calls = Array.from({ length: 12 }, () => held.run('greedy'));
  calls.push(held.run('first'), held.run('first'), held.run('second'));
  await setImmediate();
  for (let count = 0; count < 7; count++) await held.endOne();
  expect(held.started.slice(0, 8)).toEqual([
    'greedy',
    'greedy',
    'greedy',
    'first',
    'second',
    'greedy',
    'first',
    'greedy',
  ]);
  for (let count = 0; count < 8; count++) await held.endOne();
  await Promise.all(calls);
});

it('refuses an owner with too many waiting calls, and then everybody if too many calls are waiting', async () => {
  const held = new HeldCalls(new FairCalls(bounds));
  const accepted = Array.from({ length: 17 }, () => held.run('greedy'));
  await setImmediate();
  await expect(held.run('greedy')).rejects.toMatchObject({ body: { code: 'RATE_LIMITED', retryAfterMs: 100 } });
  for (let count = 0; count < 5; count++) accepted.push(held.run(`other ${count}`));
  await expect(held.run('last')).rejects.toMatchObject({ body: { code: 'BUSY', retryAfterMs: 100 } });
  for (let count = 0; count < 22; count++) await held.endOne();
  await Promise.all(accepted);
});

it('starts the next call if a call fails', async () => {
  const calls = new FairCalls({ ...bounds, runningMax: 1 });
  const failed = calls.run('owner', () => Promise.reject(new Error('broken')));
  const next = calls.run('owner', () => Promise.resolve('done'));
  await expect(failed).rejects.toThrow('broken');
  expect(await next).toBe('done');
});
