import { describe, expect, it } from '@jest/globals';
import {
  bookingOf,
  callOff,
  commitBatch,
  emptyState,
  joinLine,
  refusalOf,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { digestOf } from '../../../../test/simulation/reference/digest.js';
import { ReferenceShow } from '../../../../test/simulation/reference/reference-show.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import type { Command } from '../commands/command.js';
import { decide } from '../decide/decide.js';
import { nextEntry } from '../log/log-entry.js';
import type { SaleTerms } from '../model/show-terms.js';

const terms = smallShow();
const block = (...seats: number[]): Command => ({ type: 'block', seats });
const unblock = (...seats: number[]): Command => ({ type: 'unblock', seats });
const changeTerms = (some: Partial<SaleTerms>): Command => ({ type: 'changeTerms', terms: some });

describe('blocking', () => {
  it('blocks all seats or none, makes one version per batch, and gives the same show when the log is replayed', () => {
    const state = emptyState(terms);
    const fold = new ReferenceShow(terms.layout.seatCount);
    const batches: Command[][] = [
      [block(0, 1), block(1, 2), reserveSeats([2]), reserveSeats([3])],
      [block(3, 4), unblock(0, 3, 4), unblock(0)],
    ];
    const outcomes = batches.map((commands, index) => {
      const decision = decide(state, terms, commands, startAt + index);
      fold.apply(nextEntry(state, decision.changes, startAt + index, index + 1));
      commitBatch(state, terms, commands, startAt + index);
      expect(digestOf(state)).toBe(fold.digest());
      return decision.outcomes;
    });
    expect(outcomes[0]!.map((outcome) => outcome.type)).toEqual(['seatsSet', 'seatsSet', 'refused', 'done']);
    expect(outcomes[0]!.slice(0, 2)).toMatchObject([{ version: 1 }, { version: 1 }]);
    expect(outcomes[1]).toMatchObject([
      { type: 'refused', error: { code: 'SEATS_TAKEN', seats: [3], alternative: null } },
      { type: 'seatsSet', version: 2 },
      { type: 'seatsSet', version: 2 },
    ]);
    expect(state.counts).toEqual({ free: 14, held: 1, sold: 0, blocked: 2 });
  });

  it('takes seats before the line gets them, but unblocked seats are offered to the line first', () => {
    const state = emptyState(terms);
    const all = Array.from({ length: terms.layout.seatCount }, (_, seat) => seat);
    commitBatch(state, terms, [block(...all), joinLine('bob', 2)], startAt);
    const { changes, outcomes } = commitBatch(state, terms, [unblock(5, 6), reserveSeats([5])], startAt + 1);
    expect(changes.map(({ type }) => type)).toEqual(['unblocked', 'reserved', 'offered']);
    expect(refusalOf(outcomes[1])).toMatchObject({ code: 'SEATS_TAKEN' });
    commitBatch(state, terms, [joinLine('eve', 1)], startAt + 2);
    const both = commitBatch(state, terms, [unblock(0), block(0)], startAt + 3);
    expect(both.changes.map(({ type }) => type)).toEqual(['unblocked', 'blocked']);
  });
});

describe('a change to the terms', () => {
  it('applies to the commands after it, even in the same batch, but not to earlier commands', () => {
    const state = emptyState(terms);
    const { outcomes, changes } = commitBatch(
      state,
      terms,
      [
        reserveSeats([0], { bookingId: 'a' }),
        changeTerms({ prices: { standard: 1, premium: 2 } }),
        changeTerms({ rules: { ...terms.rules, maxSeatsPerSession: 2 } }),
        reserveSeats([1], { bookingId: 'b' }),
        reserveSeats([2], { bookingId: 'c' }),
      ],
      startAt,
    );
    expect(bookingOf(outcomes[0]).amounts).toEqual([900]);
    expect(bookingOf(outcomes[3]).amounts).toEqual([1]);
    expect(refusalOf(outcomes[4])).toMatchObject({ code: 'HOLD_LIMIT', limit: 2 });
    const last = changes.findLast((change) => change.type === 'termsChanged');
    expect(last?.terms).toEqual({
      prices: { standard: 1, premium: 2 },
      currency: 'EUR',
      saleOpensAt: null,
      saleClosesAt: terms.saleClosesAt,
      rules: { ...terms.rules, maxSeatsPerSession: 2 },
      waitingRoom: null,
      protection: null,
      movieId: 1,
      hallId: 1,
      startsAt: terms.startsAt,
      endsAt: terms.endsAt,
    });
  });

  it('is refused if a tier has no price or the sale would not open before it closes', () => {
    const state = emptyState(terms);
    for (const [some, path] of [
      [{ prices: { standard: 1 } }, 'prices.premium'],
      [{ saleOpensAt: terms.saleClosesAt }, 'saleOpensAt'],
    ] as const) {
      const { outcomes, changes } = decide(state, terms, [changeTerms(some)], startAt);
      expect(refusalOf(outcomes[0])).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path }] });
      expect(changes).toEqual([]);
    }
  });

  it('ends all waits if it closes the sale', () => {
    const state = emptyState(terms);
    const all = Array.from({ length: terms.layout.seatCount }, (_, seat) => seat);
    commitBatch(state, terms, [block(...all), joinLine('bob')], startAt);
    const { changes } = commitBatch(state, terms, [changeTerms({ saleClosesAt: startAt })], startAt + 1);
    expect(changes).toMatchObject([{ type: 'termsChanged' }, { type: 'left', kind: 'expire', reason: 'saleClosed' }]);
  });
});

it('calling the show off ends all holds, even those of the same batch, and refuses new holds', () => {
  const state = emptyState(terms);
  commitBatch(state, terms, [reserveSeats([0, 1], { bookingId: 'a' })], startAt);
  const commands = [reserveSeats([2], { bookingId: 'b' }), callOff, reserveSeats([3], { bookingId: 'c' })];
  const { changes, outcomes } = commitBatch(state, terms, commands, startAt + 1);
  expect(changes).toMatchObject([
    { type: 'reserved' },
    { type: 'calledOff' },
    { type: 'ended', bookingId: 'a', status: 'released' },
    { type: 'ended', bookingId: 'b', status: 'released' },
  ]);
  expect(refusalOf(outcomes[2])).toMatchObject({ code: 'SALE_CLOSED' });
  expect(state.counts).toEqual({ free: terms.layout.seatCount, held: 0, sold: 0, blocked: 0 });
});

it('refuses a change of the currency if seats are held or sold', () => {
  const state = emptyState(terms);
  const toDollars = changeTerms({ currency: 'USD' });
  const { outcomes } = commitBatch(state, terms, [reserveSeats([0]), toDollars], startAt);
  expect(refusalOf(outcomes[1])).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'currency' }] });
  expect(decide(emptyState(terms), terms, [toDollars], startAt).outcomes[0]).toMatchObject({ type: 'done' });
});
