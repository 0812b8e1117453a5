import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { commitBatch, emptyState, release, reserve } from '../../../../test/simulation/fixtures/commands.js';
import { digestOf } from '../../../../test/simulation/reference/digest.js';
import { ReferenceShow } from '../../../../test/simulation/reference/reference-show.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import { testRuns } from '../../../../test/support/plain/test-runs.js';
import { seatsAfter } from '../log/change-kinds.js';
import { SeatRows } from '../rows/seat-rows.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { Command, Outcome, ReserveCommand, SeatRequest } from '../commands/command.js';
import { decide } from './decide.js';
import { refuseHopeless } from './refuse-hopeless.js';
import type { LogEntry } from '../log/log-entry.js';
import { ShowState } from '../state/show-state.js';
import { untouched } from '../state/stored-show.fixture.js';

const termsOf = {
  off: smallShow(),
  soft: smallShow({ rules: { singleSeatGap: 'soft', maxSeatsPerSession: 6, strictLine: false } }),
};

const seatCount = termsOf.off.layout.seatCount;
const seat = fc.nat({ max: seatCount }); // one too high, so that an unknown seat occurs too

const request: fc.Arbitrary<SeatRequest> = fc.oneof(
  fc.record({
    seats: fc.array(seat, { maxLength: 5 }),
    onConflict: fc.constantFrom('refuse', 'alternative'),
  }),
  // Adjacent seats, as people choose them. Randomly chosen seats are hardly ever adjacent.
  fc.record({ first: seat, count: fc.integer({ min: 1, max: 4 }) }).map(({ first, count }) => ({
    seats: Array.from({ length: count }, (_, nth) => first + nth),
    onConflict: 'refuse' as const,
  })),
  fc.record({ count: fc.integer({ min: 0, max: 11 }) }, { requiredKeys: ['count'] }).map((best) => ({ best })),
  fc
    .record({ count: fc.integer({ min: 1, max: 4 }), tier: fc.constantFrom('standard', 'premium') })
    .map((best) => ({ best })),
);

/** A command that refers to bookings by numbers. `toCommands` turns the numbers into booking ids. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('reserve' as const),
      sessionId: fc.constantFrom('ann', 'ben', 'cem'),
      request,
      usedKey: fc.option(fc.record({ key: fc.constantFrom('k1', 'k2', 'k3'), bodyHash: fc.constantFrom('a', 'b') })),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('release' as const), nth: fc.nat({ max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('tick' as const) }) },
);

/**
 * Batches of commands with pauses between them. The pauses are chosen so that holds often expire exactly at the time of
 * a batch.
 */
const batches = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.nat({ max: 3000 }), fc.constantFrom(0, 4999, 5000, 5001, 10_000)),
    steps: fc.array(step, { maxLength: 8 }),
  }),
  { maxLength: 12 },
);

const sequence = fc.record({ rule: fc.constantFrom('off', 'soft'), batches });

type Steps = readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[];

const toCommands = (steps: Steps, firstId: number): Command[] =>
  steps.map((one, at): Command => {
    switch (one.type) {
      case 'reserve':
        return reserve(one.request, { ...one, bookingId: `b${firstId + at}` });
      case 'release':
        return release(`b${one.nth}`);
      case 'tick':
        return one;
    }
  });

/** One batch of a sequence: its commands, its outcomes, its log entry, and the show before and after it. */
interface Committed {
  readonly commands: readonly Command[];
  readonly outcomes: readonly Outcome[];
  readonly entry: LogEntry | null;
  readonly before: Pick<ShowState, 'seq' | 'version' | 'seats' | 'bookings'>;
  readonly state: ShowState;
  readonly now: number;
}

/** Runs a sequence and calls `onBatch` with each batch. @returns the show after the last batch */
function run(
  { rule, batches: all }: { rule: 'off' | 'soft'; batches: readonly { waitMs: number; steps: Steps }[] },
  onBatch: (batch: Committed) => void = () => undefined,
) {
  const terms = termsOf[rule];
  const state = emptyState(terms);
  let now = startAt;
  let commandCount = 0;
  for (const { waitMs, steps } of all) {
    now += waitMs;
    const commands = toCommands(steps, commandCount);
    commandCount += commands.length;
    const { seq, version } = state;
    const before = { seq, version, seats: state.seats.slice(), bookings: new Map(state.bookings) };
    const { outcomes, changes } = commitBatch(state, terms, commands, now);
    const entry =
      changes.length > 0
        ? { seq: before.seq + 1, commitId: before.seq + 1, version: before.version + 1, at: now, changes }
        : null;
    onBatch({ commands, outcomes, entry, before, state, now });
  }
  return { terms, state, now, commandCount };
}

