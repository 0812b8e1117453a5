import { describe, expect, it } from '@jest/globals';
import type { LayoutSeat, SeatKind } from '@usher/contract';
import fc from 'fast-check';
import { testRuns } from '../../../../test/support/plain/test-runs.js';
import {
  bestSeats,
  choiceWithoutGap,
  countFitting,
  FreeCounts,
  hallPlan,
  leavesSingleSeat,
  seatsLike,
} from './index.js';
import type { Hall } from './hall.fixture.js';

/** A random hall of straight rows. Each of the `segments` lists seats that are side by side, in walking order. */
interface Scene {
  hall: Hall;
  statuses: Uint8Array;
  segments: number[][];
}

const STEP = 7;
const ordinary: SeatKind[] = ['standard', 'restrictedView'];
const kind = fc.oneof(
  { weight: 6, arbitrary: fc.constant<SeatKind>('standard') },
  { weight: 1, arbitrary: fc.constantFrom<SeatKind>('wheelchair', 'companion', 'restrictedView') },
);
const cell = fc.record({
  kind,
  tier: fc.oneof({ weight: 5, arbitrary: fc.constant('A') }, { weight: 1, arbitrary: fc.constant('B') }),
  status: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 }) }),
  aisle: fc.integer({ min: 0, max: 5 }).map((roll) => roll === 0),
});
// No aisle divides the first four seats of a row, so that the row's usual step is clear.
const row = fc.array(cell, { minLength: 1, maxLength: 12 }).map((cells) => {
  const aisles = cells.reduce((count, { aisle }, at) => count + (aisle && at >= 4 ? 1 : 0), 0);
  return cells.map((one, at) => ({ ...one, aisle: one.aisle && at >= 4 && aisles * 2 < cells.length - 1 }));
});
const stage = fc.option(
  fc.record({
    label: fc.constant(''),
    x: fc.integer({ min: -50, max: 150 }),
    y: fc.integer({ min: -50, max: 150 }),
    width: fc.integer({ min: 1, max: 90 }),
    height: fc.integer({ min: 1, max: 30 }),
  }),
);
const scene: fc.Arbitrary<Scene> = fc
  .record({
    rows: fc.array(row, { minLength: 1, maxLength: 6 }),
    stage,
    sections: fc.boolean(),
    backwards: fc.boolean(),
  })
  .map(({ rows, stage: screen, sections, backwards }) => {
    const seats: LayoutSeat[] = [];
    const statuses: number[] = [];
    const segments: number[][] = [];
    rows.forEach((cells, y) => {
      let x = 0;
      cells.forEach((one, nth) => {
        x += one.aisle ? STEP * 2.2 : STEP;
        if (nth === 0 || one.aisle) segments.push([]);
        segments.at(-1)!.push(seats.length);
        const section = sections && y >= 3 ? 'circle' : 'stalls';
        const place = { x: backwards ? 200 - x : x, y: 10 + y * 9 };
        seats.push({
          label: `${y}-${nth}`,
          section,
          row: `${y}`,
          number: `${nth}`,
          ...place,
          tier: one.tier,
          kind: one.kind,
        });
        statuses.push(one.status);
      });
    });
    return { hall: { width: 200, height: 100, stage: screen, seats }, statuses: Uint8Array.from(statuses), segments };
  });

const request = fc.record(
  {
    count: fc.integer({ min: 1, max: 10 }),
    tier: fc.constantFrom('A', 'B'),
    kind: fc.constantFrom<SeatKind>('standard', 'wheelchair', 'companion', 'restrictedView'),
  },
  { requiredKeys: ['count'] },
);
const seed = fc.infiniteStream(fc.nat({ max: 1_000_000 }));

/** Returns all windows of `size` adjacent seats in which every seat passes a test. */
function windows({ segments }: Scene, size: number, passes: (seat: number) => boolean): number[][] {
  return segments.flatMap((segment) =>
    segment.map((_, at) => segment.slice(at, at + size)).filter((some) => some.length === size && some.every(passes)),
  );
}

const isTogether = ({ segments }: Scene, seats: readonly number[]) =>
  segments.some((segment) => seats.every((seat) => segment.includes(seat))) &&
  Math.max(...seats) - Math.min(...seats) === seats.length - 1;

/** Checks the single-seat rule seat by seat, without the code under test. */
function naiveLeavesSingle({ hall, statuses, segments }: Scene, chosen: readonly number[]): boolean {
  if (chosen.length === 1 || chosen.some((seat) => hall.seats[seat]!.kind === 'wheelchair')) return false;
  const lone = (taken: readonly number[]) =>
    segments.flatMap((segment) => {
      const free = segment.map((seat) => statuses[seat] === 0 && !taken.includes(seat));
      return segment.filter((_, at) => free[at] && !free[at - 1] && !free[at + 1]);
    });
  const before = lone([]);
  return lone(chosen).some((seat) => !before.includes(seat) && hall.seats[seat]!.kind !== 'wheelchair');
}

