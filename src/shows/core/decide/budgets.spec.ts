import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  book,
  bookingOf,
  commitBatch,
  emptyState,
  enter,
  joinLine,
  refusalOf,
  release,
  reserve,
  reserveSeats,
  sentFrom,
  tick,
} from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import type { Command, Outcome } from '../commands/command.js';
import { type BudgetDefaults, noBudgets } from '../model/budgets.js';
import type { ShowTerms } from '../model/show-terms.js';
import { refuseHopeless } from './refuse-hopeless.js';

const budgets: BudgetDefaults = {
  addressSeats: { free: 2, max: 4 },
  addressPlaces: { free: 1, max: 2 },
  keySeatsMax: 6,
  keyPlacesMax: 3,
};

const lobby: Partial<ShowTerms> = {
  saleOpensAt: startAt + 60_000,
  waitingRoom: { mode: 'on', maxShoppers: 100, admitPerMinute: null, shopMs: 600_000 },
};

function openShow(other: Partial<ShowTerms> = {}) {
  const terms = smallShow({ budgets, ...other });
  const state = emptyState(terms);
  const put = (command: Command, at = startAt): Outcome => commitBatch(state, terms, [command], at).outcomes[0]!;
  return { terms, state, put };
}

/** A reservation of the best seats by a new session. */
const hold = (name: string, count = 1) => reserve({ best: { count } }, { bookingId: `b ${name}`, sessionId: name });

describe('the budget of seats of one address', () => {
  it('needs the challenge beyond the free part, whatever the number of sessions', () => {
    const { state, put } = openShow();
    expect(put(sentFrom('school', hold('ann', 2)))).toMatchObject({ type: 'done', booking: { source: 'school' } });
    expect(refusalOf(put(sentFrom('school', hold('ben'))))).toMatchObject({ code: 'CHALLENGE_REQUIRED' });
    expect(put(sentFrom('school', hold('ben'), true))).toMatchObject({ type: 'done' });
    expect(put(sentFrom('elsewhere', hold('cem')))).toMatchObject({ type: 'done' });
    expect(state.sources.seatsOf('school')).toBe(3);
  });

  it('gives nobody more than the maximum, not even after the challenge', () => {
    const { put } = openShow();
    put(sentFrom('school', hold('ann', 4), true));
    expect(refusalOf(put(sentFrom('school', hold('ben'), true)))).toMatchObject({ code: 'ADDRESS_LIMIT', limit: 4 });
    expect(refusalOf(put(sentFrom('school', hold('cem'))))).toMatchObject({ code: 'ADDRESS_LIMIT', limit: 4 });
  });

  it('is free again when its seats are paid, released, expired or erased', () => {
    const { state, terms, put } = openShow();
    const one = bookingOf(put(sentFrom('school', hold('ann', 2), true)));
    put(sentFrom('school', hold('ben', 2), true));
    put(book(one));
    expect(state.sources.seatsOf('school')).toBe(2);
    put(release('b ben', 'ben'));
    expect([...state.sources.entries()]).toEqual([]);
    put(sentFrom('school', hold('cem', 2)));
    put({ type: 'eraseSession', sessionId: 'cem', pseudonym: 'nobody', codesErasedAt: Infinity });
    put(sentFrom('school', hold('dia', 2)));
    put(tick, startAt + terms.holdMs);
    expect([...state.sources.entries()]).toEqual([]);
  });

  it('answers a repeated key with the first booking, although the budget is used up', () => {
    const { put } = openShow();
    const usedKey = { key: 'k', bodyHash: 'h' };
    const keyed = sentFrom('school', { ...hold('ann', 2), usedKey });
    put(keyed);
    expect(put(keyed)).toEqual({ type: 'repeated', bookingId: 'b ann' });
  });

  it('counts the seats that the line offers, and skips waiters beyond the maximum until seats are paid', () => {
    const { state, terms, put } = openShow();
    for (const first of [0, 8]) {
      const seats = Array.from({ length: 10 }, (_, nth) => first + nth).filter((seat) => seat < 17);
      put(
        reserveSeats(first === 0 ? seats : seats.slice(2), { bookingId: `full ${first}`, sessionId: `full ${first}` }),
      );
    }
    put(sentFrom('school', joinLine('ann', 3), true));
    put(sentFrom('school', joinLine('ben', 2), true));
    put(joinLine('cem', 1));
    const { outcomes } = commitBatch(state, terms, [release('full 8', 'full 8')], startAt);
    expect(outcomes[0]).toMatchObject({ type: 'done' });
    expect(state.heldBySession.get('ann')).toBe(3);
    expect(state.heldBySession.get('ben')).toBeUndefined();
    expect(state.heldBySession.get('cem')).toBe(1);
    put(book(state.liveBookingsOf('ann')[0]!));
    expect(state.heldBySession.get('ben')).toBe(2);
  });

  it('has the maximum of the show, and no free part if the show never asks for the challenge', () => {
    const protection = {
      challenge: 'never',
      codeRequired: false,
      addressSeats: { free: 0, max: 3 },
      addressPlaces: null,
    } as const;
    const { put } = openShow({ protection });
    expect(put(sentFrom('school', hold('ann', 3)))).toMatchObject({ type: 'done' });
    expect(refusalOf(put(sentFrom('school', hold('ben'))))).toMatchObject({ code: 'ADDRESS_LIMIT', limit: 3 });
  });

  it('is off for a show without budgets, and for callers without a source', () => {
    expect(openShow({ budgets: noBudgets }).put(sentFrom('school', hold('ann', 10)))).toMatchObject({ type: 'done' });
    expect(openShow().put(hold('ann', 10))).toMatchObject({ type: 'done' });
  });
});

