import { expect, it } from '@jest/globals';
import { readRetryAfterMs } from './retry-after.js';

const now = Date.parse('2026-11-24T10:00:00Z');

it.each([
  ['120', 120_000],
  ['Tue, 24 Nov 2026 10:00:30 GMT', 30_000],
  ['Tue, 24 Nov 2026 09:00:00 GMT', 0],
  ['99999999999', 3_600_000],
  ['soon', 0],
  ['-5', 0],
  [undefined, 0],
])('reads the header %s as %d ms', (header, waitMs) => {
  expect(readRetryAfterMs(header, now)).toBe(waitMs);
});
