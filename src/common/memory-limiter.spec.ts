import { expect, it } from '@jest/globals';
import { testRuns } from '../../test/support/plain/test-runs.js';
import { MemoryLimiter } from './memory-limiter.js';

it('refuses calls beyond the budget, returns the time until the next point, and counts keys separately', async () => {
  const limiter = new MemoryLimiter({ points: 2, seconds: 60 });
  expect([await limiter.take('a'), await limiter.take('a')]).toEqual([0, 0]);
  const waitMs = await limiter.take('a');
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(60_000);
  expect(await limiter.waitMs('a')).toBeGreaterThan(0);
  expect(await limiter.take('b')).toBe(0);
  expect(await limiter.waitMs('b')).toBe(0);
});

it('starts a new window when the old one has ended', async () => {
  const limiter = new MemoryLimiter({ points: 1, seconds: 0.001 });
  expect(await limiter.take('a')).toBe(0);
  const start = Date.now();
  while (Date.now() < start + 2);
  expect(await limiter.take('a')).toBe(0);
});

it('remembers only the newest thousand keys', async () => {
  const limiter = new MemoryLimiter({ points: 1, seconds: 3600 }, 1000);
  const keys = testRuns({ short: 20_000, long: 1_000_000 });
  for (let key = 0; key < keys; key++) await limiter.take(`2001:db8:0:${key}::`);
  expect(limiter.size).toBe(1000);
  expect(await limiter.take(`2001:db8:0:${keys - 1}::`)).toBeGreaterThan(0);
});
