import { describe, expect, it } from '@jest/globals';
import {
  bookingOf,
  callOff,
  commitBatch,
  emptyState,
  enter,
  tick,
  joinLine,
  leaveLine,
  refusalOf,
  reserveSeats,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt, tinyHallTerms } from '../../../../test/simulation/fixtures/small-show.js';
import type { Command } from '../commands/command.js';
import type { ShowState } from '../state/show-state.js';
import type { ShowTerms, WaitingRoom } from '../model/show-terms.js';
import { hasLineWork, isMetered } from './entry-line.js';
import { isShuffleDue } from './lobby.js';

const room: WaitingRoom = { mode: 'on', maxShoppers: 2, admitPerMinute: null, shopMs: 600_000 };

const meteredShow = (other: Partial<WaitingRoom> = {}, terms: Partial<ShowTerms> = {}): ShowTerms =>
  smallShow({ waitingRoom: { ...room, ...other }, queueWaitMs: 1_000_000, ...terms });

const inside = (state: ShowState): string[] => [...state.stays.bySession.keys()];

const inLine = (state: ShowState): string[] => [...state.lines.entry.inOrder()].map(({ sessionId }) => sessionId);

const names = (count: number): string[] => Array.from({ length: count }, (_, nth) => `visitor-${nth + 1}`);

const stay = (sessionId: string, state: ShowState, appeared: boolean): Command => {
  const admittedAt = state.stays.bySession.get(sessionId)?.admittedAt ?? 0;
  return { type: 'endStays', sessions: [{ sessionId, admittedAt, appeared }] };
};

