import { describe, expect, it } from '@jest/globals';
import type { SeenQueue } from '../messages.js';
import { check } from './check.js';
import type { BookingRow, ShowTables } from '../tables.js';
import type { Entry } from '../history.js';
import { booking, call, history, row, tables, zero } from './history.fixture.js';

describe('the checker of lines', () => {
  const waiter = (ticket: number, partySize = 1) => ({
    type: 'joined' as const,
    waiter: {
      line: 'seats' as const,
      ticket,
      place: ticket,
      sessionId: `s${ticket}`,
      partySize,
      tiers: null,
      kind: null,
      joinedAt: zero,
      expiresAt: zero + 100_000,
      receipt: '',
    },
  });
  const held = (bookingId: string, seats: number[], ticket?: number) => ({
    type: 'reserved' as const,
    booking: {
      bookingId,
      sessionId: ticket === undefined ? 'x' : `s${ticket}`,
      seats,
      expiresAt: zero + 2000,
      amounts: [],
      currency: 'EUR',
      substituted: false,
      usedKey: null,
      ...(ticket === undefined ? {} : { ticket }),
    },
  });
  const offered = (ticket: number, bookingId: string) => ({
    type: 'offered' as const,
    ticket,
    place: ticket,
    sessionId: `s${ticket}`,
    bookingId,
  });
  const full = held('full', [0, 1, 2, 3]);
  const freed = { type: 'ended' as const, bookingId: 'full', status: 'released' as const, seats: [0, 1, 2, 3] };

  type Changes = ShowTables['log'][number]['changes'];
  const linesBrokenBy = (...commits: Changes[]): string[] => {
    const log = commits.map((changes, index) => ({ seq: index + 1, version: index + 1, at: zero, changes }));
    const [shows] = tables([], { log });
    return check(history(), [shows!])
      .violations.filter(
        ({ promise, description }) =>
          promise === 'lines serve in order' && !description.includes('the waiters in the tables'),
      )
      .map(({ description }) => description);
  };

  it('accepts offers to the lowest line tickets whose parties fit, and finds a booking that takes seats from the line', () => {
    const both = [freed, held('a', [0, 1, 2], 1), offered(1, 'a'), held('b', [3], 2), offered(2, 'b')];
    expect(linesBrokenBy([full], [waiter(1, 3)], [waiter(2)], both)).toEqual([]);
    const small = [freed, held('big', [0, 1], undefined), held('b', [3], 2), offered(2, 'b')];
    expect(linesBrokenBy([full], [waiter(1, 3)], [waiter(2)], small)).not.toEqual([]);
  });

  it('finds a skipped waiter, a buyer outside the line who got seats first, and free seats that no waiter is offered', () => {
    const overtaken = [freed, held('b', [0], 2), offered(2, 'b'), held('a', [1], 1), offered(1, 'a')];
    expect(linesBrokenBy([full], [waiter(1)], [waiter(2)], overtaken)).toHaveLength(1);
    const outsider = [freed, held('o', [0]), held('a', [1], 1), offered(1, 'a')];
    expect(linesBrokenBy([full], [waiter(1)], outsider)).toHaveLength(1);
    expect(linesBrokenBy([full], [waiter(1)], [freed])).toHaveLength(1);
  });

  it('finds a gap in the numbers of line tickets', () => {
    expect(linesBrokenBy([full], [waiter(2)])).toHaveLength(1);
  });

  const place = (ticket: number): SeenQueue => ({ showId: 1, line: 'seats', ticket, partySize: 1 });
  const logOf = (...commits: Changes[]) =>
    commits.map((changes, index) => ({ seq: index + 1, version: 0, at: zero + 10 * index, changes }));
  const placesBrokenBy = (entries: Entry[], log: ShowTables['log'], bookings: BookingRow[] = []): string[] =>
    check(entries, tables([], { log, bookings }))
      .violations.filter(({ description }) =>
        /line ticket .* (belongs to another|waited|before line ticket)/.test(description),
      )
      .map(({ promise }) => promise);

  it('finds an answer with a line ticket of another session, and an answer without the line ticket that still waits', () => {
    const log = logOf([full], [waiter(1)]);
    const answer = (queue: SeenQueue | null) =>
      history(...call(1, [50, 60], 'queue:status', {}, { ok: true, queue }, 's1'));
    expect(placesBrokenBy(answer(place(1)), log)).toEqual([]);
    expect(placesBrokenBy(answer(place(2)), log)).toEqual(['line tickets keep their places']);
    expect(placesBrokenBy(answer(null), log)).toEqual(['line tickets keep their places']);
  });

  it('finds a skipped waiter without the log, just from the offers and from the line tickets reported to clients', () => {
    const entries = history(
      ...call(1, [10, 20], 'queue:join', {}, { ok: true, queue: place(1) }, 's1'),
      ...call(2, [12, 22], 'queue:join', {}, { ok: true, queue: place(2) }, 's2'),
    );
    const offer = (ticket: number, at: number): BookingRow => {
      const made = booking(`offer ${ticket}`, [ticket], at, { sessionId: `s${ticket}` });
      return row(made, at, { ticket });
    };
    const log = logOf([full], [waiter(1), waiter(2)]);
    expect(placesBrokenBy(entries, log, [offer(1, 100), offer(2, 200)])).toEqual([]);
    expect(placesBrokenBy(entries, log, [offer(1, 200), offer(2, 100)])).toEqual(['lines serve in order']);
  });

  it('finds that the hash chain of a line was rewritten', () => {
    const link = { line: 'seats' as const, n: 1, at: zero, kind: 'join', ticket: 1, hash: '0'.repeat(64) };
    const { violations } = check(history(), tables([], { chain: [link] }));
    expect(violations.map(({ description }) => description).join()).toContain('chain');
  });
});
