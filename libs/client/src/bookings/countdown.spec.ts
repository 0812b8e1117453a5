import { expect, it } from '@jest/globals';
import type { Booking } from '@usher/contract';
import { secondsLeft } from './countdown.js';

const now = Date.parse('2026-11-23T18:30:00.000Z');
const booking = (status: 'reserved' | 'expired', expiresAt: string): Booking => ({
  bookingId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071',
  showId: 1,
  sessionId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072',
  status,
  seats: [],
  total: { amount: 0, currency: 'EUR' },
  createdAt: '2026-11-23T18:25:00.000Z',
  expiresAt,
  substituted: false,
  version: 1,
});

const at = (instant: string) => secondsLeft(booking('reserved', instant), now);

it('rounds up to whole seconds, and returns 0 only when the hold is over', () => {
  expect(at('2026-11-23T18:35:00.000Z')).toBe(300);
  expect(at('2026-11-23T18:30:00.001Z')).toBe(1);
  expect(at('2026-11-23T18:30:00.000Z')).toBe(0);
  expect(at('2026-11-23T18:29:00.000Z')).toBe(0);
});

it('returns null for a booking that is not held', () => {
  expect(secondsLeft(booking('expired', '2026-11-23T18:35:00.000Z'), now)).toBeNull();
});