const check = (property: (batch: Committed) => void, onStart: () => void = () => undefined) =>
  fc.assert(
    fc.property(sequence, (one) => {
      onStart();
      run(one, property);
    }),
    { numRuns: testRuns({ short: 100, long: 1000 }) },
  );

const countAsked = (command: ReserveCommand) =>
  'best' in command.request ? command.request.best.count : command.request.seats.length;

describe('any sequence of commands, in any batches', () => {
  it('promise 1: no seat is ever in two live bookings', () => {
    check(({ state }) => {
      const seats = [...state.bookings.values()].flatMap((booking) => booking.seats);
      expect(new Set(seats).size).toBe(seats.length);
    });
  });

  it('promise 2: a booking has all its seats or does not exist', () => {
    check(({ commands, outcomes, state }) => {
      commands.forEach((command, at) => {
        if (command.type !== 'reserve') return;
        const outcome = outcomes[at];
        const booking = state.bookings.get(command.bookingId);
        const made = outcome?.type === 'done' ? outcome.booking : undefined;
        // If the command was refused, `made` is undefined and there must be no booking.
        expect(made?.seats.length).toBe(made && countAsked(command));
        expect(booking?.seats ?? made?.seats).toEqual(made?.seats);
      });
      const held = [...state.bookings.values()].flatMap(({ bookingId, seats }) =>
        seats.map((one) => [one, bookingId] as const),
      );
      expect(state.holders).toEqual(new Map(held));
    });
  });

  it('promise 3: versions have no gap, and replaying the log gives exactly the same show', () => {
    let fold = new ReferenceShow(seatCount);
    check(
      ({ entry, state }) => {
        if (entry) fold.apply(entry);
        expect(digestOf(state)).toBe(fold.digest());
      },
      () => (fold = new ReferenceShow(seatCount)),
    );
  });

  it('promise 3: the written rows describe the show, and reading them gives the same show', () => {
    let rows = new Map<number, string | null>();
    let bookings = new Map<string, BookingRecord>();
    check(
      ({ entry, state, before, now }) => {
        if (entry) writeRows(entry, before, rows, bookings);
        expect(rows).toEqual(state.holders);
        expect(digestOf(readRows(state, bookings, now))).toBe(digestOf(state));
      },
      () => {
        rows = new Map();
        bookings = new Map();
      },
    );
  });

  it('promise 4: a hold ends at expiresAt and not before, unless it is released', () => {
    check(({ entry, state, before, now }) => {
      for (const change of entry?.changes ?? []) {
        if (change.type !== 'ended') continue;
        const { expiresAt } = before.bookings.get(change.bookingId) ?? { expiresAt: Infinity };
        expect(change.status).toBe((expiresAt ?? Infinity) <= now ? 'expired' : 'released');
      }
      for (const { expiresAt } of state.bookings.values()) expect(expiresAt).toBeGreaterThan(now);
    });
  });

  it('promise 5: the first command that asks for a free seat gets it', () => {
    check(({ commands, outcomes }) => {
      // Without a release, a taken seat stays taken, so no later command may get a seat that was refused before.
      let refused = new Set<number>();
      commands.forEach((command, at) => {
        const outcome = outcomes[at];
        if (command.type === 'release') refused = new Set();
        if (outcome?.type === 'refused' && outcome.error.code === 'SEATS_TAKEN') {
          for (const one of outcome.error.seats) refused.add(one);
        }
        if (command.type !== 'reserve' || outcome?.type !== 'done') return;
        expect((outcome.booking?.seats ?? []).filter((one) => refused.has(one))).toEqual([]);
      });
    });
  });

  it('promise 8: an idempotency key makes one booking, and every repetition returns that booking', () => {
    let made = new Map<string, { bookingId: string; bodyHash: string }>();
    /** Returns the outcome that a command with a key must get, given the booking that the key has made. */
    const due = ({ sessionId, usedKey }: ReserveCommand) => {
      const first = usedKey && made.get(`${sessionId} ${usedKey.key}`);
      if (!first) return {};
      const isSame = first.bodyHash === usedKey.bodyHash;
      return isSame ? { type: 'repeated', bookingId: first.bookingId } : { error: { code: 'KEY_REUSED' } };
    };
    check(
      ({ commands, outcomes }) =>
        commands.forEach((command, at) => {
          if (command.type !== 'reserve') return;
          expect(outcomes[at]).toMatchObject(due(command));
          const { sessionId, usedKey, bookingId } = command;
          if (usedKey && outcomes[at]?.type === 'done') {
            made.set(`${sessionId} ${usedKey.key}`, { bookingId, bodyHash: usedKey.bodyHash });
          }
        }),
      () => (made = new Map()),
    );
  });

  it('no session holds more seats than allowed', () => {
    fc.assert(
      fc.property(sequence, (one) => {
        const limit = one.rule === 'soft' ? 6 : 10;
        run(one, ({ state }) => {
          for (const ids of state.bySession.values()) {
            const held = [...ids].flatMap((id) => state.bookings.get(id)?.seats ?? []);
            expect(held.length).toBeLessThanOrEqual(limit);
          }
        });
      }),
    );
  });
});

