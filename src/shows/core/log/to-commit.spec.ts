import { expect, it } from '@jest/globals';
import {
  bookingOf,
  commitBatch,
  emptyState,
  release,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import { decide } from '../decide/decide.js';
import type { ShowState } from '../state/show-state.js';
import { nextEntry } from './log-entry.js';
import type { ShowChange } from './show-change.js';
import { toCommit } from './to-commit.js';

const terms = smallShow();
const row = (seat: number, bookingId: string) => ({ seat, status: 1, bookingId });

const seatRowChanges = (before: ShowState, changes: readonly ShowChange[]) =>
  toCommit(terms.showId, before, nextEntry(before, changes, startAt, 1), { audit: [], linesDueAt: null }).seats;

function heldState() {
  const state = emptyState(terms);
  bookingOf(commitBatch(state, terms, [reserveSeats([0, 1])], startAt).outcomes[0]);
  return state;
}

it('inserts a row for a seat that had none, so that the primary key can refuse a seat that is taken twice', () => {
  const state = emptyState(terms);
  const { changes } = decide(state, terms, [reserveSeats([0, 1])], startAt);
  expect(seatRowChanges(state, changes)).toEqual({
    inserted: [row(0, 'booking'), row(1, 'booking')],
    updated: [],
    deleted: [],
  });
});

it('deletes the row of a freed seat, and updates the row of a seat that passes to another booking', () => {
  const state = heldState();
  const next = reserveSeats([1, 2], { bookingId: 'next', sessionId: 'ben' });
  const { changes } = decide(state, terms, [release('booking'), next], startAt);
  expect(seatRowChanges(state, changes)).toEqual({
    inserted: [row(2, 'next')],
    updated: [row(1, 'next')],
    deleted: [0],
  });
});

it('writes no row for a seat that was free before the commit and is free after it', () => {
  const state = emptyState(terms);
  const { changes } = decide(state, terms, [reserveSeats([5]), release('booking')], startAt);
  expect(seatRowChanges(state, changes)).toEqual({ inserted: [], updated: [], deleted: [] });
});
