import { describe, expect, it } from '@jest/globals';
import { Layout, type LayoutSeat } from '@usher/contract';
import { arena, artHouse, multiplex, palace, type LayoutPlan } from './index.js';

const distance = (a: LayoutSeat, b: LayoutSeat) => Math.hypot(a.x - b.x, a.y - b.y);

/**
 * Returns the smallest distance between two neighbouring seats. Seats that are more than 2 units apart do not count.
 */
function nearestNeighbours({ seats }: LayoutPlan): number {
  const cellAt = (column: number, row: number) => column * 10_000 + row;
  const cells = Map.groupBy(seats, ({ x, y }) => cellAt(Math.floor(x / 2), Math.floor(y / 2)));
  const steps = [-1, 0, 1].flatMap((right) => [-1, 0, 1].map((down) => [right, down] as const));
  let nearest = 2;
  for (const seat of seats) {
    for (const [dx, dy] of steps) {
      const around = cells.get(cellAt(Math.floor(seat.x / 2) + dx, Math.floor(seat.y / 2) + dy)) ?? [];
      for (const other of around) if (other !== seat) nearest = Math.min(nearest, distance(seat, other));
    }
  }
  return nearest;
}

const tiersOf = ({ seats }: LayoutPlan) => [...new Set(seats.map(({ tier }) => tier))].toSorted();

const kindCount = ({ seats }: LayoutPlan, kind: LayoutSeat['kind']) =>
  seats.filter((seat) => seat.kind === kind).length;

/** Groups the seats into rows, in the order of the seats array. */
function rowsOf({ seats }: LayoutPlan): LayoutSeat[][] {
  const rows: LayoutSeat[][] = [];
  for (const seat of seats) {
    const last = rows.at(-1);
    if (last?.[0]?.row === seat.row && last[0].section === seat.section) last.push(seat);
    else rows.push([seat]);
  }
  return rows;
}

/** Returns the number of gaps of at least 2 units between consecutive seats of a row. */
const aislesOf = (row: LayoutSeat[]) => row.slice(1).filter((seat, index) => distance(seat, row[index]!) >= 2).length;

const arenaPlan = arena();

describe.each([
  { name: 'the art house', plan: artHouse(), seatCount: 90, tiers: ['standard'], wheelchairs: 0 },
  { name: 'the multiplex hall', plan: multiplex(), seatCount: 320, tiers: ['premium', 'standard'], wheelchairs: 4 },
  { name: 'the palace', plan: palace(), seatCount: 2000, tiers: ['box', 'circle', 'stalls'], wheelchairs: 4 },
  { name: 'the arena', plan: arenaPlan, seatCount: 20_000, tiers: ['lower', 'middle', 'upper'], wheelchairs: 40 },
])('$name', ({ plan, seatCount, tiers, wheelchairs }) => {
  it('matches the contract and has the declared number of seats', () => {
    expect(Layout.parse({ layoutId: 1, ...plan })).toEqual({ layoutId: 1, ...plan });
    expect(plan.seats).toHaveLength(seatCount);
    expect(plan.seatCount).toBe(seatCount);
    expect(tiersOf(plan)).toEqual(tiers);
  });

  it('gives every seat a unique label', () => {
    expect(new Set(plan.seats.map(({ label }) => label)).size).toBe(seatCount);
  });

  it('has no overlapping seats', () => {
    expect(nearestNeighbours(plan)).toBeGreaterThanOrEqual(0.95);
  });

  it('keeps seats and stage inside the drawing, with the stage in front of the seats', () => {
    const { stage, width, height, seats } = plan;
    expect(stage).not.toBeNull();
    expect(stage!.x).toBeGreaterThanOrEqual(0);
    expect(stage!.x + stage!.width).toBeLessThanOrEqual(width);
    const isInside = ({ x, y }: LayoutSeat) => x >= 0.5 && y >= 0.5 && x <= width - 0.5 && y <= height - 0.5;
    expect(seats.filter((seat) => !isInside(seat))).toEqual([]);
    const { x: left, y: top, width: wide, height: deep } = stage!;
    const inFront = seats.filter(({ x }) => x > left - 0.5 && x < left + wide + 0.5);
    // In the arena, the seats surround the floor on all sides.
    const near = seats === arenaPlan.seats ? inFront.filter(({ y }) => y > top - 0.5) : inFront;
    expect(Math.min(...near.map(({ y }) => y))).toBeGreaterThan(top + deep + 0.5);
  });

  it('lists every row once, with its seats in walking order and numbered from 1', () => {
    const rows = rowsOf(plan);
    expect(new Set(rows.map(([seat]) => `${seat!.section}|${seat!.row}`)).size).toBe(rows.length);
    for (const row of rows) {
      expect(row.map(({ number }) => Number(number))).toEqual(row.map((_, index) => index + 1));
      if (/^(Box|\d)/.test(row[0]!.section)) continue;
      for (const [index, seat] of row.slice(1).entries()) expect(seat.x).toBeGreaterThan(row[index]!.x);
    }
  });

  it('uses exactly the sections that it lists', () => {
    expect([...new Set(plan.seats.map(({ section }) => section))]).toEqual(plan.sections.map(({ name }) => name));
  });

  it('has a companion seat next to every wheelchair place', () => {
    expect(kindCount(plan, 'wheelchair')).toBe(wheelchairs);
    for (const [seat, { kind }] of plan.seats.entries()) {
      if (kind !== 'wheelchair') continue;
      const beside = [plan.seats[seat - 1], plan.seats[seat + 1]].filter((other) => other?.kind === 'companion');
      expect(beside.some((other) => distance(other!, plan.seats[seat]!) < 1.5)).toBe(true);
    }
  });
});

describe('the halls', () => {
  it('have their typical aisles', () => {
    expect(rowsOf(artHouse()).map(aislesOf)).toEqual(Array.from({ length: 9 }, () => 1));
    expect(new Set(rowsOf(multiplex()).slice(0, -1).map(aislesOf))).toEqual(new Set([2]));
    const curved = rowsOf(palace()).filter(([seat]) => !seat!.section.startsWith('Box'));
    expect(curved).toHaveLength(40);
    expect(new Set(curved.map(aislesOf))).toEqual(new Set([2]));
  });

  it('bend the ends of the rows of the palace towards the stage', () => {
    for (const row of rowsOf(palace()).filter(([seat]) => seat!.section === 'Stalls')) {
      const middle = row[Math.floor(row.length / 2)]!;
      expect(middle.y - row[0]!.y).toBeGreaterThan(2);
      expect(middle.y - row.at(-1)!.y).toBeGreaterThan(2);
    }
  });

  it('mark the seats of the boxes nearest to the stage as restricted view', () => {
    const restricted = palace().seats.filter(({ kind }) => kind === 'restrictedView');
    expect(restricted).toHaveLength(30);
    expect(new Set(restricted.map(({ tier }) => tier))).toEqual(new Set(['box']));
  });
});
