import { describe, expect, it } from '@jest/globals';
import type { Booking } from '@usher/contract';
import { knownBookingsMax, mergeBookings, parseBookingIds } from './known-bookings.js';

const booking = (bookingId: string, status: 'booked' | 'refunded'): Booking => ({
  bookingId,
  showId: 1,
  sessionId: 's',
  seats: [],
  total: { amount: 0, currency: 'EUR' },
  createdAt: '2026-11-23T20:15:00Z',
  substituted: false,
  version: 1,
  status,
  expiresAt: null,
});

describe('the bookings that a browser remembers', () => {
  it('are sorted newest first, contain each booking once, and are limited in number', () => {
    expect(mergeBookings(['a'], [booking('b', 'booked'), booking('a', 'booked')])).toEqual(['b', 'a']);
    const many = Array.from({ length: knownBookingsMax }, (_, index) => `${index}`);
    expect(mergeBookings(many, [booking('new', 'booked')])).toEqual(['new', ...many.slice(0, -1)]);
  });

  it('are returned as the same array if no booking is new', () => {
    const known = ['a', 'b'];
    expect(mergeBookings(known, [booking('b', 'booked')])).toBe(known);
  });

  it('exclude bookings that have ended', () => {
    expect(mergeBookings(['a', 'b'], [booking('a', 'refunded')])).toEqual(['b']);
  });

  it('are empty if the stored text is broken, and exclude stored values that are not texts', () => {
    expect(parseBookingIds(null)).toEqual([]);
    expect(parseBookingIds('{')).toEqual([]);
    expect(parseBookingIds('{"a":1}')).toEqual([]);
    expect(parseBookingIds('["a",7]')).toEqual(['a']);
  });
});
