import { describe, expect, it } from '@jest/globals';
import {
  bookingOf,
  callOff,
  commitBatch,
  emptyState,
  tick,
  joinLine,
  leaveLine,
  refusalOf,
  release,
  reserve,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt, tinyHallTerms } from '../../../../test/simulation/fixtures/small-show.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { Command } from '../commands/command.js';
import type { ShowState } from '../state/show-state.js';
import type { ShowTerms } from '../model/show-terms.js';

/**
 * A show of seven seats: A1–A2 (0, 1) standard, A3–A4 (2, 3) premium, B1 (4) wheelchair, B2 (5) its companion, B3 (6)
 * premium.
 */
const tinyShow = (other: Partial<ShowTerms> = {}): ShowTerms => smallShow({ ...tinyHallTerms, ...other });

const strictRules = { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: true } as const;

const order = (bookingId: string, seats: readonly number[]): Command =>
  reserveSeats(seats, { bookingId, sessionId: `buyer of ${bookingId}` });

/** A sold-out show with one booking per seat, `s0` to `s6`. */
function soldOut(terms: ShowTerms): ShowState {
  const state = emptyState(terms);
  const orders = Array.from({ length: 7 }, (_, seat) => order(`s${seat}`, [seat]));
  commitBatch(state, terms, orders, startAt);
  return state;
}

const giveBack = (...seats: readonly number[]): Command[] => seats.map((seat) => release(`s${seat}`));

/** Returns the seats that each session holds as an offer. */
const offers = (state: ShowState): [string, readonly number[]][] =>
  [...state.bookings.values()]
    .filter(({ lineTicket }) => lineTicket !== null)
    .map(({ sessionId, seats }) => [sessionId, seats]);

const waiting = (state: ShowState): string[] => [...state.lines.seats.inOrder()].map(({ sessionId }) => sessionId);

