import { expect, it } from '@jest/globals';
import type { Booking } from '@usher/contract';
import { BookingList } from './booking-list.js';

const uuid = (n: number): string => `019ab3c4-5d6e-7f80-9a1b-${String(n).padStart(12, '0')}`;
const instant = (second: number): string => new Date(1_800_000_000_000 + second * 1000).toISOString();

const held = (n: number, version: number, status: 'reserved' | 'expired' | 'released' = 'reserved'): Booking => ({
  bookingId: uuid(n),
  showId: 1,
  sessionId: uuid(99),
  status,
  seats: [],
  total: { amount: 0, currency: 'EUR' },
  createdAt: instant(n),
  expiresAt: instant(n + 300),
  substituted: false,
  version,
});

const states = (list: BookingList): string[] =>
  list.items.map(({ bookingId, status }) => `${Number(bookingId.slice(-4))} ${status}`);

it('lists the newest booking first and keeps a booking that ended', () => {
  const list = new BookingList();
  list.put(held(1, 4));
  list.put(held(2, 5));
  list.put(held(1, 6, 'expired'));
  expect(states(list)).toEqual(['2 reserved', '1 expired']);
});

it('ignores a state of a booking that arrives after a newer state', () => {
  const list = new BookingList();
  list.put(held(1, 6, 'released'));
  const { items } = list;
  list.put(held(1, 4));
  list.put(held(1, 6, 'released'));
  expect(list.items).toBe(items);
});

it('applies the list of live bookings from the answer to a join, and returns the bookings that ended without a message', () => {
  const list = new BookingList();
  list.put(held(1, 4));
  list.put(held(2, 5));
  list.put(held(3, 6, 'released'));
  const ended = list.reconcile([held(2, 5), held(4, 8)], 9);
  expect(ended.map(({ bookingId }) => bookingId)).toEqual([uuid(1)]);
  expect(states(list)).toEqual(['4 reserved', '3 released', '2 reserved']);
});

it('keeps bookings that changed or ended after the server wrote the answer to the join', () => {
  const list = new BookingList();
  list.put(held(1, 10));
  list.put(held(2, 11, 'released'));
  expect(list.reconcile([held(2, 7)], 9)).toEqual([]);
  expect(states(list)).toEqual(['2 released', '1 reserved']);
});