const bag = (hall: Hall, seats: readonly number[], of: (seat: LayoutSeat) => string) =>
  seats.map((seat) => of(hall.seats[seat]!)).toSorted();
const tierAndClass = ({ tier, kind: seatKind }: LayoutSeat) =>
  `${tier} ${ordinary.includes(seatKind) ? 'ordinary' : seatKind}`;
const tierAndKind = ({ tier, kind: seatKind }: LayoutSeat) => `${tier} ${seatKind}`;
const isSorted = (seats: readonly number[]) => seats.every((seat, at) => at === 0 || seat > seats[at - 1]!);

/** Picks `size` distinct seats of `from`. About half of the picks are adjacent seats, if there are any. */
function pick(some: Scene, from: readonly number[], random: Iterator<number>, size: number): number[] | null {
  const next = () => Number(random.next().value);
  const together = windows(some, size, (seat) => from.includes(seat));
  if (together.length > 0 && next() % 2) return together[next() % together.length]!;
  if (from.length < size) return null;
  const left = [...from];
  return Array.from({ length: size }, () => left.splice(next() % left.length, 1)[0]!);
}

const runs = { numRuns: testRuns({ short: 100, long: 2000 }) };

describe('bestSeats in any hall', () => {
  it('gives the requested number of distinct free seats that fit, unless too few seats fit', () => {
    fc.assert(
      fc.property(scene, request, fc.boolean(), (some, asked, avoidGaps) => {
        const plan = hallPlan(some.hall);
        const fitting = [...some.statuses.keys()].filter((seat) => {
          const { tier, kind: seatKind } = some.hall.seats[seat]!;
          return some.statuses[seat] === 0 && tier === (asked.tier ?? tier) && seatKind === (asked.kind ?? seatKind);
        });
        const chosen = bestSeats(plan, some.statuses, asked, { avoidGaps });
        expect(countFitting(plan, some.statuses, asked)).toBe(fitting.length);
        expect(chosen === null).toBe(fitting.length < asked.count);
        if (!chosen) return;
        expect(chosen).toHaveLength(asked.count);
        expect(isSorted(chosen)).toBe(true);
        expect(chosen.every((seat) => fitting.includes(seat))).toBe(true);
      }),
      runs,
    );
  });

  it('keeps a party together, in one tier and without a gap, if this is possible anywhere in the hall', () => {
    fc.assert(
      fc.property(scene, request, fc.boolean(), (some, asked, avoidGaps) => {
        const fits = (seat: number) => {
          const { tier, kind: seatKind } = some.hall.seats[seat]!;
          const rightKind = asked.kind ? seatKind === asked.kind : ordinary.includes(seatKind);
          return some.statuses[seat] === 0 && rightKind && tier === (asked.tier ?? tier);
        };
        const together = windows(some, asked.count, fits);
        fc.pre(together.length > 0);
        const chosen = bestSeats(hallPlan(some.hall), some.statuses, asked, { avoidGaps })!;
        expect(isTogether(some, chosen)).toBe(true);
        const gapFree = together.filter((seats) => !naiveLeavesSingle(some, seats));
        if (gapFree.length === 0) return;
        expect(naiveLeavesSingle(some, chosen)).toBe(false);
        const tiers = (seats: readonly number[]) => new Set(bag(some.hall, seats, ({ tier }) => tier)).size;
        expect(tiers(chosen) > 1 && gapFree.some((seats) => tiers(seats) === 1)).toBe(false);
      }),
      runs,
    );
  });

  it('gives unrequested companion places only if other seats are too few, and wheelchair places last', () => {
    fc.assert(
      fc.property(scene, request, (some, { count, tier }) => {
        const chosen = bestSeats(
          hallPlan(some.hall),
          some.statuses,
          { count, ...(tier && { tier }) },
          { avoidGaps: true },
        );
        fc.pre(chosen !== null);
        const free = (kinds: SeatKind[]) =>
          some.hall.seats.filter(
            (seat, at) => some.statuses[at] === 0 && kinds.includes(seat.kind) && seat.tier === (tier ?? seat.tier),
          ).length;
        const given = (of: SeatKind) => chosen.filter((seat) => some.hall.seats[seat]!.kind === of).length;
        expect(given('companion') > 0 && free(ordinary) >= count).toBe(false);
        expect(given('wheelchair')).toBe(Math.max(0, count - free([...ordinary, 'companion'])));
      }),
      runs,
    );
  });

  it('gives the same seats for the same request', () => {
    fc.assert(
      fc.property(scene, request, (some, asked) => {
        const ask = () => bestSeats(hallPlan(some.hall), some.statuses, asked, { avoidGaps: true });
        expect(ask()).toEqual(ask());
      }),
      { numRuns: 50 },
    );
  });
});