describe('the budget of an API key that sells', () => {
  it('is wider than that of an address, and never needs the challenge', () => {
    const { put } = openShow();
    expect(put(sentFrom('key:kiosk', hold('ann', 6)))).toMatchObject({ type: 'done' });
    expect(refusalOf(put(sentFrom('key:kiosk', hold('ben'))))).toMatchObject({ code: 'ADDRESS_LIMIT', limit: 6 });
  });
});

describe('the budget of places of one address', () => {
  it.each(['enter', 'join'] as const)('limits the lobby, whatever the number of sessions (%s)', (way) => {
    const { state, put } = openShow(lobby);
    const come = (name: string) => (way === 'enter' ? enter(name) : joinLine(name));
    expect(put(sentFrom('farm', come('ann')))).toMatchObject({ type: 'inLine' });
    expect(refusalOf(put(sentFrom('farm', come('ben'))))).toMatchObject({ code: 'CHALLENGE_REQUIRED' });
    expect(put(sentFrom('farm', come('ben'), true))).toMatchObject({ type: 'inLine' });
    expect(refusalOf(put(sentFrom('farm', come('cem'), true)))).toMatchObject({ code: 'ADDRESS_LIMIT', limit: 2 });
    expect(put(sentFrom('farm', come('ann')))).toMatchObject({ type: 'inLine' });
    expect(put(sentFrom('elsewhere', come('dia')))).toMatchObject({ type: 'inLine' });
    expect(state.lines.entry.waiting).toBe(3);
  });

  it('counts stays, also those of sessions that need not wait', () => {
    const waitingRoom = { mode: 'auto', maxShoppers: 10, admitPerMinute: null, shopMs: 600_000 } as const;
    const { state, put } = openShow({ waitingRoom });
    expect(put(sentFrom('farm', enter('ann')))).toEqual({ type: 'entered' });
    expect(put(sentFrom('farm', { ...hold('ben'), usedKey: null }, true))).toMatchObject({ type: 'done' });
    expect(refusalOf(put(sentFrom('farm', enter('cem'), true)))).toMatchObject({ code: 'ADDRESS_LIMIT' });
    expect(refusalOf(put(sentFrom('farm', hold('cem'), true)))).toMatchObject({ code: 'ADDRESS_LIMIT' });
    expect(state.sources.placesOf('farm')).toBe(2);
    put({ type: 'leaveLine', sessionId: 'ann' });
    expect(put(sentFrom('farm', enter('cem'), true))).toEqual({ type: 'entered' });
  });

  it.each([
    ['with the challenge', true, [4, 10, 15, 40, 60]],
    ['without the challenge', false, [4, 10, 15, 30, 30]],
  ] as const)('is at most half of the stays of a metered show, but enough for a family (%s)', (_, hasPassed, most) => {
    const wide = { ...noBudgets, addressPlaces: { free: 30, max: 200 } };
    const admitted = [2, 20, 30, 80, 1000].map((maxShoppers) => {
      const waitingRoom = { mode: 'on', maxShoppers, admitPerMinute: null, shopMs: 600_000 } as const;
      const { put } = openShow({ ...lobby, budgets: wide, waitingRoom });
      return Array.from({ length: 60 }, (__, nth) => put(sentFrom('farm', enter(`bot ${nth}`), hasPassed))).filter(
        ({ type }) => type === 'inLine',
      ).length;
    });
    expect(admitted).toEqual(most);
  });
});