describe('seats that become free', () => {
  it('are offered to the waiter with the lowest line ticket in the same batch', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 2), joinLine('ben', 2)], startAt + 1000);
    const { changes } = commitBatch(state, terms, giveBack(0, 1), startAt + 2000);
    expect(changes.map(({ type }) => type)).toEqual(['ended', 'ended', 'reserved', 'offered']);
    expect(offers(state)).toEqual([['ann', [0, 1]]]);
    expect(waiting(state)).toEqual(['ben']);
  });

  it('are held for the hold time, and the booking has the line ticket', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann')], startAt + 1000);
    commitBatch(state, terms, giveBack(3), startAt + 2000);
    const offer = [...state.bookings.values()].find(({ sessionId }) => sessionId === 'ann');
    expect(offer).toMatchObject({
      lineTicket: 1,
      expiresAt: startAt + 2000 + terms.holdMs,
      amounts: [1250],
      usedKey: null,
    });
  });

  it('go past a party that is too large, and the party keeps its place', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 3), joinLine('ben', 1), joinLine('cem', 1)], startAt + 1000);
    commitBatch(state, terms, giveBack(0, 6), startAt + 2000);
    expect(offers(state).map(([who]) => who)).toEqual(['ben', 'cem']);
    commitBatch(state, terms, giveBack(1, 2, 3), startAt + 3000);
    expect(offers(state).at(-1)).toEqual(['ann', [1, 2, 3]]);
  });

  it('are not offered to smaller parties behind a larger party as soon as they are enough for it', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 2), joinLine('ben', 1)], startAt + 1000);
    commitBatch(state, terms, giveBack(0, 1), startAt + 2000);
    expect(offers(state)).toEqual([['ann', [0, 1]]]);
  });

  it('are offered to the waiter who asked for their tier or kind', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    const requests = [
      joinLine('ben', 1, { kind: 'wheelchair' }),
      joinLine('ann', 1, { tiers: ['standard'] }),
      joinLine('cem', 2, { tiers: ['premium'] }),
      joinLine('dia', 1, { tiers: ['premium', 'standard'] }),
    ];
    commitBatch(state, terms, requests, startAt + 1000);
    commitBatch(state, terms, giveBack(6), startAt + 2000);
    expect(offers(state)).toEqual([['dia', [6]]]);
    commitBatch(state, terms, giveBack(4), startAt + 3000);
    expect(offers(state).at(-1)).toEqual(['ben', [4]]);
    commitBatch(state, terms, giveBack(2, 3), startAt + 4000);
    expect(offers(state).at(-1)).toEqual(['cem', [2, 3]]);
    expect(waiting(state)).toEqual(['ann']);
  });

  it('are offered to anybody as wheelchair places if no other seats are free', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 1)], startAt + 1000);
    commitBatch(state, terms, giveBack(4), startAt + 2000);
    expect(offers(state)).toEqual([['ann', [4]]]);
  });

  it('go past a session that would exceed its limit, until it holds fewer seats', () => {
    const terms = tinyShow({ seatsMax: 2 });
    const state = emptyState(terms);
    // Three of seven seats are free. Ann is offered two, which is her limit, so she may not wait for more.
    commitBatch(state, terms, [order('a', [0, 1]), order('b', [2, 3])], startAt);
    commitBatch(state, terms, [joinLine('ann', 2), joinLine('ben', 2)], startAt + 1);
    expect(offers(state)).toEqual([['ann', [5, 6]]]);
    expect(waiting(state)).toEqual(['ben']);
    const again = commitBatch(state, terms, [joinLine('ann', 1)], startAt + 2);
    expect(refusalOf(again.outcomes[0])).toMatchObject({ code: 'HOLD_LIMIT', limit: 2 });
  });

  it('are offered to the first waiter as soon as its limit allows', () => {
    const terms = tinyShow({ seatsMax: 2 });
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 2), joinLine('ben', 1)], startAt + 1);
    // Ann is offered both freed seats. When she releases them, Ben is next.
    commitBatch(state, terms, [release('s6'), release('s5')], startAt + 2);
    expect(offers(state)).toEqual([['ann', [5, 6]]]);
    const [annas] = [...state.bookings.values()].filter(({ sessionId }) => sessionId === 'ann');
    commitBatch(state, terms, [joinLine('cem', 2), release(annas?.bookingId ?? '', 'ann')], startAt + 3);
    expect(offers(state)[0]?.[0]).toBe('ben');
  });

  it('go to the line before any command of the same batch', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 1)], startAt + 1);
    const batch = [...giveBack(0), reserveSeats([0], { sessionId: 'eve', bookingId: 'eves' })];
    const { outcomes } = commitBatch(state, terms, batch, startAt + 2);
    expect(refusalOf(outcomes[1])).toMatchObject({ code: 'SEATS_TAKEN', seats: [0] });
    expect(offers(state)).toEqual([['ann', [0]]]);
  });

  it('can be reserved by others if no waiter could use them', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 2)], startAt + 1);
    const batch = [...giveBack(0), reserveSeats([0], { sessionId: 'eve', bookingId: 'eves' })];
    const { outcomes } = commitBatch(state, terms, batch, startAt + 2);
    expect(bookingOf(outcomes[1])).toMatchObject({ sessionId: 'eve', seats: [0] });
  });

  it('go to the line before any command if their hold has expired', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 7)], startAt + 1);
    const eve = reserve({ best: { count: 1 } }, { sessionId: 'eve', bookingId: 'eves' });
    const { outcomes } = commitBatch(state, terms, [eve], startAt + terms.holdMs);
    expect(refusalOf(outcomes[0])).toMatchObject({ code: 'SHOW_FULL', free: 0 });
    expect(offers(state)).toEqual([['ann', [0, 1, 2, 3, 4, 5, 6]]]);
  });
});

