import { describe, expect, it } from '@jest/globals';
import {
  bookingOf,
  commitBatch,
  emptyState,
  release,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { digestOf } from '../../../../test/simulation/reference/digest.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import { decide } from '../decide/decide.js';
import { seatStatuses, toSeatChange } from '../log/seat-diff.js';
import { applyEntry } from '../log/apply-entry.js';
import { keyMemoryMs } from '../model/key-use.js';
import { ShowState } from './show-state.js';
import { untouched } from './stored-show.fixture.js';

const terms = smallShow();
const held = reserveSeats([3, 4], { usedKey: { key: 'once', bodyHash: 'hash' } });

/** Returns the state of a show with one booking, and the booking itself. */
function withBooking() {
  const state = emptyState(terms);
  const booking = bookingOf(commitBatch(state, terms, [held], startAt).outcomes[0]);
  return { state, booking };
}

const entry = { seq: 2, commitId: 22, version: 2, at: startAt };

describe('a state read from the tables', () => {
  it('equals the state that results from replaying the log', () => {
    const { state, booking } = withBooking();
    const use = { bodyHash: 'hash', bookingId: 'booking', place: null, createdAt: startAt };
    const keys = [{ sessionId: 'ann', key: 'once', use }];
    const loaded = new ShowState(17, { ...untouched, seq: 1, version: 1, liveBookings: [booking], keys });
    expect(digestOf(loaded)).toBe(digestOf(state));
  });

  it('contains the sold and the blocked seats, and sold seats never expire', () => {
    const booking = { ...withBooking().booking, status: 'booked' as const, expiresAt: null };
    const state = new ShowState(17, { ...untouched, seq: 9, version: 7, liveBookings: [booking], blocked: [0] });
    expect(state.counts).toEqual({ free: 14, held: 0, sold: 2, blocked: 1 });
    expect(state.seats.slice(0, 5)).toEqual(Uint8Array.of(3, 0, 0, 2, 2));
    expect([...state.due.endingBy(Infinity)]).toEqual([]);
  });
});

describe('an entry of the log', () => {
  it('is applied only if it comes directly after the state', () => {
    const { state } = withBooking();
    expect(() => applyEntry(state, { ...entry, seq: 1, changes: [] })).toThrow('log entry 1 does not follow 1');
    expect(() => applyEntry(state, { ...entry, seq: 3, changes: [] })).toThrow('log entry 3 does not follow 1');
  });

  it('is refused if it ends a booking that is not live, because then the log does not match the state', () => {
    const changes = [{ type: 'ended', bookingId: 'never', status: 'released', seats: [0] }] as const;
    expect(() => applyEntry(withBooking().state, { ...entry, changes })).toThrow('booking never, which is not live');
  });

  it('removes all data of a booking that it ends, except for the idempotency key', () => {
    const { state, booking } = withBooking();
    const changes = [{ type: 'ended', bookingId: 'booking', status: 'released', seats: booking.seats }] as const;
    applyEntry(state, { ...entry, changes });
    const { seq, commitId, version, keys } = state;
    const fields = Object.assign({}, state, { due: [...state.due.endingBy(Infinity)] });
    expect(fields).toEqual(Object.assign({}, emptyState(terms), { seq, commitId, version, keys, due: [] }));
    expect(keys.size).toBe(1);
  });

  it('gives the bookings in their form after each change, including a booking that it both makes and ends', () => {
    const { state, booking } = withBooking();
    const second = { ...booking, bookingId: 'second', seats: [0], version: 2 };
    const changed = applyEntry(state, {
      ...entry,
      changes: [
        { type: 'ended', bookingId: 'booking', status: 'expired', seats: [3, 4] },
        { type: 'reserved', booking: second },
        { type: 'ended', bookingId: 'second', status: 'released', seats: [0] },
      ],
    });
    expect(changed).toEqual([
      { ...booking, status: 'expired', version: 2 },
      second,
      { ...second, status: 'released', version: 2 },
    ]);
  });

  it('gives a diff with the last status of each seat', () => {
    const { state } = withBooking();
    const { changes } = decide(state, terms, [release('booking'), reserveSeats([4], { bookingId: 'next' })], startAt);
    expect(toSeatChange(2, seatStatuses(changes))).toEqual({ version: 2, free: [3], held: [4] });
  });
});

it('forgets idempotency keys that are older than a day when it stores the next key', () => {
  const { state } = withBooking();
  const keyed = (key: string) => reserveSeats([0], { bookingId: key, usedKey: { key, bodyHash: 'hash' } });
  commitBatch(state, smallShow({ saleClosesAt: Infinity }), [keyed('later')], startAt + keyMemoryMs - 1);
  expect([...state.keys.keys()]).toEqual(['ann once', 'ann later']);
  commitBatch(state, smallShow({ saleClosesAt: Infinity }), [keyed('last')], startAt + 2 * keyMemoryMs - 2);
  expect([...state.keys.keys()]).toEqual(['ann later', 'ann last']);
});

it('liveBookingsOf lists only the session’s own bookings that hold seats, oldest first', () => {
  const { state, booking } = withBooking();
  const commands = [reserveSeats([0], { bookingId: 'b' }), reserveSeats([1], { bookingId: 'c', sessionId: 'ben' })];
  commitBatch(state, terms, commands, startAt + 1);
  expect(state.liveBookingsOf('ann').map(({ bookingId }) => bookingId)).toEqual([booking.bookingId, 'b']);
  expect(state.liveBookingsOf('eve')).toEqual([]);
});
