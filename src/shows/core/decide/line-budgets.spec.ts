import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  book,
  commitBatch,
  emptyState,
  joinLine,
  leaveLine,
  refusalOf,
  release,
  reserve,
  sentFrom,
  tick,
} from '../../../../test/simulation/fixtures/commands.js';
import { startAt } from '../../../../test/simulation/fixtures/small-show.js';
import {
  giveBack,
  offers,
  soldOut,
  strictRules,
  tinyShow,
  waiting,
} from '../../../../test/simulation/fixtures/tiny-hall.js';
import type { Command, Outcome } from '../commands/command.js';
import type { BookingRecord } from '../model/booking-record.js';
import { noBudgets } from '../model/budgets.js';
import type { ShowTerms } from '../model/show-terms.js';

const budgets = { ...noBudgets, addressSeats: { free: 3, max: 5 }, keySeatsMax: 6 };

/** A show whose seven seats are all held by buyers without a budget. */
function fullShow(other: Partial<ShowTerms> = {}) {
  const terms = tinyShow({ budgets, ...other });
  const state = soldOut(terms);
  const put = (...commands: Command[]): Outcome | undefined =>
    commitBatch(state, terms, commands, startAt + 1).outcomes[0];
  return { state, put };
}

describe('a party that joins the line for seats', () => {
  it('needs the challenge if its source would hold and wait for more than the free part', () => {
    const { state, put } = fullShow();
    expect(put(sentFrom('farm', joinLine('ann', 2)))).toMatchObject({ type: 'inLine' });
    expect(refusalOf(put(sentFrom('farm', joinLine('ben', 2))))).toMatchObject({
      code: 'CHALLENGE_REQUIRED',
      showId: 1,
    });
    expect(put(sentFrom('farm', joinLine('cem', 1)))).toMatchObject({ type: 'inLine' });
    expect(put(sentFrom('home', joinLine('dia', 2)))).toMatchObject({ type: 'inLine' });
    put(...giveBack(0, 1, 2));
    expect(state.sources.seatsOf('farm')).toBe(3);
    expect(refusalOf(put(sentFrom('farm', joinLine('eve', 1))))).toMatchObject({ code: 'CHALLENGE_REQUIRED' });
    put(leaveLine('dia'));
    put(sentFrom('farm', joinLine('eve', 5), true));
    expect(waiting(state)).toEqual(['eve']);
  });

  it('may wait for more than the maximum after the challenge, because the line holds its offer back', () => {
    const { state, put } = fullShow();
    for (const name of ['ann', 'ben', 'cem']) put(sentFrom('farm', joinLine(name, 2), true));
    put(...giveBack(0, 1, 2, 3, 4, 5, 6));
    expect(offers(state).map(([name]) => name)).toEqual(['ann', 'ben']);
    expect(waiting(state)).toEqual(['cem']);
  });

  it('does not stop a strict line if its source has just used up its budget', () => {
    const { state, put } = fullShow({ rules: strictRules });
    put(sentFrom('farm', joinLine('ann', 3), true));
    // Another request than that of ann, so both are candidates for the same seats.
    put(sentFrom('farm', joinLine('ben', 3, { tiers: ['standard', 'premium'] }), true));
    put(sentFrom('farm', joinLine('cem', 1), true));
    put(...giveBack(0, 1, 2, 3));
    expect(offers(state).map(([name]) => name)).toEqual(['ann', 'cem']);
    expect(waiting(state)).toEqual(['ben']);
  });

  it('needs no challenge in a show without challenges, without a budget, or with an API key', () => {
    const never = { challenge: 'never', codeRequired: false, addressSeats: null, addressPlaces: null } as const;
    const shows = [fullShow({ protection: never }), fullShow({ budgets: noBudgets }), fullShow()];
    for (const [nth, source] of ['farm', 'farm', 'key:kiosk'].entries()) {
      for (const name of ['ann', 'ben', 'cem']) {
        expect(shows[nth]!.put(sentFrom(source, joinLine(name, 4)))).toMatchObject({ type: 'inLine' });
      }
    }
  });
});

describe('a waiter that has not passed the challenge', () => {
  const premium = { tiers: ['premium'] };

  /** Ben waits for two premium seats, which are free. But another session of the school holds two standard seats. */
  function crowdedSchool() {
    const show = fullShow();
    show.put(sentFrom('school', joinLine('ben', 2, premium)));
    show.put(...giveBack(0, 1));
    const request = { seats: [0, 1], onConflict: 'refuse' } as const;
    show.put(sentFrom('school', reserve(request, { bookingId: 'standard', sessionId: 'ann' })));
    show.put(...giveBack(2, 3));
    return show;
  }

  it('gets no offer beyond the free part and keeps its place, and others get the seats', () => {
    const { state, put } = crowdedSchool();
    expect(offers(state)).toEqual([]);
    put(sentFrom('school', joinLine('ben', 2, premium)), { type: 'passChallenge', sessionId: 'ann' });
    put(sentFrom('home', joinLine('dia', 2)));
    expect(offers(state).map(([name]) => name)).toEqual(['dia']);
    expect(waiting(state)).toEqual(['ben']);
  });

  it.each<[string, (held: BookingRecord) => Command]>([
    ['it passes the challenge', () => ({ type: 'passChallenge', sessionId: 'ben' })],
    ['it joins again after the challenge', () => sentFrom('school', joinLine('ben', 2, premium), true)],
    ['seats of its source are paid', (held) => book(held)],
    ['seats of its source are given back', (held) => release(held.bookingId, 'ann')],
  ])('gets its offer as soon as %s', (_, commandAfter) => {
    const { state, put } = crowdedSchool();
    put(commandAfter(state.liveBookingsOf('ann')[0]!));
    expect(offers(state)).toEqual([['ben', [2, 3]]]);
    expect(waiting(state)).toEqual([]);
  });

  it('joins and passes in one batch, and the log leads to the same state', () => {
    const { state, put } = fullShow();
    put(sentFrom('school', joinLine('ben', 2)), { type: 'passChallenge', sessionId: 'ben' });
    expect(state.waitersBySession.get('ben')?.hasPassedChallenge).toBe(true);
    expect(state.lines.seats.waiters.get(1)?.hasPassedChallenge).toBe(true);
  });
});

it('without the challenge, no order of commands gives an address more than the free part', () => {
  const step = fc.record({
    source: fc.constantFrom('a', 'b'),
    name: fc.nat(6).map((nth) => `s${nth}`),
    count: fc.integer({ min: 1, max: 3 }),
    kind: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const terms = tinyShow({ budgets, holdMs: 3000 });
      const state = emptyState(terms);
      steps.forEach(({ source, name: sessionId, count, kind }, nth) => {
        const live = state.liveBookingsOf(sessionId)[0];
        const commands: Command[] = [
          sentFrom(source, reserve({ best: { count } }, { bookingId: `b${nth}`, sessionId })),
          sentFrom(source, joinLine(sessionId, count)),
          sentFrom(source, joinLine(sessionId, count)),
          leaveLine(sessionId),
          live ? release(live.bookingId, sessionId) : tick,
          live ? book(live) : tick,
        ];
        commitBatch(state, terms, [commands[kind]!], startAt + nth * 400);
        for (const one of ['a', 'b']) expect(state.sources.seatsOf(one)).toBeLessThanOrEqual(3);
      });
    }),
  );
});