describe('a strict line', () => {
  const terms = tinyShow({ rules: strictRules });

  it('serves nobody before its head', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 3), joinLine('ben', 1)], startAt + 1);
    commitBatch(state, terms, giveBack(0, 1), startAt + 2);
    expect(offers(state)).toEqual([]);
    commitBatch(state, terms, giveBack(2), startAt + 3);
    expect(offers(state)).toEqual([['ann', [0, 1, 2]]]);
  });

  it('gives no session outside it a seat while anybody waits', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 3)], startAt + 1);
    const batch = [...giveBack(0), reserveSeats([0], { sessionId: 'eve', bookingId: 'eves' })];
    const { outcomes } = commitBatch(state, terms, batch, startAt + 2);
    expect(refusalOf(outcomes[1])).toMatchObject({ code: 'SHOW_FULL', free: 1, canQueue: true });
  });

  it('serves the next waiter when its head leaves', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 3), joinLine('ben', 1)], startAt + 1);
    commitBatch(state, terms, giveBack(0), startAt + 2);
    commitBatch(state, terms, [reserveSeats([0], { sessionId: 'eve' }), leaveLine('ann')], startAt + 3);
    expect(offers(state)).toEqual([['ben', [0]]]);
  });

  it('serves the next waiter when the wait of its head ends', () => {
    const state = soldOut({ ...terms, holdMs: 1_000_000 });
    commitBatch(state, terms, [joinLine('ann', 3)], startAt + 1);
    commitBatch(state, terms, [...giveBack(0), joinLine('ben', 1)], startAt + 2);
    expect(offers(state)).toEqual([]);
    commitBatch(state, terms, [tick], startAt + 1 + terms.queueWaitMs);
    expect(offers(state)).toEqual([['ben', [0]]]);
  });
});

describe('an offer', () => {
  const terms = tinyShow();

  /** Seat 0 is offered to ann, and ben waits for it. */
  function offered(): { state: ShowState; offer: BookingRecord } {
    const state = soldOut({ ...terms, holdMs: 1_000_000 });
    commitBatch(state, terms, [joinLine('ann'), joinLine('ben')], startAt + 1);
    commitBatch(state, terms, giveBack(0), startAt + 2);
    const offer = [...state.bookings.values()].find(({ sessionId }) => sessionId === 'ann');
    if (!offer) throw new Error('nothing was offered');
    return { state, offer };
  }

  it('goes to the next waiter when it lapses, and the first waiter has left the line', () => {
    const { state, offer } = offered();
    const { changes } = commitBatch(state, terms, [tick], startAt + 2 + terms.holdMs);
    const [type, kind, reason] = ['left', 'lapse', 'offerLapsed'];
    expect(changes[1]).toEqual({ type, line: 'seats', lineTicket: 1, place: null, sessionId: 'ann', kind, reason });
    expect(offers(state)).toEqual([['ben', offer.seats]]);
    expect(waiting(state)).toEqual([]);
  });

  it('goes to the next waiter when it is declined', () => {
    const { state, offer } = offered();
    const { changes } = commitBatch(state, terms, [release(offer.bookingId)], startAt + 3);
    expect(changes[1]).toMatchObject({ type: 'left', lineTicket: 1, kind: 'leave', reason: null });
    expect(offers(state)).toEqual([['ben', offer.seats]]);
  });

  it('has a UUIDv7 of its time as its id, and the same id if the batch is decided again', () => {
    const names = () => {
      const state = soldOut(terms);
      const everybody = ['ann', 'ben', 'cem', 'dia', 'eve', 'fay', 'gus'].map((who) => joinLine(who));
      commitBatch(state, terms, everybody, startAt + 1);
      commitBatch(state, terms, giveBack(0, 1, 2), startAt + 2);
      commitBatch(state, terms, giveBack(3, 4, 5, 6), startAt + 2);
      return [...state.bookings.keys()];
    };
    const made = names();
    expect(names()).toEqual(made);
    expect(new Set(made).size).toBe(7);
    for (const name of made) {
      expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(name.replaceAll('-', '').slice(0, 12), 16)).toBe(startAt + 2);
    }
  });
});

