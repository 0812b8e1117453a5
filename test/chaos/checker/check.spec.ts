import { describe, expect, it } from '@jest/globals';
import { type Booking, encodeSeats } from '@usher/contract';
import type { Answer, Entry, Happening } from '../history.js';
import type { BookingRow, ShowTables } from '../tables.js';
import { check } from './check.js';
import { excerpt } from './violation.js';

/** The database's clock at the recorder's zero. */
const zero = Date.parse('2026-11-23T18:00:00.000Z');
const holdMs = 2000;
const [one, two] = ['booking-one', 'booking-two'];

/** Entries at moments of the recorder's clock, after those that every history begins with. */
function history(...happenings: readonly (readonly [number, Happening])[]): Entry[] {
  const shows = [{ showId: 1, seatCount: 4, shoppersMax: null, isStrict: false }];
  const begin: [number, Happening][] = [
    [0, { kind: 'run', seed: 1, holdMs, shows }],
    [0, { kind: 'clock', db: zero, errorMs: 1 }],
  ];
  return [...begin, ...happenings].map(([t, happening]) => ({ t, ...happening }));
}

const booking = (bookingId: string, seats: number[], bookedAt: number, other: object = {}): Booking =>
  ({
    bookingId,
    showId: 1,
    sessionId: `session of ${bookingId}`,
    status: 'reserved',
    seats: seats.map((seat) => ({ seat })),
    expiresAt: new Date(zero + bookedAt + holdMs).toISOString(),
    version: 1,
    ...other,
  }) as unknown as Booking;

/** A call with its answer: null is none. */
const call = (
  number: number,
  [invoked, ended]: readonly [number, number],
  event: 'reservation:create' | 'reservation:release' | 'show:sync' | 'queue:status' | 'queue:join',
  payload: Record<string, unknown>,
  answer: Answer | null,
  sessionId = `session of ${one}`,
): (readonly [number, Happening])[] => [
  [invoked, { kind: 'call', call: number, socket: 1, sessionId, event, payload: { showId: 1, ...payload } }],
  [ended, answer ? { kind: 'answer', call: number, answer } : { kind: 'lost', call: number, reason: 'cut' }],
];

const reserved = (number: number, times: readonly [number, number], made: Booking, payload: object = {}) => {
  const seats = made.seats.map(({ seat }) => seat);
  return call(number, times, 'reservation:create', { seats, ...payload }, { ok: true, booking: made }, made.sessionId);
};

const row = (made: Booking, bookedAt: number, other: Partial<BookingRow> = {}): BookingRow => ({
  bookingId: made.bookingId,
  sessionId: made.sessionId,
  status: 'reserved',
  seats: made.seats.map(({ seat }) => seat),
  createdAt: zero + bookedAt,
  expiresAt: zero + bookedAt + holdMs,
  firstExpiresAt: zero + bookedAt + holdMs,
  firstVersion: 1,
  version: 1,
  key: null,
  ticket: null,
  ...other,
});

/** A database in which these bookings were made one after the other. */
function tables(rows: readonly BookingRow[], other: Partial<ShowTables> = {}): ShowTables[] {
  const log = rows.map(({ bookingId, sessionId, seats, createdAt, firstExpiresAt: expiresAt }, index) => ({
    seq: index + 1,
    version: index + 1,
    at: createdAt,
    changes: [
      {
        type: 'reserved' as const,
        booking: {
          bookingId,
          sessionId,
          seats,
          expiresAt,
          amounts: [],
          currency: 'EUR',
          substituted: false,
          usedKey: null,
        },
      },
    ],
  }));
  const seats = rows.flatMap((one_) => one_.seats.map((seat) => ({ seat, status: 1, bookingId: one_.bookingId })));
  const counts = { free: 4 - seats.length, held: seats.length, sold: 0, blocked: 0 };
  const ledger = { seq: log.length, version: log.length, ...counts };
  return [{ showId: 1, now: zero + 1000, ledger, log, seats, bookings: rows, chain: [], standing: [], ...other }];
}

const brokenBy = (entries: Entry[], shows: ShowTables[]): string[] => [
  ...new Set(check(entries, shows).violations.map(({ promise }) => promise)),
];

const first = booking(one, [0, 1], 10);
const second = booking(two, [2], 20, { version: 2 });
const bothRows = () => [row(first, 10), row(second, 20, { firstVersion: 2, version: 2 })];

