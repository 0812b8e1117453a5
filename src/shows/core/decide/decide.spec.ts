import { describe, expect, it } from '@jest/globals';
import { errorSchema, SeatStatus } from '@usher/contract';
import {
  bookingOf,
  commitBatch,
  emptyState,
  refusalOf,
  release,
  reserve,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import type { Command } from '../commands/command.js';
import { decide } from './decide.js';
import { untouched } from '../state/stored-show.fixture.js';
import { ShowState } from '../state/show-state.js';
import type { ShowTerms } from '../model/show-terms.js';

const holdMs = 10_000;

/** Decides batches one after another on an empty show. Returns the final state and the outcomes of the last batch. */
function after(terms: ShowTerms, ...batches: { at?: number; commands: Command[] }[]) {
  const state = emptyState(terms);
  let outcomes = decide(state, terms, [], startAt).outcomes;
  for (const { at, commands } of batches) outcomes = commitBatch(state, terms, commands, startAt + (at ?? 0)).outcomes;
  return { state, outcomes };
}

/** Decides one batch on an empty show. */
const batch = (terms: ShowTerms, ...commands: Command[]) => after(terms, { commands });

const soft: Partial<ShowTerms> = { rules: { singleSeatGap: 'soft', maxSeatsPerSession: null, strictLine: false } };

describe('a reservation of chosen seats', () => {
  it('holds the seats for the hold time, at the current prices and in the version that the batch makes', () => {
    const { outcomes, state } = batch(smallShow(), reserveSeats([7, 8]));
    expect(bookingOf(outcomes[0])).toEqual({
      bookingId: 'booking',
      sessionId: 'ann',
      source: null,
      status: 'reserved',
      seats: [7, 8],
      amounts: [900, 1250],
      currency: 'EUR',
      substituted: false,
      createdAt: startAt,
      expiresAt: startAt + holdMs,
      payment: null,
      firstExpiresAt: startAt + holdMs,
      firstVersion: 1,
      version: 1,
      usedKey: null,
      lineTicket: null,
      refundTerms: { startsAt: smallShow().startsAt, rule: { deadlineMinutes: 0, feeAmount: 0 } },
    });
    expect(state.counts).toEqual({ free: 15, held: 2, sold: 0, blocked: 0 });
  });

  it('holds all seats or none, and its refusal names the taken seats and similar free seats', () => {
    const { outcomes, state } = batch(
      smallShow(),
      reserveSeats([2]),
      reserveSeats([1, 2], { bookingId: 'second', sessionId: 'ben' }),
    );
    expect(refusalOf(outcomes[1])).toMatchObject({
      code: 'SEATS_TAKEN',
      detail: 'A3 is taken. Nothing was held.',
      seats: [2],
      alternative: [0, 1],
    });
    expect(errorSchema('SEATS_TAKEN').safeParse(refusalOf(outcomes[1])).success).toBe(true);
    expect(state.seats[1]).toBe(SeatStatus.free);
    expect(state.bookings.has('second')).toBe(false);
  });

  it('is refused without an alternative if no similar seats are free', () => {
    const premium = [8, 9, 10, 13, 14, 15, 16];
    const commands = premium.map((seat) => reserveSeats([seat], { bookingId: `${seat}`, sessionId: `of ${seat}` }));
    const { outcomes } = batch(smallShow(), ...commands, reserveSeats([8], { bookingId: 'last' }));
    expect(refusalOf(outcomes.at(-1))).toMatchObject({ code: 'SEATS_TAKEN', seats: [8], alternative: null });
  });

  it('gets the nearest similar seats if the buyer agreed, and the booking is marked as substituted', () => {
    const request = reserve({ seats: [1, 2], onConflict: 'alternative' }, { bookingId: 'second', sessionId: 'ben' });
    const booking = bookingOf(batch(smallShow(), reserveSeats([2]), request).outcomes[1]);
    expect(booking).toMatchObject({ seats: [0, 1], substituted: true });
    const free = bookingOf(batch(smallShow(), request).outcomes[0]);
    expect(free).toMatchObject({ seats: [1, 2], substituted: false });
  });

  it('is refused if a seat is blocked, as if the seat were taken', () => {
    const terms = smallShow();
    const stored = { ...untouched, blocked: [4] };
    const { outcomes } = decide(new ShowState(17, stored), terms, [reserveSeats([4])], startAt);
    expect(refusalOf(outcomes[0])).toMatchObject({ code: 'SEATS_TAKEN', seats: [4] });
  });

  it.each([
    ['an empty list of seats', []],
    ['more seats than the limit', [0, 1, 2, 3, 4]],
    ['the same seat twice', [1, 1]],
    ['a seat number after the last seat', [17]],
    ['a negative seat number', [-1]],
    ['a fractional seat number', [1.5]],
    ['NaN as the seat number', [Number.NaN]],
  ])('is refused with INVALID_SEATS for %s', (_, seats) => {
    const refusal = refusalOf(batch(smallShow({ seatsMax: 4 }), reserveSeats(seats)).outcomes[0]);
    expect(refusal).toMatchObject({ code: 'INVALID_SEATS', limit: 4 });
    expect(errorSchema('INVALID_SEATS').safeParse(refusal).success).toBe(true);
  });
});

describe('a reservation of the best seats', () => {
  it('gets adjacent seats of the requested tier', () => {
    const { seats } = bookingOf(batch(smallShow(), reserve({ best: { count: 3, tier: 'premium' } })).outcomes[0]);
    expect([
      [8, 9, 10],
      [13, 14, 15],
      [14, 15, 16],
    ]).toContainEqual(seats);
  });

  it('is refused with SHOW_FULL and the number of free seats in the tier if those are too few', () => {
    const refusal = refusalOf(batch(smallShow(), reserve({ best: { count: 8, tier: 'premium' } })).outcomes[0]);
    expect(refusal).toMatchObject({ code: 'SHOW_FULL', free: 7, canQueue: true });
    expect(errorSchema('SHOW_FULL').safeParse(refusal).success).toBe(true);
  });

  it.each([0, 11, -1])('is refused with INVALID_SEATS for a count of %d', (count) => {
    const refusal = refusalOf(batch(smallShow(), reserve({ best: { count } })).outcomes[0]);
    expect(refusal).toMatchObject({ code: 'INVALID_SEATS', limit: 10 });
  });

  it.each(['box', '__proto__', 'toString'])('is refused with INVALID_REQUEST if the show has no tier %s', (tier) => {
    const refusal = refusalOf(batch(smallShow(), reserve({ best: { count: 1, tier } })).outcomes[0]);
    expect(refusal).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'best.tier' }] });
  });
});