describe('joining the seat line', () => {
  const terms = tinyShow();

  it('is followed by an offer at once if fitting seats are free', () => {
    const state = emptyState(terms);
    const { outcomes } = commitBatch(state, terms, [joinLine('ann', 2)], startAt);
    expect(outcomes[0]).toMatchObject({ type: 'inLine', waiter: { lineTicket: 1 }, at: { ahead: 0, waiting: 1 } });
    expect(offers(state)[0]?.[0]).toBe('ann');
  });

  it('again returns the place that the session has, whatever it asks for now', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 2), joinLine('ben', 1)], startAt);
    const { outcomes, changes } = commitBatch(state, terms, [joinLine('ben', 3)], startAt + 1);
    expect(outcomes[0]).toMatchObject({ waiter: { lineTicket: 2, partySize: 1 }, at: { ahead: 1 } });
    expect(changes).toEqual([]);
  });

  it('again with an impossible request is refused, and the session keeps its place', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 2)], startAt);
    const { outcomes, changes } = commitBatch(state, terms, [joinLine('ann', 1, { tiers: ['royal'] })], startAt + 1);
    expect(refusalOf(outcomes[0])).toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'tiers' }] });
    expect(changes).toEqual([]);
  });

  it.each<[string, Command, object]>([
    ['no seats', joinLine('ann', 0), { code: 'INVALID_SEATS' }],
    ['more seats than one reservation may have', joinLine('ann', 11), { code: 'INVALID_SEATS', limit: 10 }],
    ['more seats than the hall has', joinLine('ann', 8), { code: 'INVALID_REQUEST', issues: [{ path: 'partySize' }] }],
    ['more of a kind than the hall has', joinLine('ann', 2, { kind: 'wheelchair' }), { code: 'INVALID_REQUEST' }],
    [
      'an unknown tier',
      joinLine('ann', 1, { tiers: ['royal'] }),
      { code: 'INVALID_REQUEST', issues: [{ path: 'tiers' }] },
    ],
  ])('for %s is refused, and leaves the line untouched', (_, command, refusal) => {
    const state = soldOut(terms);
    const { outcomes, changes } = commitBatch(state, terms, [command], startAt + 1);
    expect(refusalOf(outcomes[0])).toMatchObject(refusal);
    expect(changes).toEqual([]);
  });

  it.each([
    ['before the sale', { saleOpensAt: startAt + 1000 }],
    ['after the sale', { saleClosesAt: startAt }],
    ['of a show that was called off', { calledOff: true }],
  ])('%s is refused', (_, other) => {
    const { outcomes } = commitBatch(emptyState(terms), tinyShow(other), [joinLine('ann')], startAt);
    expect(refusalOf(outcomes[0])).toMatchObject({ code: 'SALE_CLOSED' });
  });
});

describe('a wait ends', () => {
  const terms = tinyShow({ holdMs: 1_000_000, saleClosesAt: startAt + 30_000 });

  it('after the maximum time and not before', () => {
    const state = soldOut(terms);
    const patient = { ...terms, queueWaitMs: 20_000 };
    commitBatch(state, patient, [joinLine('ann')], startAt + 1);
    expect(commitBatch(state, patient, [tick], startAt + 20_000).changes).toEqual([]);
    const { changes } = commitBatch(state, patient, [tick], startAt + 20_001);
    expect(changes).toMatchObject([{ type: 'left', sessionId: 'ann', kind: 'expire', reason: 'maxWait' }]);
  });

  it('for all waiters when the sale ends', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann'), joinLine('ben')], startAt + 1);
    const { changes } = commitBatch(state, terms, [tick], startAt + 30_000);
    expect(changes).toMatchObject([
      { sessionId: 'ann', kind: 'expire', reason: 'saleClosed' },
      { sessionId: 'ben', kind: 'expire', reason: 'saleClosed' },
    ]);
  });

  it('for all waiters when the show is called off, and nobody is offered the freed seats', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann'), joinLine('ben')], startAt + 1);
    commitBatch(state, terms, [callOff, ...giveBack(0, 1)], startAt + 2);
    expect(waiting(state)).toEqual([]);
    expect(offers(state)).toEqual([]);
  });

  it('in several batches if many wait at the end of the sale, and no waiter gets an offer in between', () => {
    const state = soldOut(terms);
    const many = Array.from({ length: 10_005 }, (_, nth) => joinLine(`session-${nth}`));
    const quick = { ...terms, signReceipt: () => 'receipt' };
    commitBatch(state, quick, many, startAt + 1);
    commitBatch(state, quick, giveBack(0, 1), startAt + 30_000);
    expect(state.lines.seats.waiting).toBeGreaterThan(0);
    let hasMoreWork = true;
    while (hasMoreWork) ({ hasMoreWork } = commitBatch(state, quick, [tick], startAt + 30_000));
    expect(waiting(state)).toEqual([]);
    expect(offers(state)).toEqual([]);
  });
});