it('simultaneous commands give the same seats to the same sessions, however they are split into batches', () => {
  fc.assert(
    fc.property(
      sequence,
      fc.array(step, { maxLength: 12 }),
      fc.array(fc.nat({ max: 12 })),
      fc.nat({ max: 11_000 }),
      (one, steps, cuts, waitMs) => {
        const outcomesWhenCutAt = (places: readonly number[]) => {
          const { state, terms, now, commandCount } = run(one);
          const commands = toCommands(steps, commandCount);
          const ends = [...new Set([...places, commands.length])].toSorted((a, b) => a - b);
          const outcomes = ends.flatMap(
            (end, at) =>
              commitBatch(state, terms, commands.slice(at === 0 ? 0 : ends[at - 1], end), now + waitMs).outcomes,
          );
          const plain = (booking: BookingRecord | null) => booking && { ...booking, version: 0, firstVersion: 0 };
          return {
            outcomes: outcomes.map((outcome) => (outcome.type === 'done' ? plain(outcome.booking) : outcome)),
            bookings: new Map([...state.bookings].map(([id, booking]) => [id, plain(booking)])),
            seats: state.seats,
            keys: state.keys,
          };
        };
        expect(outcomesWhenCutAt(cuts)).toEqual(outcomesWhenCutAt([]));
      },
    ),
  );
});

it('refuseHopeless refuses only commands that the decision under the lock would refuse for the same state', () => {
  fc.assert(
    fc.property(sequence, step, fc.nat({ max: 11_000 }), (one, last, waitMs) => {
      const { state, terms, now, commandCount } = run(one);
      const [command] = toCommands([last], commandCount);
      if (!command || !refuseHopeless(state, terms, command, now + waitMs)) return;
      expect(decide(state, terms, [command], now + waitMs).outcomes).toMatchObject([{ type: 'refused' }]);
    }),
    { numRuns: testRuns({ short: 100, long: 1000 }) },
  );
});

/** Writes a commit to simulated tables as the write statement does. */
function writeRows(
  entry: LogEntry,
  before: Committed['before'],
  rows: Map<number, string | null>,
  bookings: Map<string, BookingRecord>,
) {
  const seatRows = new SeatRows(before.seats);
  for (const change of entry.changes) {
    const assignment = seatsAfter(change);
    if (assignment) seatRows.assign(assignment);
  }
  const { inserted, updated, deleted } = seatRows.changes();
  for (const { seat: one } of inserted) expect(rows.has(one)).toBe(false);
  for (const { seat: one } of updated) expect(rows.has(one)).toBe(true);
  for (const one of deleted) expect(rows.delete(one)).toBe(true);
  for (const { seat: one, bookingId } of [...inserted, ...updated]) rows.set(one, bookingId);
  for (const change of entry.changes) {
    if (change.type === 'reserved') bookings.set(change.booking.bookingId, change.booking);
    else if (change.type === 'ended') {
      const booking = bookings.get(change.bookingId);
      if (booking) bookings.set(change.bookingId, { ...booking, status: change.status, version: entry.version });
    }
  }
}

/** Reads a show from the simulated tables as the load statement does. */
function readRows({ seq, version }: ShowState, bookings: ReadonlyMap<string, BookingRecord>, now: number): ShowState {
  const all = [...bookings.values()].toSorted((a, b) => a.createdAt - b.createdAt);
  expect(all.every(({ createdAt }) => createdAt <= now)).toBe(true);
  return new ShowState(seatCount, {
    ...untouched,
    seq,
    version,
    liveBookings: all.filter(({ status }) => status === 'reserved'),
    keys: all.flatMap(({ usedKey, sessionId, bookingId, createdAt }) =>
      usedKey
        ? [{ sessionId, key: usedKey.key, use: { bodyHash: usedKey.bodyHash, bookingId, place: null, createdAt } }]
        : [],
    ),
  });
}