describe('a waiting room in mode on', () => {
  it('admits sessions in the order of their arrival as long as there is room, and makes the others wait', () => {
    const terms = meteredShow();
    const state = emptyState(terms);
    const { outcomes } = commitBatch(state, terms, names(4).map(enter), startAt);
    expect(outcomes.map(({ type }) => type)).toEqual(['entered', 'entered', 'inLine', 'inLine']);
    expect(inside(state)).toEqual(['visitor-1', 'visitor-2']);
    expect(inLine(state)).toEqual(['visitor-3', 'visitor-4']);
    expect(outcomes[3]).toMatchObject({ waiter: { lineTicket: 4, place: 4 }, at: { ahead: 1, waiting: 2 } });
  });

  it('admits the next waiter when a session leaves, is disconnected, or reaches the end of its stay', () => {
    const terms = meteredShow();
    const state = emptyState(terms);
    commitBatch(state, terms, names(5).map(enter), startAt);
    commitBatch(state, terms, [leaveLine('visitor-1')], startAt + 1);
    expect(inside(state)).toEqual(['visitor-2', 'visitor-3']);
    commitBatch(state, terms, [stay('visitor-2', state, true)], startAt + 2);
    expect(inside(state)).toEqual(['visitor-3', 'visitor-4']);
    commitBatch(state, terms, [tick], startAt + 600_001);
    expect(inside(state)).toEqual(['visitor-4', 'visitor-5']);
  });

  it('admits the next waiter if an admitted session never connects, and records the lapse in the chain', () => {
    const terms = meteredShow({ maxShoppers: 1 });
    const state = emptyState(terms);
    commitBatch(state, terms, names(3).map(enter), startAt);
    commitBatch(state, terms, [leaveLine('visitor-1')], startAt + 1);
    const { changes } = commitBatch(state, terms, [stay('visitor-2', state, false)], startAt + 30_001);
    expect(changes).toMatchObject([
      { type: 'stayEnded', sessionId: 'visitor-2' },
      { type: 'left', line: 'entry', lineTicket: 2, kind: 'lapse', reason: 'offerLapsed' },
      { type: 'entered', stay: { sessionId: 'visitor-3', lineTicket: 3 } },
    ]);
  });

  it('ends the stay of a buyer who has paid, and admits the next waiter', () => {
    const terms = meteredShow({ maxShoppers: 1 });
    const state = emptyState(terms);
    const order = reserveSeats([0, 1], { sessionId: 'ann', bookingId: 'hers' });
    const { outcomes } = commitBatch(state, terms, [enter('ann'), enter('ben'), order], startAt);
    const booking = bookingOf(outcomes[2]);
    const captured = { amount: booking.amounts.reduce((sum, amount) => sum + amount, 0), currency: booking.currency };
    const payment = { paymentId: 'p1', provider: 'sandbox' };
    commitBatch(state, terms, [{ type: 'book', booking, payment, captured, onConflict: 'refuse' }], startAt + 1);
    expect(state.bookings.get('hers')?.status).toBe('booked');
    expect(inside(state)).toEqual(['ben']);
  });

  it('ends only the stay that the command names', () => {
    const terms = meteredShow({ maxShoppers: 1 });
    const state = emptyState(terms);
    commitBatch(state, terms, [enter('ann')], startAt);
    const old = stay('ann', state, true);
    commitBatch(state, terms, [leaveLine('ann'), enter('ann')], startAt + 1);
    expect(commitBatch(state, terms, [old], startAt + 2).changes).toEqual([]);
    expect(inside(state)).toEqual(['ann']);
  });

  it('refuses a reservation by a session that has not been admitted, and returns its place in line', () => {
    const terms = meteredShow({ maxShoppers: 1 });
    const state = emptyState(terms);
    const orderOf = (sessionId: string) => reserveSeats([0], { sessionId, bookingId: sessionId });
    commitBatch(state, terms, [enter('ann'), enter('ben')], startAt);
    const { outcomes } = commitBatch(state, terms, ['ben', 'cem', 'ann'].map(orderOf), startAt + 1);
    expect(outcomes[0]).toMatchObject({ type: 'notAdmitted', waiter: { sessionId: 'ben', lineTicket: 2 } });
    expect(outcomes[1]).toEqual({ type: 'notAdmitted', waiter: null });
    expect(bookingOf(outcomes[2]).sessionId).toBe('ann');
  });

  /**
   * Returns a show in which Ann has been admitted. Ben, Cem and Dia wait in this order: Cem for two people, the others
   * for one.
   *
   * @param unsold the number of unsold seats, out of seven
   */
  function almostSoldOut(terms: ShowTerms, unsold: number): ShowState {
    const state = emptyState(terms);
    commitBatch(state, terms, [enter('ann'), joinLine('ben'), joinLine('cem', 2), joinLine('dia')], startAt);
    return Object.assign(state, {
      seats: state.seats.slice().fill(2, unsold),
      counts: { free: unsold, held: 0, sold: 7 - unsold, blocked: 0 },
    });
  }

  it('ends the wait of parties that are larger than the number of unsold seats, and admits the next waiters', () => {
    const terms = meteredShow({ maxShoppers: 1 }, tinyHallTerms);
    const state = almostSoldOut(terms, 1);
    commitBatch(state, terms, [leaveLine('ann')], startAt + 1);
    // Cem's wait ends as soon as Cem is first in line.
    expect([inside(state), inLine(state)]).toEqual([['ben'], ['dia']]);
    expect(state.waitersBySession.has('cem')).toBe(false);
    const { changes } = commitBatch(state, terms, [leaveLine('ben')], startAt + 2);
    expect(changes.slice(1)).toMatchObject([{ type: 'entered', stay: { sessionId: 'dia' } }]);
  });

  it('ends all waits when every seat is sold', () => {
    const terms = meteredShow({ maxShoppers: 1 }, tinyHallTerms);
    const state = almostSoldOut(terms, 0);
    expect(hasLineWork(state, terms, startAt + 1)).toBe(true);
    const { changes } = commitBatch(state, terms, [tick], startAt + 1);
    expect(changes).toMatchObject([{ sessionId: 'ben' }, { sessionId: 'cem' }, { sessionId: 'dia' }]);
    expect(changes.map((change) => change.type === 'left' && change.reason)).toEqual(Array(3).fill('cannotBeServed'));
    expect(hasLineWork(state, terms, startAt + 2)).toBe(false);
  });
});