describe('the single-seat rule in any hall', () => {
  it('agrees with a check of every seat before and after the sale', () => {
    fc.assert(
      fc.property(scene, seed, fc.integer({ min: 1, max: 6 }), (some, random, size) => {
        const free = [...some.statuses.keys()].filter((seat) => some.statuses[seat] === 0);
        const chosen = pick(some, free, random, size);
        fc.pre(chosen !== null);
        const seen = leavesSingleSeat(hallPlan(some.hall), some.statuses, chosen);
        expect(seen).toBe(naiveLeavesSingle(some, chosen));
      }),
      runs,
    );
  });

  it('suggests the same number of seats of the same tiers without a gap, or nothing if there are no such seats', () => {
    fc.assert(
      fc.property(scene, seed, fc.integer({ min: 2, max: 6 }), (some, random, size) => {
        const free = [...some.statuses.keys()].filter((seat) => some.statuses[seat] === 0);
        const chosen = pick(some, free, random, size);
        fc.pre(chosen !== null && naiveLeavesSingle(some, chosen));
        const wanted = bag(some.hall, chosen, tierAndClass);
        const other = choiceWithoutGap(hallPlan(some.hall), some.statuses, chosen);
        const possible = windows(some, size, (seat) => free.includes(seat)).filter(
          (seats) => bag(some.hall, seats, tierAndClass).join() === wanted.join() && !naiveLeavesSingle(some, seats),
        );
        expect(other === null && possible.length > 0).toBe(false);
        if (other === null) return;
        expect(isSorted(other)).toBe(true);
        expect(other.every((seat) => free.includes(seat))).toBe(true);
        expect(bag(some.hall, other, tierAndClass)).toEqual(wanted);
        expect(naiveLeavesSingle(some, other)).toBe(false);
        expect(isTogether(some, chosen) && !isTogether(some, other)).toBe(false);
      }),
      runs,
    );
  });
});

describe('seatsLike in any hall', () => {
  it('gives free seats of the same tiers and kinds, if there are any, and keeps adjacent seats together', () => {
    fc.assert(
      fc.property(scene, seed, fc.integer({ min: 1, max: 6 }), fc.boolean(), (some, random, size, avoidGaps) => {
        const chosen = pick(some, [...some.statuses.keys()], random, size);
        fc.pre(chosen !== null);
        const isFree = (seat: number) => some.statuses[seat] === 0;
        const wanted = bag(some.hall, chosen, tierAndKind);
        const together = isTogether(some, chosen);
        const possible = windows(some, size, isFree).filter(
          (seats) => bag(some.hall, seats, tierAndKind).join() === wanted.join(),
        );
        const other = seatsLike(hallPlan(some.hall), some.statuses, chosen, { avoidGaps });
        expect(other === null && possible.length > 0).toBe(false);
        if (other === null) return;
        expect(isSorted(other)).toBe(true);
        expect(other.every(isFree)).toBe(true);
        expect(bag(some.hall, other, tierAndKind)).toEqual(wanted);
        expect(together && !isTogether(some, other)).toBe(false);
        const gapFreeIsPossible = possible.some((seats) => !naiveLeavesSingle(some, seats));
        expect(together && avoidGaps && gapFreeIsPossible && naiveLeavesSingle(some, other)).toBe(false);
      }),
      runs,
    );
  });

  it('gives the chosen seats themselves if they are free and gaps do not matter', () => {
    fc.assert(
      fc.property(scene, seed, fc.integer({ min: 1, max: 6 }), (some, random, size) => {
        const free = [...some.statuses.keys()].filter((seat) => some.statuses[seat] === 0);
        const chosen = pick(some, free, random, size);
        fc.pre(chosen !== null);
        const same = seatsLike(hallPlan(some.hall), some.statuses, chosen, { avoidGaps: false });
        expect(same).toEqual(chosen.toSorted((a, b) => a - b));
      }),
      runs,
    );
  });
});

describe('FreeCounts in any hall', () => {
  const requests = fc.array(
    fc.record(
      { tiers: fc.subarray(['A', 'B', 'C']), kind: request.map((one) => one.kind) },
      { requiredKeys: ['kind'] },
    ),
    { minLength: 1, maxLength: 5 },
  );

  it('gives the same counts as countFitting, even after seats were taken', () => {
    fc.assert(
      fc.property(scene, requests, fc.array(request, { maxLength: 4 }), (some, asked, taken) => {
        const plan = hallPlan(some.hall);
        const statuses = some.statuses.slice();
        const free = new FreeCounts(plan, statuses);
        for (const next of [null, ...taken]) {
          const seats = next && bestSeats(plan, statuses, next, { avoidGaps: false });
          free.take(seats ?? []);
          for (const seat of seats ?? []) statuses[seat] = 1;
          for (const { tiers, kind: of } of asked) {
            const one = { ...(tiers && { tiers }), ...(of && { kind: of }) };
            expect(free.fitting(one)).toBe(countFitting(plan, statuses, one));
          }
        }
      }),
      runs,
    );
  });
});
