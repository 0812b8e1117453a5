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
  reserveSeats,
  tick,
} from '../../../../test/simulation/fixtures/commands.js';
import { startAt } from '../../../../test/simulation/fixtures/small-show.js';
import { giveBack, offers, soldOut, tinyShow } from '../../../../test/simulation/fixtures/tiny-hall.js';
import { testRuns } from '../../../../test/support/plain/test-runs.js';
import type { Command, JoinLineCommand, ReserveCommand } from '../commands/command.js';
import { refuseHopeless } from '../decide/refuse-hopeless.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { ShowTerms } from '../model/show-terms.js';
import { ShowState } from '../state/show-state.js';
import { untouched } from '../state/stored-show.fixture.js';

const protection: ShowTerms['protection'] = {
  challenge: null,
  codeRequired: true,
  addressSeats: null,
  addressPlaces: null,
};
const terms = tinyShow({ protection, signReceipt: () => 'receipt' });
const room = { mode: 'auto', maxShoppers: 3, admitPerMinute: null, shopMs: 60_000 } as const;

describe('a show that requires an access code', () => {
  it.each<[string, Command]>([
    ['a reservation', reserveSeats([0])],
    ['a place in the line', joinLine('ann')],
  ])('refuses %s of a session without a code and changes nothing', (_, command) => {
    for (const sale of [terms, { ...terms, waitingRoom: room }]) {
      const { outcomes, changes } = commitBatch(emptyState(sale), sale, [command], startAt);
      expect(refusalOf(outcomes[0])).toMatchObject({ code: 'CODE_REQUIRED' });
      expect(changes).toEqual([]);
    }
  });

  it('lets sellers and sessions with a code buy, up to the number of seats of the code', () => {
    const state = emptyState(terms);
    const [seller, two, third] = commitBatch(
      state,
      terms,
      [
        reserveSeats([0], { bookingId: 'b0', sessionId: 'kiosk', seatsAllowed: null }),
        reserveSeats([1, 2], { bookingId: 'b1', seatsAllowed: 2 }),
        reserveSeats([3], { bookingId: 'b2', seatsAllowed: 2 }),
      ],
      startAt,
    ).outcomes;
    expect([seller?.type, two?.type]).toEqual(['done', 'done']);
    expect(refusalOf(third)).toMatchObject({ code: 'HOLD_LIMIT', limit: 2 });
  });

  it('counts paid seats', () => {
    const state = emptyState(terms);
    commitBatch(state, terms, [reserveSeats([0, 1], { seatsAllowed: 2 })], startAt);
    commitBatch(state, terms, [book(state.bookings.get('booking')!)], startAt + 1);
    const { outcomes } = commitBatch(state, terms, [reserveSeats([2], { seatsAllowed: 2 })], startAt + 2);
    expect(refusalOf(outcomes[0])).toMatchObject({ code: 'HOLD_LIMIT', limit: 2 });
  });

  it('returns the money of a late payment if the session has other seats by then', () => {
    for (const hasOtherSeats of [true, false]) {
      const state = emptyState(terms);
      commitBatch(state, terms, [reserveSeats([0, 1], { seatsAllowed: 2 })], startAt);
      const first = state.bookings.get('booking')!;
      const other = hasOtherSeats ? [reserveSeats([2, 3], { bookingId: 'other', seatsAllowed: 2 })] : [];
      commitBatch(state, terms, [release('booking'), ...other], startAt + 1);
      const { outcomes } = commitBatch(state, terms, [book({ ...first, status: 'released' })], startAt + 2);
      expect(outcomes).toMatchObject([{ type: 'settled', as: hasOtherSeats ? 'returned' : 'booked' }]);
    }
  });

  describe('after the data of a session was erased', () => {
    const erase: Command = { type: 'eraseSession', sessionId: 'ann', pseudonym: 'nobody', codesErasedAt: startAt + 1 };
    const more = reserveSeats([2], { bookingId: 'more', seatsAllowed: 2 });
    const sold = () => {
      const state = emptyState(terms);
      commitBatch(state, terms, [reserveSeats([0, 1], { seatsAllowed: 2 })], startAt);
      commitBatch(state, terms, [book(state.bookings.get('booking')!)], startAt);
      return state;
    };

    it.each<[string, ReserveCommand | JoinLineCommand]>([
      ['a reservation', more],
      ['a place in the line', { ...joinLine('ann'), seatsAllowed: 2 }],
    ])('refuses %s whose codes were read before, also in the batch of the erasure', (_, command) => {
      const [inOneBatch, state] = [sold(), sold()];
      expect(refusalOf(commitBatch(inOneBatch, terms, [erase, command], startAt).outcomes[1])).toMatchObject({
        code: 'CODE_REQUIRED',
      });
      commitBatch(state, terms, [erase], startAt);
      for (const codesReadSeq of [0, state.seq - 1]) {
        const { outcomes } = commitBatch(state, terms, [{ ...command, codesReadSeq }], startAt);
        expect(refusalOf(outcomes[0])).toMatchObject({ code: 'CODE_REQUIRED' });
      }
    });

    it('lets other sessions buy with codes that were read after it', () => {
      const state = sold();
      commitBatch(state, terms, [erase], startAt);
      const other = { ...more, sessionId: 'ben', codesReadSeq: state.seq };
      expect(commitBatch(state, terms, [other], startAt).outcomes).toMatchObject([{ type: 'done' }]);
    });

    it('refuses codes that were read before the show was loaded, because memory does not know earlier erasures', () => {
      const state = new ShowState(terms.layout.seatCount, { ...untouched, seq: 7 });
      const [early, late] = [6, 7].map((codesReadSeq) => ({ ...more, codesReadSeq }));
      const { outcomes } = commitBatch(state, terms, [early!, late!], startAt);
      expect(refusalOf(outcomes[0])).toMatchObject({ code: 'CODE_REQUIRED' });
      expect(outcomes[1]).toMatchObject({ type: 'done' });
    });
  });

  it('counts the seats for which the session waits in line', () => {
    const state = soldOut(tinyShow());
    const join = { ...joinLine('ann', 2), seatsAllowed: 2 };
    expect(commitBatch(state, terms, [join], startAt + 1).outcomes).toMatchObject([{ type: 'inLine' }]);
    const [refused] = commitBatch(
      state,
      terms,
      [...giveBack(4), reserveSeats([4], { bookingId: 'b', seatsAllowed: 2 })],
      startAt + 2,
    ).outcomes.slice(1);
    expect(refusalOf(refused)).toMatchObject({ code: 'HOLD_LIMIT', limit: 2 });
    commitBatch(state, terms, giveBack(0, 1), startAt + 3);
    expect(offers(state)).toEqual([['ann', [0, 1]]]);
  });

  it('refuses a party that is larger than the code allows', () => {
    const state = soldOut(tinyShow());
    const { outcomes } = commitBatch(state, terms, [{ ...joinLine('ann', 3), seatsAllowed: 2 }], startAt + 1);
    expect(refusalOf(outcomes[0])).toMatchObject({ code: 'HOLD_LIMIT', limit: 2 });
  });

  it('is not answered from memory, because memory does not know how many seats the session has', () => {
    const state = soldOut(tinyShow());
    const command = reserveSeats([0], { seatsAllowed: 1 });
    expect(refuseHopeless(state, terms, command, startAt)).toBeNull();
    expect(refuseHopeless(state, terms, { ...command, seatsAllowed: null }, startAt)).toMatchObject({
      code: 'SEATS_TAKEN',
    });
  });
});

