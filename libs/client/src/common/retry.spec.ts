import { expect, it } from '@jest/globals';
import { createErrorBody } from '@usher/contract';
import { UsherError } from './errors.js';
import { backoffMs, retryDelayMs } from './retry.js';

it('waits as long as a busy server asks, plus a random share of that time', () => {
  const busy = UsherError.of(createErrorBody('BUSY', 'busy', { retryAfterMs: 200 }));
  const limited = UsherError.of(createErrorBody('RATE_LIMITED', 'slow down', { retryAfterMs: 200 }));
  expect([retryDelayMs(busy, 0, 0), retryDelayMs(busy, 3, 1), retryDelayMs(limited, 0, 0.5)]).toEqual([200, 300, 250]);
});

it('waits at least 50 ms before every retry', () => {
  const failures = [
    UsherError.of(createErrorBody('BUSY', 'busy', { retryAfterMs: 0 })),
    UsherError.of(createErrorBody('UNAUTHENTICATED', 'no session', {})),
    UsherError.network('lost'),
    UsherError.timeout('late'),
  ];
  for (const failure of failures) expect(retryDelayMs(failure, 0, 0)).toBeGreaterThanOrEqual(50);
});

it('does not retry after SEATS_TAKEN or INTERNAL', () => {
  const taken = UsherError.of(createErrorBody('SEATS_TAKEN', 'taken', { seats: [1], alternative: null }));
  const broken = UsherError.of(createErrorBody('INTERNAL', 'broke', { traceId: 'x' }));
  expect([retryDelayMs(taken, 0), retryDelayMs(broken, 0)]).toEqual([null, null]);
});

it('doubles the delay with each attempt up to the maximum, and makes half of the delay random', () => {
  expect([0, 1, 2, 3, 50, 5000].map((attempt) => backoffMs(attempt, 100, 700, 0))).toEqual([
    50, 100, 200, 350, 350, 350,
  ]);
  expect([0, 1, 2, 3].map((attempt) => backoffMs(attempt, 100, 700, 1))).toEqual([100, 200, 400, 700]);
});