describe('the pace of admissions', () => {
  it('has a limit per minute, and a sixtieth of it as the limit per second', () => {
    const terms = meteredShow({ maxShoppers: 1000, admitPerMinute: 120 });
    const state = emptyState(terms);
    const admitted = (at: number, ...commands: Command[]) => {
      const before = state.stays.bySession.size;
      commitBatch(state, terms, commands, startAt + at);
      return state.stays.bySession.size - before;
    };
    expect(admitted(0, ...names(300).map(enter))).toBe(2);
    expect(admitted(999, tick)).toBe(0);
    expect(admitted(1000, tick)).toBe(2);
    // After 29 s without a tick, the admissions that were missed do not all happen at once.
    expect(admitted(30_000, tick)).toBe(2);
    let inMinute = 6;
    for (let at = 31_000; at < 60_000; at += 500) inMinute += admitted(at, tick);
    expect(inMinute).toBe(64);
  });

  it('is limited in every period of one minute, and counts sessions that left immediately', () => {
    const terms = meteredShow({ maxShoppers: 1000, admitPerMinute: 3 });
    const state = emptyState(terms);
    const admitted: number[] = [];
    const [first, ...others] = names(40);
    commitBatch(state, terms, [enter(first!), leaveLine(first!), ...others.map(enter)], startAt);
    admitted.push(...state.stays.admissions);
    for (let at = 500; at < 200_000; at += 500) {
      const { changes } = commitBatch(state, terms, [tick], startAt + at);
      for (const { type } of changes) if (type === 'entered') admitted.push(startAt + at);
    }
    const inMinuteOf = (at: number) => admitted.filter((one) => one > at - 60_000 && one <= at).length;
    expect(Math.max(...admitted.map(inMinuteOf))).toBe(3);
    expect(Math.max(...admitted.map((at) => admitted.filter((one) => one > at - 1000 && one <= at).length))).toBe(1);
    expect(admitted.length).toBeGreaterThanOrEqual(10);
  });
});

describe('a waiting room in mode auto', () => {
  const terms = meteredShow({ mode: 'auto' });

  it('makes sessions wait only from the moment when it is full until its line is empty', () => {
    const state = emptyState(terms);
    expect(isMetered(state, terms, startAt)).toBe(false);
    const { changes } = commitBatch(state, terms, [enter('ann'), enter('ben'), enter('cem')], startAt);
    expect(changes.map(({ type }) => type)).toEqual(['entered', 'entered', 'joined']);
    expect(isMetered(state, terms, startAt)).toBe(true);
    commitBatch(state, terms, [leaveLine('ann'), leaveLine('ben')], startAt + 1);
    expect(inside(state)).toEqual(['cem']);
    expect(isMetered(state, terms, startAt + 1)).toBe(false);
  });

  it('lets no session overtake the line if any session waits', () => {
    const state = emptyState({ ...terms, waitingRoom: { ...room, mode: 'auto', admitPerMinute: 1 } });
    const slow = meteredShow({ mode: 'auto', admitPerMinute: 1 });
    commitBatch(state, slow, [enter('ann'), enter('ben'), enter('cem'), leaveLine('ann')], startAt);
    // There is room for one session, but the pace does not admit it yet.
    expect([inside(state), inLine(state)]).toEqual([['ben'], ['cem']]);
    const { outcomes } = commitBatch(state, slow, [enter('dia'), reserveSeats([0], { sessionId: 'eve' })], startAt + 1);
    expect(outcomes.map(({ type }) => type)).toEqual(['inLine', 'notAdmitted']);
  });

  it('admits a session that reserves if there is room', () => {
    const state = emptyState(terms);
    const { changes } = commitBatch(state, terms, [reserveSeats([0], { sessionId: 'ann' })], startAt);
    expect(changes.map(({ type }) => type)).toEqual(['entered', 'reserved']);
  });

  it('admits a session that reserves while it waits for other seats', () => {
    const small = meteredShow({ mode: 'auto' }, tinyHallTerms);
    const state = emptyState(small);
    commitBatch(state, small, [reserveSeats([0, 1, 2, 3, 4, 5], { sessionId: 'ann' })], startAt);
    commitBatch(state, small, [enter('ben'), joinLine('ben', 2)], startAt + 1);
    commitBatch(state, small, [stay('ben', state, true)], startAt + 2);
    const { changes } = commitBatch(state, small, [reserveSeats([6], { sessionId: 'ben' })], startAt + 3);
    expect(changes.map(({ type }) => type)).toEqual(['entered', 'reserved']);
    expect(state.waitersBySession.get('ben')).toMatchObject({ line: 'seats', lineTicket: 1 });
  });
});

