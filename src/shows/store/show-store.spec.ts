import { expect, it } from '@jest/globals';
import {
  bookingOf,
  commitBatch,
  emptyState,
  release,
  reserveSeats,
} from '../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt } from '../../../test/simulation/fixtures/small-show.js';
import { decide } from '../core/decide/decide.js';
import { seatRowChanges } from './show-store.js';

const terms = smallShow();
const row = (seat: number, bookingId: string) => ({ seat, status: 1, bookingId });

function heldState() {
  const state = emptyState(terms);
  bookingOf(commitBatch(state, terms, [reserveSeats([0, 1])], startAt).outcomes[0]);
  return state;
}

it('inserts a row for a seat that had none, so that the primary key can refuse it', () => {
  const state = emptyState(terms);
  const { changes } = decide(state, terms, [reserveSeats([0, 1])], startAt);
  expect(seatRowChanges(state.seats, changes)).toEqual({
    inserted: [row(0, 'booking'), row(1, 'booking')],
    updated: [],
    deleted: [],
  });
});

it('deletes the row of a seat that is free again, and changes the row of one that went from hand to hand', () => {
  const state = heldState();
  const next = reserveSeats([1, 2], { bookingId: 'next', sessionId: 'ben' });
  const { changes } = decide(state, terms, [release('booking'), next], startAt);
  expect(seatRowChanges(state.seats, changes)).toEqual({
    inserted: [row(2, 'next')],
    updated: [row(1, 'next')],
    deleted: [0],
  });
});

it('writes no row of a seat that was free and is free again', () => {
  const state = emptyState(terms);
  const { changes } = decide(state, terms, [reserveSeats([5]), release('booking')], startAt);
  expect(seatRowChanges(state.seats, changes)).toEqual({ inserted: [], updated: [], deleted: [] });
});