describe('the checker', () => {
  it('finds nothing where everything was as promised', () => {
    const entries = history(...reserved(1, [5, 15], first), ...reserved(2, [16, 25], second));
    expect(check(entries, tables(bothRows())).violations).toEqual([]);
  });

  it('finds a seat in two live bookings from the history alone', () => {
    const thief = booking(two, [1], 20, { version: 2 });
    const entries = history(...reserved(1, [5, 15], first), ...reserved(2, [16, 25], thief));
    expect(brokenBy(entries, tables(bothRows()))).toContain('one booking a seat');
  });

  it('lets a seat be booked again after its release was asked for, or its time is up', () => {
    const after = booking(two, [1], 40, { version: 3 });
    const released = { ok: true as const, booking: { ...first, status: 'released', version: 2 } };
    const entries = history(
      ...reserved(1, [5, 15], first),
      ...call(2, [30, 35], 'reservation:release', { bookingId: one }, released),
      ...reserved(3, [38, 45], after),
    );
    expect(brokenBy(entries, tables(bothRows()))).not.toContain('one booking a seat');
    const late = booking(two, [1], 2020, { version: 3 });
    expect(brokenBy(history(...reserved(1, [5, 15], first), ...reserved(2, [2016, 2025], late)), [])).not.toContain(
      'one booking a seat',
    );
  });

  it('finds an acknowledged booking that is not in the database', () => {
    const entries = history(...reserved(1, [5, 15], first));
    const { violations } = check(entries, tables([]));
    expect(violations.map(({ promise }) => promise)).toContain('acknowledged is there');
    expect(excerpt(entries, violations[0]!)).toContain(one);
  });

  it('finds a booking that was acknowledged as released and is live', () => {
    const released = { ok: true as const, booking: { ...first, status: 'released', version: 1 } };
    const entries = history(
      ...reserved(1, [5, 15], first),
      ...call(2, [30, 35], 'reservation:release', { bookingId: one }, released),
    );
    expect(brokenBy(entries, tables([row(first, 10)]))).toContain('acknowledged is there');
  });

  it('finds a booking that nobody asked for, and takes one whose answer was lost for asked', () => {
    expect(brokenBy(history(), tables([row(first, 10)]))).toContain('nothing unasked for');
    const lost = history(...call(1, [5, 15], 'reservation:create', { seats: [1, 0] }, null));
    expect(check(lost, tables([row(first, 10)])).violations).toEqual([]);
  });

  it('finds a key that made two bookings', () => {
    const again = booking(two, [2], 20, { version: 2, sessionId: first.sessionId });
    const entries = history(
      ...reserved(1, [5, 15], first, { key: 'k' }),
      ...reserved(2, [16, 25], again, { key: 'k' }),
    );
    const rows = [row(first, 10, { key: 'k' }), row(again, 20, { key: 'k', version: 2 })];
    expect(brokenBy(entries, tables(rows))).toEqual(['one effect a key']);
  });

  it('finds a version that is lower than one answered before its call was made', () => {
    const entries = history(...reserved(1, [5, 15], second), ...reserved(2, [16, 25], first));
    expect(brokenBy(entries, tables(bothRows()))).toContain('order of time');
  });

  it('finds a client whose last map is not the database’s', () => {
    const map = { kind: 'map', buyer: 'b', showId: 1, version: 2 } as const;
    expect(brokenBy(history([50, { ...map, seats: '1110' }]), tables(bothRows()))).not.toContain('maps are right');
    expect(brokenBy(history([50, { ...map, seats: '1100' }]), tables(bothRows()))).toContain('maps are right');
    expect(brokenBy(history([50, { ...map, version: null, seats: null }]), tables([]))).toContain(
      'everybody comes back',
    );
  });

  it('finds a diff that says something else than the log', () => {
    const join: readonly (readonly [number, Happening])[] = [
      [1, { kind: 'call', call: 9, socket: 1, sessionId: 's', event: 'show:join', payload: { showId: 1 } }],
      [
        2,
        {
          kind: 'answer',
          call: 9,
          answer: { ok: true, access: 'open', version: 0, seatCount: 4, seats: encodeSeats(new Uint8Array(4)) },
        },
      ],
    ];
    const heard = (held: number[]): readonly [number, Happening] => [
      12,
      { kind: 'heard', socket: 1, event: 'seats:changed', payload: { showId: 1, from: 0, version: 1, held } },
    ];
    const rows = [row(first, 10)];
    expect(brokenBy(history(...join, heard([0, 1])), tables(rows))).not.toContain('maps are right');
    expect(brokenBy(history(...join, heard([0])), tables(rows))).toContain('maps are right');
  });

  it('finds a commit that is missing from the log, or numbered twice', () => {
    const [shows] = tables(bothRows());
    expect(brokenBy(history(), [{ ...shows!, log: shows!.log.slice(1) }])).toContain('versions without a gap');
    const twice = shows!.log.map((entry) => ({ ...entry, seq: 1, version: 1 }));
    expect(brokenBy(history(), [{ ...shows!, log: twice }])).toContain('versions without a gap');
  });

  it('finds a sync with a hole', () => {
    const answer = { ok: true as const, version: 2, changes: [{ version: 2, held: [2] }] };
    const entries = history(...call(1, [30, 31], 'show:sync', { since: 0 }, answer));
    expect(brokenBy(entries, tables(bothRows()))).toContain('versions without a gap');
  });

  it('finds a hold that ended too early, or too late without a fault to excuse it', () => {
    const ended = (at: number) => {
      const [shows] = tables([row(first, 10, { status: 'expired', version: 2 })]);
      const end = { type: 'ended' as const, bookingId: one, status: 'expired' as const, seats: [0, 1] };
      const log = [...shows!.log, { seq: 2, version: 2, at: zero + at, changes: [end] }];
      const ledger = { seq: 2, version: 2, free: 4, held: 0, sold: 0, blocked: 0 };
      return [{ ...shows!, log, ledger, seats: [], now: zero + 10_000 }];
    };
    const told = reserved(1, [5, 15], first);
    expect(brokenBy(history(...told), ended(2900))).toEqual([]);
    expect(brokenBy(history(...told), ended(1900))).toEqual(['holds end in time']);
    expect(brokenBy(history(...told), ended(3500))).toEqual(['holds end in time']);
    const fault = { kind: 'fault', fault: 'all nodes killed', target: 'all', takes: 'nodes' } as const;
    const excused = history(...told, [1500, { ...fault, phase: 'begins' }], [3000, { ...fault, phase: 'ends' }]);
    expect(brokenBy(excused, ended(3500))).toEqual([]);
  });

  it('finds a seat that is held without a live booking', () => {
    const shows = tables([row(first, 10)]);
    const seats = [...shows[0]!.seats, { seat: 3, status: 1, bookingId: two }];
    expect(brokenBy(history(...reserved(1, [5, 15], first)), [{ ...shows[0]!, seats }])).toContain(
      'held means a live booking',
    );
  });
});

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
      .violations.filter(({ promise, what }) => promise === 'lines in order' && !what.includes('those who stand'))
      .map(({ what }) => what);
  };

  it('finds nothing where the lowest ticket that fits is served', () => {
    const both = [freed, held('a', [0, 1, 2], 1), offered(1, 'a'), held('b', [3], 2), offered(2, 'b')];
    expect(linesBrokenBy([full], [waiter(1, 3)], [waiter(2)], both)).toEqual([]);
    const small = [freed, held('big', [0, 1], undefined), held('b', [3], 2), offered(2, 'b')];
    expect(linesBrokenBy([full], [waiter(1, 3)], [waiter(2)], small)).not.toEqual([]);
  });

  it('finds one that was passed over, an outsider that went before, and seats left free while somebody waits', () => {
    const overtaken = [freed, held('b', [0], 2), offered(2, 'b'), held('a', [1], 1), offered(1, 'a')];
    expect(linesBrokenBy([full], [waiter(1)], [waiter(2)], overtaken)).toHaveLength(1);
    const outsider = [freed, held('o', [0]), held('a', [1], 1), offered(1, 'a')];
    expect(linesBrokenBy([full], [waiter(1)], outsider)).toHaveLength(1);
    expect(linesBrokenBy([full], [waiter(1)], [freed])).toHaveLength(1);
  });

  it('finds a ticket that was skipped', () => {
    expect(linesBrokenBy([full], [waiter(2)])).toHaveLength(1);
  });

  const place = (ticket: number) => ({ showId: 1, line: 'seats', ticket, partySize: 1 });
  const logOf = (...commits: Changes[]) =>
    commits.map((changes, index) => ({ seq: index + 1, version: 0, at: zero + 10 * index, changes }));
  const placesBrokenBy = (entries: Entry[], log: ShowTables['log'], bookings: BookingRow[] = []): string[] =>
    check(entries, tables([], { log, bookings }))
      .violations.filter(({ what }) => /ticket .* (gives to another|waited|before ticket)/.test(what))
      .map(({ promise }) => promise);

  it('finds a ticket that the log gave to another, and one that was forgotten while it waited', () => {
    const log = logOf([full], [waiter(1)]);
    const told = (queue: object | null) => history(...call(1, [50, 60], 'queue:status', {}, { ok: true, queue }, 's1'));
    expect(placesBrokenBy(told(place(1)), log)).toEqual([]);
    expect(placesBrokenBy(told(place(2)), log)).toEqual(['places are kept']);
    expect(placesBrokenBy(told(null), log)).toEqual(['places are kept']);
  });

  it('finds one who was passed over by the offers’ rows and what clients were told, without the log', () => {
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
    expect(placesBrokenBy(entries, log, [offer(1, 200), offer(2, 100)])).toEqual(['lines in order']);
  });

  it('finds a chain that was written anew', () => {
    const link = { line: 'seats' as const, n: 1, at: zero, kind: 'join', ticket: 1, hash: '0'.repeat(64) };
    const { violations } = check(history(), tables([], { chain: [link] }));
    expect(violations.map(({ what }) => what).join()).toContain('chain');
  });
});