describe('the lobby', () => {
  const opensAt = startAt + 60_000;
  const terms = meteredShow({ maxShoppers: 3 }, { saleOpensAt: opensAt, queueWaitMs: 30_000 });

  const gathered = (...commands: Command[]): ShowState => {
    const state = emptyState(terms);
    commitBatch(state, terms, commands, startAt);
    return state;
  };

  it('gathers sessions before the sale opens, and gives them no places', () => {
    const state = gathered(enter('ann'), joinLine('ben', 2));
    expect([...state.lines.entry.waiters.values()]).toMatchObject([
      { lineTicket: 1, place: null, expiresAt: opensAt + 30_000 },
      { lineTicket: 2, place: null, partySize: 2 },
    ]);
    const { outcomes } = commitBatch(state, terms, [joinLine('ann')], startAt + 1);
    expect(outcomes[0]).toMatchObject({ type: 'inLine', waiter: { lineTicket: 1 }, at: { ahead: null, waiting: 2 } });
    expect(isShuffleDue(state, terms, opensAt - 1)).toBe(false);
    expect(hasLineWork(state, terms, opensAt - 1)).toBe(false);
  });

  it('is drawn once when the sale opens, and is then served in the drawn order', () => {
    const state = gathered(...names(20).map(enter));
    expect(hasLineWork(state, terms, opensAt)).toBe(true);
    const drawn = commitBatch(state, terms, [tick], opensAt);
    expect(drawn.changes.map(({ type }) => type)).toEqual(['shuffled']);
    const order = inLine(state);
    expect(order.toSorted()).toEqual(names(20).toSorted());
    expect(order).not.toEqual(names(20));
    expect(hasLineWork(state, terms, opensAt)).toBe(true);
    commitBatch(state, terms, [tick], opensAt + 1);
    expect(inside(state)).toEqual(order.slice(0, 3));
    expect(commitBatch(state, terms, [tick], opensAt + 2).changes).toEqual([]);
    expect(hasLineWork(state, terms, opensAt + 2)).toBe(false);
  });

  it('is served before sessions that join later, even those that join in the batch of the draw', () => {
    const state = gathered(enter('ann'), enter('ben'), enter('cem'));
    const { outcomes } = commitBatch(state, terms, [enter('dia'), enter('eve'), enter('dia'), enter('ann')], opensAt);
    expect(outcomes).toMatchObject([
      { waiter: { lineTicket: 4, place: 4 }, at: { version: 5, waiting: 4, ahead: 3 } },
      { waiter: { lineTicket: 5, place: 5 }, at: { version: 6, waiting: 5, ahead: 4 } },
      { waiter: { lineTicket: 4, place: 4 }, at: { version: 6, waiting: 5, ahead: 3 } },
      // Ann is a member, so she sees the lobby as it was before the draw. The message about the draw tells her place.
      { waiter: { lineTicket: 1, place: null }, at: { version: 3, ahead: null } },
    ]);
    expect(inLine(state).slice(3)).toEqual(['dia', 'eve']);
  });

  it('draws places even for line tickets that left, but does not serve them', () => {
    const state = gathered(enter('ann'), enter('ben'), enter('cem'), leaveLine('ben'));
    commitBatch(state, terms, [tick], opensAt);
    expect(state.lines.entry.lobbySize).toBe(3);
    expect(inLine(state).toSorted()).toEqual(['ann', 'cem']);
  });

  it('is drawn even if it was empty, as soon as a session comes, so that its seed is revealed', () => {
    const state = emptyState(terms);
    const { changes } = commitBatch(state, terms, [enter('ann')], opensAt);
    expect(changes.map(({ type }) => type)).toEqual(['shuffled', 'joined', 'entered']);
    expect(state.lines.entry.lobbySize).toBe(0);
  });

  it('admits nobody and sells nothing before the sale opens', () => {
    const state = gathered(enter('ann'));
    const { outcomes } = commitBatch(state, terms, [reserveSeats([0])], opensAt - 1);
    expect(outcomes[0]).toMatchObject({ type: 'notAdmitted', waiter: { lineTicket: 1 } });
    expect(inside(state)).toEqual([]);
  });

  it('ends without a draw if the show is called off before the sale opens', () => {
    const state = gathered(enter('ann'), enter('ben'));
    const { changes } = commitBatch(state, terms, [callOff], startAt + 1);
    expect(changes.slice(1)).toMatchObject([
      { sessionId: 'ann', kind: 'expire', reason: 'saleClosed', place: null },
      { sessionId: 'ben', kind: 'expire', reason: 'saleClosed', place: null },
    ]);
    const { outcomes } = commitBatch(state, terms, [joinLine('cem')], opensAt);
    expect(refusalOf(outcomes[0])).toMatchObject({ code: 'SALE_CLOSED' });
    expect(hasLineWork(state, terms, opensAt)).toBe(false);
  });
});

