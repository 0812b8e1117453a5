import { expect, it } from '@jest/globals';
import type { Booking, PaymentStatus } from '@usher/contract';
import { isNewer } from './booking-order.js';

const uuid = (n: number): string => `019ab3c4-5d6e-7f80-9a1b-${String(n).padStart(12, '0')}`;

const held = (version: number, ...payment: [number, PaymentStatus] | []) => ({
  bookingId: uuid(1),
  showId: 1,
  sessionId: uuid(99),
  status: 'reserved' as const,
  seats: [],
  total: { amount: 0, currency: 'EUR' },
  createdAt: '2026-11-27T08:00:00.000Z',
  expiresAt: '2026-11-27T08:05:00.000Z',
  substituted: false,
  version,
  ...(payment.length === 2 && { payment: { paymentId: uuid(payment[0]), status: payment[1], provider: 'sandbox' } }),
});

/** States of one booking, oldest first. */
const history: readonly Booking[] = [
  held(4),
  held(4, 11, 'pending'),
  { ...held(4, 11, 'pending'), expiresAt: '2026-11-27T08:07:00.000Z' },
  { ...held(4, 11, 'declined'), expiresAt: '2026-11-27T08:07:00.000Z' },
  { ...held(4, 12, 'pending'), expiresAt: '2026-11-27T08:07:00.000Z' },
  { ...held(4, 12, 'declined'), expiresAt: '2026-11-27T08:07:00.000Z' },
  { ...held(5, 11, 'refunding'), status: 'expired' },
  { ...held(5, 11, 'refunded'), status: 'expired' },
];

it('finds the newer of two states of a booking that is being paid, regardless of which one arrives first', () => {
  for (const [at, before] of history.entries()) {
    for (const [later, after] of history.entries())
      expect([at, later, isNewer(before, after)]).toEqual([at, later, later > at]);
  }
});
