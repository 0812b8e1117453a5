import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toRowChange } from './outcome.js';
import { backoffMs, type ExponentialBackoff, type RetryPolicy } from './retry-policy.js';

const exponential = fc.record<ExponentialBackoff>({
  by: fc.constant('attempts'),
  firstDelayMs: fc.integer({ min: 1, max: 60_000 }),
  delayMsMax: fc.option(fc.integer({ min: 60_000, max: 100_000_000 })),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempts = fc.integer({ min: 1, max: 32_767 });

/** Largest number of attempts after which three times the delay is still below 2^53. */
const exactAttemptsMax = 20;

const forever = (backoff: RetryPolicy['backoff']): RetryPolicy => ({ backoff, attemptsMax: null });
const failed = { type: 'failed', reason: '503' } as const;

describe('a backoff by attempts', () => {
  it('triples with every attempt until it reaches its limit, and jitter never shortens it', () => {
    fc.assert(
      fc.property(exponential, attempts, chance, (backoff, anyAttempt, random) => {
        // Without a limit, the delays of later attempts are too large for exact arithmetic.
        const attempt = backoff.delayMsMax === null ? Math.min(anyAttempt, exactAttemptsMax) : anyAttempt;
        const withoutJitter = (n: number) => backoffMs(forever(backoff), { attempts: n }, () => 0);
        const limit = backoff.delayMsMax ?? Infinity;
        expect(withoutJitter(1)).toBe(Math.min(limit, backoff.firstDelayMs));
        expect(withoutJitter(attempt + 1)).toBe(Math.min(limit, 3 * withoutJitter(attempt)));
        const delayMs = backoffMs(forever(backoff), { attempts: attempt }, () => random);
        expect(delayMs).toBeGreaterThanOrEqual(withoutJitter(attempt));
        expect(delayMs).toBeLessThanOrEqual(withoutJitter(attempt) * (1 + backoff.jitter));
      }),
    );
  });

  it('spreads the retries of rows that failed at the same time', () => {
    const policy = forever({ by: 'attempts', firstDelayMs: 1000, delayMsMax: null, jitter: 1 });
    const delays = [0, 0.25, 0.5, 0.75].map((random) => backoffMs(policy, { attempts: 2 }, () => random));
    expect(delays).toEqual([3000, 3750, 4500, 5250]);
  });
});

it('a backoff by age is a share of the age, within limits', () => {
  const policy = forever({ by: 'age', shareOfAge: 1 / 4, delayMsMin: 2000, delayMsMax: 60_000 });
  const delays = [0, 8000, 40_000, 240_000, 1_000_000].map((ageMs) =>
    backoffMs(policy, { attempts: 9, ageMs }, () => 1),
  );
  expect(delays).toEqual([2000, 2000, 10_000, 60_000, 60_000]);
});

describe('a failed attempt', () => {
  const policy: RetryPolicy = {
    backoff: { by: 'attempts', firstDelayMs: 1000, delayMsMax: 9000, jitter: 0 },
    attemptsMax: 4,
  };
  const change = (row: { attempts: number; msLeft?: number | null }, retryAfterMs?: number) =>
    toRowChange(policy, row, { ...failed, ...(retryAfterMs !== undefined && { retryAfterMs }) }, () => 0);

  it('postpones the row by the backoff', () => {
    expect(change({ attempts: 2 })).toEqual({ type: 'postponed', delayMs: 3000, reason: '503' });
  });

  it('postpones the row by the Retry-After of the receiver if that is longer', () => {
    expect(change({ attempts: 2 }, 3001)).toMatchObject({ type: 'postponed', delayMs: 3001 });
    expect(change({ attempts: 2 }, 10)).toMatchObject({ type: 'postponed', delayMs: 3000 });
  });

  it('abandons the row if it was the last attempt', () => {
    expect(change({ attempts: 3 })).toMatchObject({ type: 'postponed' });
    expect(change({ attempts: 4 })).toEqual({ type: 'abandoned', reason: '503' });
  });

  it('abandons the row if it expires before the next attempt', () => {
    expect(change({ attempts: 2, msLeft: 3001 })).toMatchObject({ type: 'postponed' });
    expect(change({ attempts: 2, msLeft: 3000 })).toMatchObject({ type: 'abandoned' });
    expect(change({ attempts: 2, msLeft: 60_000 }, 60_000)).toMatchObject({ type: 'abandoned' });
    expect(change({ attempts: 2, msLeft: null })).toMatchObject({ type: 'postponed' });
  });
});

it('a pending row is never abandoned but polled again, after its own delay or after the backoff', () => {
  const policy: RetryPolicy = {
    backoff: { by: 'attempts', firstDelayMs: 1000, delayMsMax: null, jitter: 0 },
    attemptsMax: 1,
  };
  const change = (delayMs?: number) =>
    toRowChange(
      policy,
      { attempts: 2, msLeft: 1 },
      { type: 'pending', ...(delayMs !== undefined && { delayMs }) },
      () => 0,
    );
  expect(change()).toEqual({ type: 'postponed', delayMs: 3000, reason: null });
  expect(change(500)).toEqual({ type: 'postponed', delayMs: 500, reason: null });
});

it.each(['refused', 'obsolete'] as const)('a row that is %s gets no further attempt', (type) => {
  const policy = forever({ by: 'attempts', firstDelayMs: 1000, delayMsMax: null, jitter: 0 });
  expect(toRowChange(policy, { attempts: 1 }, { type, reason: '410' })).toEqual({ type: 'abandoned', reason: '410' });
});