describe('a session', () => {
  const second = { bookingId: 'second' };

  it('holds at most ten seats, in one batch or in several, if the show sets no limit of its own', () => {
    const ten = reserveSeats([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const oneMore = reserveSeats([10], second);
    const refusal = { code: 'HOLD_LIMIT', limit: 10 };
    expect(refusalOf(batch(smallShow(), ten, oneMore).outcomes[1])).toMatchObject(refusal);
    const apart = after(smallShow(), { commands: [ten] }, { commands: [oneMore] });
    expect(refusalOf(apart.outcomes[0])).toMatchObject(refusal);
  });

  it('holds as many seats as the show’s own limit allows, even if one reservation may have more or fewer seats', () => {
    const rules = { singleSeatGap: 'off', strictLine: false } as const;
    const few = smallShow({ rules: { ...rules, maxSeatsPerSession: 2 } });
    const refusal = refusalOf(batch(few, reserveSeats([0, 1]), reserveSeats([2], second)).outcomes[1]);
    expect(refusal).toMatchObject({ code: 'HOLD_LIMIT', limit: 2 });
    const many = smallShow({ seatsMax: 2, rules: { ...rules, maxSeatsPerSession: 4 } });
    bookingOf(batch(many, reserveSeats([0, 1]), reserveSeats([2, 3], second)).outcomes[1]);
  });

  it('has a limit that does not count released seats, expired seats, or the seats of another session', () => {
    const rules = { singleSeatGap: 'off', maxSeatsPerSession: 2, strictLine: false } as const;
    const held = { commands: [reserveSeats([0, 1])] };
    const again = reserveSeats([2, 3], second);
    const ways = [
      after(smallShow({ rules }), held, { commands: [release('booking'), again] }),
      after(smallShow({ rules }), held, { at: holdMs, commands: [again] }),
      after(smallShow({ rules }), held, { commands: [{ ...again, sessionId: 'ben' }] }),
    ];
    for (const { outcomes } of ways) expect(bookingOf(outcomes.at(-1)).seats).toEqual([2, 3]);
  });
});

describe('a sale', () => {
  const opensAt = startAt;
  const closesAt = startAt + 1000;
  const terms = smallShow({ saleOpensAt: opensAt, saleClosesAt: closesAt });
  const outcomeAt = (at: number, other: Partial<ShowTerms> = {}) =>
    decide(emptyState(terms), { ...terms, ...other }, [reserveSeats([0])], at).outcomes[0];

  it('is open from its opening time until just before its closing time', () => {
    expect(bookingOf(outcomeAt(opensAt)).createdAt).toBe(opensAt);
    expect(bookingOf(outcomeAt(closesAt - 1)).createdAt).toBe(closesAt - 1);
  });

  it.each([
    ['before it opens', opensAt - 1, {}],
    ['at the moment when it closes', closesAt, {}],
    ['after the show is called off', opensAt, { calledOff: true }],
  ])('refuses a reservation %s, with SALE_CLOSED and the times of the sale', (_, at, other) => {
    const refusal = refusalOf(outcomeAt(at, other));
    expect(refusal).toMatchObject({
      code: 'SALE_CLOSED',
      opensAt: new Date(opensAt).toISOString(),
      closesAt: new Date(closesAt).toISOString(),
    });
    expect(errorSchema('SALE_CLOSED').safeParse(refusal).success).toBe(true);
  });

  it('still accepts releases after it has closed', () => {
    const { outcomes } = after(terms, { commands: [reserveSeats([0])] }, { at: 2000, commands: [release('booking')] });
    expect(bookingOf(outcomes[0]).status).toBe('released');
  });
});

describe('a choice that leaves a single-seat gap', () => {
  it('is refused if the show’s rule is soft, and the refusal suggests a choice without a gap', () => {
    const refusal = refusalOf(batch(smallShow(soft), reserveSeats([1, 2])).outcomes[0]);
    expect(refusal).toMatchObject({ code: 'SINGLE_SEAT_GAP', alternative: [2, 3] });
    expect(errorSchema('SINGLE_SEAT_GAP').safeParse(refusal).success).toBe(true);
  });

  it('is held if the rule is off', () => {
    expect(bookingOf(batch(smallShow(), reserveSeats([1, 2])).outcomes[0]).seats).toEqual([1, 2]);
  });

  it('is held if the buyer wants only one seat', () => {
    expect(bookingOf(batch(smallShow(soft), reserveSeats([1])).outcomes[0]).seats).toEqual([1]);
  });

  it('is held if every possible choice leaves a gap', () => {
    const commands = [
      reserveSeats([3, 4, 5, 6, 7], { sessionId: 'ben', bookingId: 'others' }),
      reserveSeats([12], { sessionId: 'cem', bookingId: 'companion' }),
    ];
    // Of the standard tier, only A1–A3 are still free. Any two adjacent seats of these leave the third one isolated.
    const { outcomes } = after(smallShow(soft), { commands }, { commands: [reserveSeats([0, 1])] });
    expect(bookingOf(outcomes[0]).seats).toEqual([0, 1]);
  });
});

describe('a release', () => {
  it('frees the seats for the next command of the same batch', () => {
    const { outcomes, state } = after(
      smallShow(),
      { commands: [reserveSeats([0, 1])] },
      { commands: [release('booking'), reserveSeats([1], { bookingId: 'second', sessionId: 'ben' })] },
    );
    expect(bookingOf(outcomes[0])).toMatchObject({ status: 'released', version: 2, firstVersion: 1 });
    expect(state.holders).toEqual(new Map([[1, 'second']]));
  });

  it('is answered with notLive and changes nothing if the booking no longer holds seats', () => {
    const commands = [release('booking'), release('booking'), release('never')];
    const { outcomes } = after(smallShow(), { commands: [reserveSeats([0])] }, { commands });
    expect(outcomes.map(({ type }) => type)).toEqual(['done', 'notLive', 'notLive']);
    const late = after(smallShow(), { commands: [reserveSeats([0])] }, { at: holdMs, commands: [release('booking')] });
    expect(late.outcomes).toEqual([{ type: 'notLive', bookingId: 'booking' }]);
  });
});

describe('a hold', () => {
  const tick = { type: 'tick' } as const;

  it('ends at expiresAt and not a millisecond earlier', () => {
    const held = { commands: [reserveSeats([0])] };
    const before = after(smallShow(), held, { at: holdMs - 1, commands: [tick] }).state;
    expect(before).toMatchObject({ version: 1, counts: { held: 1 } });
    const then = after(smallShow(), held, { at: holdMs, commands: [tick] }).state;
    expect(then).toMatchObject({ version: 2, counts: { held: 0, free: 17 } });
  });

  it('frees its seats for a command of the next batch after it has expired', () => {
    const next = reserveSeats([0, 1], { bookingId: 'second', sessionId: 'ben' });
    const { outcomes } = after(smallShow(), { commands: [reserveSeats([0])] }, { at: holdMs, commands: [next] });
    expect(bookingOf(outcomes[0]).seats).toEqual([0, 1]);
  });

  it('ends in any batch after its expiry, in the order of expiry if several holds are due', () => {
    const terms = smallShow();
    const state = emptyState(terms);
    commitBatch(state, terms, [reserveSeats([0], { bookingId: 'z' })], startAt);
    commitBatch(state, terms, [reserveSeats([1], { bookingId: 'b' })], startAt + 5);
    commitBatch(state, terms, [reserveSeats([2], { bookingId: 'a' })], startAt + 5);
    const { changes } = decide(state, terms, [release('never')], startAt + 5 + holdMs);
    expect(changes.map((change) => change.type === 'ended' && change.bookingId)).toEqual(['z', 'a', 'b']);
  });
});

describe('an idempotency key', () => {
  const usedKey = { key: 'once', bodyHash: 'same' };
  const first = reserveSeats([0], { usedKey });
  const again = reserveSeats([0], { usedKey, bookingId: 'second' });
  const other = reserveSeats([1], { usedKey: { key: 'once', bodyHash: 'other' }, bookingId: 'second' });
  const batches = [
    ['in the same batch', (command: Command) => batch(smallShow(), first, command).outcomes[1]],
    [
      'in a later batch',
      (command: Command) => after(smallShow(), { commands: [first] }, { commands: [command] }).outcomes[0],
    ],
    [
      'after its booking expired',
      (command: Command) => after(smallShow(), { commands: [first] }, { at: holdMs, commands: [command] }).outcomes[0],
    ],
  ] as const;

  it.each(batches)('returns its first booking if it is repeated with the same body %s', (_, outcomeOf) => {
    expect(outcomeOf(again)).toEqual({ type: 'repeated', bookingId: 'booking' });
  });

  it.each(batches)('is refused with KEY_REUSED if it is repeated with a different body %s', (_, outcomeOf) => {
    expect(refusalOf(outcomeOf(other))).toMatchObject({ code: 'KEY_REUSED' });
  });

  it('does not collide with the same key of another session', () => {
    const { outcomes } = batch(smallShow(), first, { ...other, sessionId: 'ben' });
    expect(bookingOf(outcomes[1]).bookingId).toBe('second');
  });

  it('can be used again after a refusal', () => {
    const taken = reserveSeats([0], { sessionId: 'ben', bookingId: 'taken' });
    const { outcomes } = batch(smallShow(), taken, first, release('taken', 'ben'), again);
    expect(outcomes[1]).toMatchObject({ type: 'refused' });
    expect(bookingOf(outcomes[3]).bookingId).toBe('second');
  });
});

it('decide leaves the state unchanged, so that nothing has to be undone if the commit of the batch fails', () => {
  const terms = smallShow();
  const { state } = after(terms, { commands: [reserveSeats([0]), reserveSeats([1], { bookingId: 'second' })] });
  const before = structuredClone(Object.assign({}, state, { due: null }));
  decide(state, terms, [release('booking'), reserveSeats([0], { bookingId: 'third' })], startAt + holdMs);
  expect(Object.assign({}, state, { due: null })).toEqual(before);
});