it('a show that requires no code ignores how many seats the codes of a session allow', () => {
  const open = tinyShow();
  const { outcomes } = commitBatch(emptyState(open), open, [reserveSeats([0, 1], { seatsAllowed: 1 })], startAt);
  expect(outcomes).toMatchObject([{ type: 'done' }]);
});

describe('any sequence of commands', () => {
  /** The number of seats that the codes of each session allow. */
  const allowed: Readonly<Record<string, number>> = { ann: 2, ben: 3, cem: 4, dia: 3, eve: 3 };
  const sessionId = fc.constantFrom(...Object.keys(allowed));
  const count = fc.constantFrom(1, 1, 2, 2, 3);
  const nth = fc.nat({ max: 40 });
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ type: fc.constant('reserve' as const), sessionId, count }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('joinLine' as const), sessionId, count }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('leaveLine' as const), sessionId }) },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('release' as const), nth }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('book' as const), nth }) },
    { weight: 2, arbitrary: fc.constant({ type: 'tick' as const }) },
  );
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
  const batches = fc.array(
    fc.record({ waitMs: fc.constantFrom(0, 500, 5000), steps: fc.array(step, { minLength: 1, maxLength: 6 }) }),
    { minLength: 10, maxLength: 40 },
  );

  /** The show, and the last known state of each booking that was ever made in it. */
  interface World {
    readonly state: ShowState;
    readonly known: Map<string, BookingRecord>;
  }

  /** Returns a booking as it is in the tables. Bookings that hold no seats any more are picked too. */
  function pick({ state, known }: World, at: number): BookingRecord | null {
    const booking = [...known.values()].at(-1 - (at % Math.max(1, known.size)));
    if (!booking) return null;
    return state.bookings.get(booking.bookingId) ?? { ...booking, status: 'expired' };
  }

  function toCommand(world: World, one: Step, bookingId: string): Command {
    switch (one.type) {
      case 'reserve': {
        const limit = { sessionId: one.sessionId, seatsAllowed: allowed[one.sessionId]! };
        return reserve({ best: { count: one.count } }, { bookingId, ...limit });
      }
      case 'joinLine':
        return { ...joinLine(one.sessionId, one.count), seatsAllowed: allowed[one.sessionId]! };
      case 'leaveLine':
        return leaveLine(one.sessionId);
      case 'release': {
        const booking = pick(world, one.nth);
        return booking ? release(booking.bookingId, booking.sessionId) : tick;
      }
      case 'book': {
        const booking = pick(world, one.nth);
        return booking ? book(booking) : tick;
      }
      case 'tick':
        return tick;
    }
  }

  it('never gives a session more seats than its codes allow, not even by offers of the line or late payments', () => {
    const seen = { offers: 0, late: 0, returned: 0 };
    fc.assert(
      fc.property(batches, (all) => {
        const state = emptyState(terms);
        const world: World = { state, known: new Map() };
        let now = startAt;
        let bookingCount = 0;
        for (const { waitMs, steps } of all) {
          now += waitMs;
          const commands = steps.map((one) => toCommand(world, one, `b${bookingCount++}`));
          const { changes } = commitBatch(state, terms, commands, now);
          seen.offers += changes.filter(({ type }) => type === 'offered').length;
          seen.returned += changes.filter(({ type }) => type === 'returned').length;
          for (const [bookingId, booking] of state.bookings) {
            if (booking.status === 'booked' && commands.some((one) => isLate(one, bookingId))) seen.late++;
            world.known.set(bookingId, booking);
          }
          for (const [session, limit] of Object.entries(allowed)) {
            const seats = state.liveBookingsOf(session).flatMap((booking) => booking.seats);
            expect(seats.length).toBeLessThanOrEqual(limit);
          }
        }
      }),
      { numRuns: testRuns({ short: 200, long: 3000 }) },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });
});

const isLate = (command: Command, bookingId: string): boolean =>
  command.type === 'book' && command.booking.bookingId === bookingId && command.booking.status === 'expired';
