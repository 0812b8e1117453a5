import { expect, it } from '@jest/globals';
import { createErrorBody } from '@usher/contract';
import { UsherError } from './errors.js';
import { backOff, retryDelay } from './retry.js';

it('waits at least as long as a busy server asks, and not everyone equally long', () => {
  const busy = UsherError.of(createErrorBody('BUSY', 'busy', { retryAfterMs: 200 }));
  const limited = UsherError.of(createErrorBody('RATE_LIMITED', 'slow down', { retryAfterMs: 200 }));
  expect([retryDelay(busy, 0, 0), retryDelay(busy, 3, 1), retryDelay(limited, 0, 0.5)]).toEqual([200, 300, 250]);
});

it('never sends again in a hot loop', () => {
  const failures = [
    UsherError.of(createErrorBody('BUSY', 'busy', { retryAfterMs: 0 })),
    UsherError.of(createErrorBody('UNAUTHENTICATED', 'who?', {})),
    UsherError.network('lost'),
    UsherError.timeout('late'),
  ];
  for (const failure of failures) expect(retryDelay(failure, 0, 0)).toBeGreaterThanOrEqual(50);
});

it("takes any other refusal for the server's last word", () => {
  const taken = UsherError.of(createErrorBody('SEATS_TAKEN', 'taken', { seats: [1], alternative: null }));
  const broken = UsherError.of(createErrorBody('INTERNAL', 'broke', { traceId: 'x' }));
  expect([retryDelay(taken, 0), retryDelay(broken, 0)]).toEqual([null, null]);
});

it('doubles its pause up to the longest, half of it by chance', () => {
  expect([0, 1, 2, 3, 50, 5000].map((attempt) => backOff(attempt, 100, 700, 0))).toEqual([50, 100, 200, 350, 350, 350]);
  expect([0, 1, 2, 3].map((attempt) => backOff(attempt, 100, 700, 1))).toEqual([100, 200, 400, 700]);
});
