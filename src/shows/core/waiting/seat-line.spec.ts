import { describe, expect, it } from '@jest/globals';
import {
  bookingOf,
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
import { startAt } from '../../../../test/simulation/fixtures/small-show.js';
import {
  giveBack,
  offers,
  order,
  soldOut,
  strictRules,
  tinyShow,
  waiting,
} from '../../../../test/simulation/fixtures/tiny-hall.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { ShowState } from '../state/show-state.js';

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

  it('are held for the hold time, and the booking stores the line ticket', () => {
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

  it('are offered past a party that needs more seats, and that party keeps its place', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 3), joinLine('ben', 1), joinLine('cem', 1)], startAt + 1000);
    commitBatch(state, terms, giveBack(0, 6), startAt + 2000);
    expect(offers(state).map(([who]) => who)).toEqual(['ben', 'cem']);
    commitBatch(state, terms, giveBack(1, 2, 3), startAt + 3000);
    expect(offers(state).at(-1)).toEqual(['ann', [1, 2, 3]]);
  });

  it('are offered to a larger party, and not to smaller parties behind it, as soon as they are enough', () => {
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

  it('are offered to any waiter if only wheelchair places are free', () => {
    const terms = tinyShow();
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 1)], startAt + 1000);
    commitBatch(state, terms, giveBack(4), startAt + 2000);
    expect(offers(state)).toEqual([['ann', [4]]]);
  });

  it('are offered to a session only up to its limit, after which it cannot wait for more', () => {
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

  it('are offered to the line before another command of the same batch can take them', () => {
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

  it('are offered to the line before any command can take them if their hold has expired', () => {
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

  it('serves nobody before its first waiter', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 3), joinLine('ben', 1)], startAt + 1);
    commitBatch(state, terms, giveBack(0, 1), startAt + 2);
    expect(offers(state)).toEqual([]);
    commitBatch(state, terms, giveBack(2), startAt + 3);
    expect(offers(state)).toEqual([['ann', [0, 1, 2]]]);
  });

  it('lets no session outside the line reserve a seat if anybody waits', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 3)], startAt + 1);
    const batch = [...giveBack(0), reserveSeats([0], { sessionId: 'eve', bookingId: 'eves' })];
    const { outcomes } = commitBatch(state, terms, batch, startAt + 2);
    expect(refusalOf(outcomes[1])).toMatchObject({ code: 'SHOW_FULL', free: 1, canQueue: true });
  });

  it('serves the next waiter when its first waiter leaves', () => {
    const state = soldOut(terms);
    commitBatch(state, terms, [joinLine('ann', 3), joinLine('ben', 1)], startAt + 1);
    commitBatch(state, terms, giveBack(0), startAt + 2);
    commitBatch(state, terms, [reserveSeats([0], { sessionId: 'eve' }), leaveLine('ann')], startAt + 3);
    expect(offers(state)).toEqual([['ben', [0]]]);
  });

  it('serves the next waiter when the wait of its first waiter ends', () => {
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

  /** Returns a show in which seat 0 is offered to ann and ben waits for a seat. */
  function offered(): { state: ShowState; offer: BookingRecord } {
    const state = soldOut({ ...terms, holdMs: 1_000_000 });
    commitBatch(state, terms, [joinLine('ann'), joinLine('ben')], startAt + 1);
    commitBatch(state, terms, giveBack(0), startAt + 2);
    const offer = [...state.bookings.values()].find(({ sessionId }) => sessionId === 'ann');
    if (!offer) throw new Error('nothing was offered');
    return { state, offer };
  }

  it('goes to the next waiter when it lapses, and the waiter who let it lapse has left the line', () => {
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

  it('has a UUIDv7 with its time as its id, and gets the same id if the batch is decided again', () => {
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