it('never refuses from memory, because another node may have released seats or places of the source', () => {
  const { state, terms, put } = openShow();
  put(sentFrom('school', hold('ann', 4), true));
  expect(refuseHopeless(state, terms, sentFrom('school', hold('ben')), startAt)).toBeNull();
  const line = openShow(lobby);
  line.put(sentFrom('school', enter('ann')));
  expect(refuseHopeless(line.state, line.terms, sentFrom('school', enter('ben')), startAt)).toBeNull();
});

it('no order of commands gives a source more than its budget, and the counts are those of the bookings and places', () => {
  const source = fc.constantFrom('a', 'b', 'key:c');
  const name = fc.nat(8).map((nth) => `s${nth}`);
  const step = fc.record({
    source,
    name,
    count: fc.integer({ min: 1, max: 3 }),
    kind: fc.nat(5),
    hasPassed: fc.boolean(),
  });
  const room = { mode: 'auto', maxShoppers: 4, admitPerMinute: null, shopMs: 5000 } as const;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, isMetered) => {
      const { state, put } = openShow(isMetered ? { waitingRoom: room } : {});
      steps.forEach(({ source: from, name: sessionId, count, kind, hasPassed }, nth) => {
        const commands: Command[] = [
          sentFrom(from, { ...hold(sessionId, count), bookingId: `b${nth}` }, hasPassed),
          sentFrom(from, joinLine(sessionId, count), hasPassed),
          sentFrom(from, enter(sessionId), hasPassed),
          { type: 'leaveLine', sessionId },
          state.liveBookingsOf(sessionId)[0] ? release(state.liveBookingsOf(sessionId)[0]!.bookingId, sessionId) : tick,
          state.liveBookingsOf(sessionId)[0] ? book(state.liveBookingsOf(sessionId)[0]!) : tick,
        ];
        put(commands[kind]!, startAt + nth * 400);
        const places = [...state.waitersBySession.values(), ...state.stays.bySession.values()];
        const holds = [...state.bookings.values()].filter(({ status }) => status === 'reserved');
        for (const one of ['a', 'b', 'key:c']) {
          const held = holds.filter((booking) => booking.source === one).flatMap(({ seats }) => seats).length;
          expect(state.sources.seatsOf(one)).toBe(held);
          expect(state.sources.placesOf(one)).toBe(places.filter((place) => place.source === one).length);
          expect(held).toBeLessThanOrEqual(one === 'key:c' ? 6 : 4);
          expect(state.sources.placesOf(one)).toBeLessThanOrEqual(one === 'key:c' ? 3 : 2);
        }
      });
    }),
  );
});
