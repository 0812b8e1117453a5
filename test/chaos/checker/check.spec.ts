import { describe, expect, it } from '@jest/globals';
import type { Answer } from '../messages.js';
import { excerpt } from './violation.js';
import { check } from './check.js';
import { encodeSeats } from '@usher/contract';
import type { Happening } from '../history.js';
import {
  booking,
  bothRows,
  call,
  findBrokenPromises,
  first,
  history,
  one,
  reserved,
  row,
  second,
  tables,
  two,
  zero,
} from './history.fixture.js';

describe('the checker', () => {
  it('finds no violation in a correct run', () => {
    const entries = history(...reserved(1, [5, 15], first), ...reserved(2, [16, 25], second));
    expect(check(entries, tables(bothRows())).violations).toEqual([]);
  });

  it('finds in the history that a seat was in two live bookings', () => {
    const thief = booking(two, [1], 20, { version: 2 });
    const entries = history(...reserved(1, [5, 15], first), ...reserved(2, [16, 25], thief));
    expect(findBrokenPromises(entries, tables(bothRows()))).toContain('one booking per seat');
  });

  it('accepts a second booking of a seat after a client asked to release the first one, or after the first one expired', () => {
    const after = booking(two, [1], 40, { version: 3 });
    const released: Answer = { ok: true, booking: { ...first, status: 'released', version: 2 } };
    const entries = history(
      ...reserved(1, [5, 15], first),
      ...call(2, [30, 35], 'reservation:release', { bookingId: one }, released),
      ...reserved(3, [38, 45], after),
    );
    expect(findBrokenPromises(entries, tables(bothRows()))).not.toContain('one booking per seat');
    const late = booking(two, [1], 2020, { version: 3 });
    expect(
      findBrokenPromises(history(...reserved(1, [5, 15], first), ...reserved(2, [2016, 2025], late)), []),
    ).not.toContain('one booking per seat');
  });

  it('finds an acknowledged booking that is not in the database', () => {
    const entries = history(...reserved(1, [5, 15], first));
    const { violations } = check(entries, tables([]));
    expect(violations.map(({ promise }) => promise)).toContain('acknowledged bookings exist');
    expect(excerpt(entries, violations[0]!)).toContain(one);
  });

  it('finds a booking that was reported as released but is still live in the database', () => {
    const released: Answer = { ok: true, booking: { ...first, status: 'released', version: 1 } };
    const entries = history(
      ...reserved(1, [5, 15], first),
      ...call(2, [30, 35], 'reservation:release', { bookingId: one }, released),
    );
    expect(findBrokenPromises(entries, tables([row(first, 10)]))).toContain('acknowledged bookings exist');
  });

  it('finds a booking that no client requested, and accepts a requested booking whose answer was lost', () => {
    expect(findBrokenPromises(history(), tables([row(first, 10)]))).toContain('no booking without a request');
    const lost = history(...call(1, [5, 15], 'reservation:create', { seats: [1, 0] }, null));
    expect(check(lost, tables([row(first, 10)])).violations).toEqual([]);
  });

  it('finds an idempotency key that made two bookings', () => {
    const again = booking(two, [2], 20, { version: 2, sessionId: first.sessionId });
    const entries = history(
      ...reserved(1, [5, 15], first, { key: 'k' }),
      ...reserved(2, [16, 25], again, { key: 'k' }),
    );
    const rows = [row(first, 10, { key: 'k' }), row(again, 20, { key: 'k', version: 2 })];
    expect(findBrokenPromises(entries, tables(rows))).toEqual(['one effect per key']);
  });

  it('finds a call that got a lower version than a call that was answered earlier', () => {
    const entries = history(...reserved(1, [5, 15], second), ...reserved(2, [16, 25], first));
    expect(findBrokenPromises(entries, tables(bothRows()))).toContain('versions follow time');
  });

  it('finds a client that ends with a wrong map or without a map', () => {
    const map = { kind: 'map', buyer: 'b', showId: 1, version: 2 } as const;
    expect(findBrokenPromises(history([50, { ...map, seats: '1110' }]), tables(bothRows()))).not.toContain(
      'maps are correct',
    );
    expect(findBrokenPromises(history([50, { ...map, seats: '1100' }]), tables(bothRows()))).toContain(
      'maps are correct',
    );
    expect(findBrokenPromises(history([50, { ...map, version: null, seats: null }]), tables([]))).toContain(
      'every buyer recovers',
    );
  });

  it('finds a `seats:changed` event that differs from the log', () => {
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
    const received = (held: number[]): readonly [number, Happening] => [
      12,
      { kind: 'received', socket: 1, event: 'seats:changed', payload: { showId: 1, from: 0, version: 1, held } },
    ];
    const rows = [row(first, 10)];
    expect(findBrokenPromises(history(...join, received([0, 1])), tables(rows))).not.toContain('maps are correct');
    expect(findBrokenPromises(history(...join, received([0])), tables(rows))).toContain('maps are correct');
  });

  it('finds a commit that is missing from the log, and two commits with the same number', () => {
    const [shows] = tables(bothRows());
    expect(findBrokenPromises(history(), [{ ...shows!, log: shows!.log.slice(1) }])).toContain(
      'versions without a gap',
    );
    const twice = shows!.log.map((entry) => ({ ...entry, seq: 1, version: 1 }));
    expect(findBrokenPromises(history(), [{ ...shows!, log: twice }])).toContain('versions without a gap');
  });

  it('finds an answer to `show:sync` that leaves out a version', () => {
    const answer = { ok: true as const, version: 2, changes: [{ version: 2, held: [2] }] };
    const entries = history(...call(1, [30, 31], 'show:sync', { since: 0 }, answer));
    expect(findBrokenPromises(entries, tables(bothRows()))).toContain('versions without a gap');
  });

  it('finds a hold that expired too early, and a hold that expired too late although there was no fault', () => {
    const ended = (at: number) => {
      const [shows] = tables([row(first, 10, { status: 'expired', version: 2 })]);
      const end = { type: 'ended' as const, bookingId: one, status: 'expired' as const, seats: [0, 1] };
      const log = [...shows!.log, { seq: 2, version: 2, at: zero + at, changes: [end] }];
      const ledger = { seq: 2, version: 2, free: 4, held: 0, sold: 0, blocked: 0 };
      return [{ ...shows!, log, ledger, seats: [], now: zero + 10_000 }];
    };
    const reservation = reserved(1, [5, 15], first);
    expect(findBrokenPromises(history(...reservation), ended(2900))).toEqual([]);
    expect(findBrokenPromises(history(...reservation), ended(1900))).toEqual(['holds expire on time']);
    expect(findBrokenPromises(history(...reservation), ended(3500))).toEqual(['holds expire on time']);
    const fault = { kind: 'fault', fault: 'all nodes killed', target: 'all', outage: 'nodes' } as const;
    const excused = history(...reservation, [1500, { ...fault, phase: 'begins' }], [3000, { ...fault, phase: 'ends' }]);
    expect(findBrokenPromises(excused, ended(3500))).toEqual([]);
  });

  it('finds a held seat that belongs to no live booking', () => {
    const shows = tables([row(first, 10)]);
    const seats = [...shows[0]!.seats, { seat: 3, status: 1, bookingId: two }];
    expect(findBrokenPromises(history(...reserved(1, [5, 15], first)), [{ ...shows[0]!, seats }])).toContain(
      'held seats have a live booking',
    );
  });
});
