import { describe, expect, it } from '@jest/globals';
import { SecondsRange } from '@usher/contract';
import fc from 'fast-check';
import { etaFromPerPlace, leaveSecondsMax, Pace, type PaceEvent, serviceSecondsMax } from './pace.js';

const startedAt = Date.UTC(2026, 10, 24);

const event = (kind: PaceEvent['kind'], second: number, count = 1): PaceEvent => ({
  kind,
  at: startedAt + second * 1000,
  count,
});

/** Services at regular times. @param gap seconds */
const regular = (times: number, gap: number, count = 1): PaceEvent[] =>
  Array.from({ length: times }, (_, index) => event('served', index * gap, count));

const after = (second: number): number => startedAt + second * 1000;

/** Generates histories of a line with up to 1,500 events. */
const histories = fc
  .array(
    fc.record({
      kind: fc.constantFrom('served', 'served', 'served', 'left', 'opened'),
      gapMs: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 1_000_000 })),
      count: fc.integer({ min: 1, max: 500 }),
    }),
    { maxLength: 1500, size: 'max' },
  )
  .map((steps) => {
    let at = startedAt;
    return steps.map(({ kind, gapMs, count }): PaceEvent => ({ kind, at: (at += gapMs), count }));
  });

const secondOf = ({ at }: PaceEvent): number => Math.floor(at / 1000);

/**
 * For each kind of event, returns the events of the last seconds that a pace remembers. The service reads these from
 * the tables.
 */
function lastOf(events: readonly PaceEvent[]): PaceEvent[] {
  const since = (kind: PaceEvent['kind'], seconds: number) =>
    [...new Set(events.filter((one) => one.kind === kind).map(secondOf))].slice(-seconds)[0] ?? Infinity;
  const served = since('served', serviceSecondsMax);
  const first = { served, opened: served, left: since('left', leaveSecondsMax) };
  return events.filter((one) => secondOf(one) >= first[one.kind]);
}

describe('the pace of a line', () => {
  it('gives no estimate before five services', () => {
    const early = Pace.from(regular(4, 10));
    expect([early.eta(3, 10, after(31)), early.perPlace(10, after(31))]).toEqual([null, null]);
    expect(Pace.from(regular(5, 10)).eta(3, 10, after(41))).not.toBeNull();
  });

  it('gives a narrow range for a regular pace: with a service every 10 s, the tenth waiter waits about 100 s', () => {
    const pace = Pace.from(regular(100, 10));
    const { from, to } = pace.eta(9, 50, after(992)) ?? { from: NaN, to: NaN };
    expect(from).toBeGreaterThan(80);
    expect(from).toBeLessThan(98);
    expect(to).toBeGreaterThan(98);
    expect(to).toBeLessThan(120);
  });

  it('expects the waiters of one batch to be served together', () => {
    const pace = Pace.from(regular(50, 60, 20));
    const [first, eighth, last] = [0, 7, 59].map((ahead) => pace.eta(ahead, 100, after(49 * 60 + 30)));
    expect(eighth).toEqual(first);
    expect(first?.to).toBeLessThan(60);
    expect(last?.from).toBeGreaterThan(60);
  });

  it('expects a slow but nonzero pace of a line that has not moved for a long time', () => {
    const pace = Pace.from(regular(60, 5));
    const waits = [300, 330, 360, 420, 900].map((second) => pace.eta(10, 50, after(second))?.to ?? NaN);
    expect(waits).toEqual([...new Set(waits)].toSorted((one, other) => one - other));
    expect(waits.at(-1)).toBeGreaterThan(600);
  });

  it('limits the expected wait by the length of the standstill, even if the pace fell before it', () => {
    const slowing = [0, 1, 2, 4, 6].map((second, nth) => event('served', second, nth === 2 ? 2 : 1));
    for (const idle of [600, 3600, 10_000]) {
      const { to } = Pace.from(slowing).eta(100, 101, after(6 + idle)) ?? { to: NaN };
      expect(to / 100).toBeLessThan(24 * idle);
    }
  });

  it('follows a pace that changes', () => {
    const slower = regular(30, 20).map(({ at }) => ({ ...event('served', 0), at: at + 2_000_000 }));
    const pace = Pace.from([...regular(400, 5), ...slower]);
    const { from, to } = pace.eta(9, 50, after(2000 + 29 * 20)) ?? { from: NaN, to: NaN };
    expect(from).toBeGreaterThan(120);
    expect(to).toBeGreaterThan(200);
  });

  it('does not count the time in which nobody waited', () => {
    const later = regular(3, 5).map(({ at }) => ({ ...event('served', 0), at: at + 90_000_000 }));
    const pause = [...regular(20, 5), event('opened', 89_995), ...later];
    const now = after(90_000 + 11);
    expect(Pace.from(pause).eta(9, 50, now)?.to).toBeLessThan(80);
    expect(Pace.from(pause.filter(({ kind }) => kind !== 'opened')).eta(9, 50, now)?.to).toBeGreaterThan(80);
  });

  it('expects some of the waiters ahead to leave the line', () => {
    const services = regular(60, 5);
    const leaves = Array.from({ length: 59 }, (_, index) => event('left', index * 5 + 2));
    const all = [...services, ...leaves].toSorted((one, other) => one.at - other.at);
    const [with_, without] = [all, services].map((events) => Pace.from(events).eta(99, 100, after(296))?.from ?? NaN);
    expect(with_).toBeLessThan(0.85 * (without ?? NaN));
  });

  it('gives ranges that the contract allows, for any history', () => {
    fc.assert(
      fc.property(histories, fc.nat(100_000), fc.nat(10_000_000), (events, ahead, later) => {
        const pace = Pace.from(events);
        const now = (events.at(-1)?.at ?? startedAt) + later;
        const eta = pace.eta(ahead, ahead + 1, now);
        const perPlace = pace.perPlace(ahead + 1, now);
        for (const range of [eta, perPlace, perPlace && etaFromPerPlace(ahead, perPlace)]) {
          if (range === null) continue;
          expect(SecondsRange.safeParse(range).success).toBe(true);
          expect(range.from).toBeLessThanOrEqual(range.to);
        }
        expect([eta?.from ?? 0, eta?.to ?? 0].every(Number.isInteger)).toBe(true);
      }),
    );
  });

  it('gives the same ranges if only the last events are known', () => {
    fc.assert(
      fc.property(histories, fc.nat(5000), fc.nat(100_000), (events, ahead, later) => {
        const [all, read] = [Pace.from(events), Pace.from(lastOf(events))];
        const now = (events.at(-1)?.at ?? startedAt) + later;
        expect(read.eta(ahead, ahead + 1, now)).toEqual(all.eta(ahead, ahead + 1, now));
        expect(read.perPlace(ahead + 1, now)).toEqual(all.perPlace(ahead + 1, now));
      }),
    );
  });

  it('needs only the remembered events of a long history', () => {
    const events = Array.from({ length: 5000 }, (_, index) => event(index % 3 === 0 ? 'left' : 'served', index * 2));
    expect(lastOf(events)).toHaveLength(serviceSecondsMax + leaveSecondsMax);
    const now = after(10_000);
    expect(Pace.from(lastOf(events)).eta(7, 30, now)).toEqual(Pace.from(events).eta(7, 30, now));
  });
});