describe('a session', () => {
  it('waits in the line for seats if it has a stay, and keeps its place when the stay ends', () => {
    const terms = meteredShow({ maxShoppers: 1 }, tinyHallTerms);
    const state = emptyState(terms);
    commitBatch(state, terms, [enter('ann'), reserveSeats([0, 1, 2, 3, 4, 5, 6], { sessionId: 'ann' })], startAt);
    commitBatch(state, terms, [leaveLine('ann'), enter('ben'), joinLine('ben')], startAt + 1);
    expect(state.waitersBySession.get('ben')).toMatchObject({ line: 'seats', lineTicket: 1 });
    commitBatch(state, terms, [stay('ben', state, true)], startAt + 2);
    expect(state.waitersBySession.get('ben')).toMatchObject({ line: 'seats', lineTicket: 1 });
    // A waiter for seats may see them, but needs a stay to choose seats.
    const batch = [enter('ben'), reserveSeats([0], { sessionId: 'ben' })];
    const { outcomes } = commitBatch(state, terms, batch, startAt + 3);
    expect(outcomes).toMatchObject([{ type: 'entered' }, { type: 'notAdmitted', waiter: { line: 'seats' } }]);
  });

  it('can leave the line and join it again in one batch, and gets a new line ticket', () => {
    const terms = meteredShow({ maxShoppers: 1 });
    const state = emptyState(terms);
    commitBatch(state, terms, [enter('ann'), enter('ben'), enter('cem')], startAt);
    const { outcomes } = commitBatch(state, terms, [leaveLine('ben'), enter('ben')], startAt + 1);
    expect(outcomes[1]).toMatchObject({ waiter: { lineTicket: 4 }, at: { ahead: 1, waiting: 2 } });
    expect(inLine(state)).toEqual(['cem', 'ben']);
  });
});
