import { describe, expect, it } from '@jest/globals';
import type { LayoutSeat } from '@usher/contract';
import { drawn } from './hall.fixture.js';
import { bestSeats, countFitting, hallPlan, type BestSeatsRequest } from './index.js';

function best(lines: string[], request: BestSeatsRequest, avoidGaps = true): string {
  const { hall, statuses, label } = drawn(...lines);
  return label(bestSeats(hallPlan(hall), statuses, request, { avoidGaps }));
}

describe('bestSeats', () => {
  it('gives the middle of the row two thirds of the way back in an empty hall', () => {
    expect(best(Array<string>(9).fill('..........'), { count: 2 })).toBe('F5 F6');
  });

  it('finds the best point for a screen at any edge of the hall', () => {
    const { hall, statuses } = drawn(...Array<string>(9).fill('.........'));
    const at = (stage: { x: number; y: number; width: number; height: number }) => {
      const [seat] = bestSeats(
        hallPlan({ ...hall, stage: { label: '', ...stage } }),
        statuses,
        { count: 1 },
        { avoidGaps: true },
      )!;
      return hall.seats[seat!]!;
    };
    expect(at({ x: 0, y: 0, width: 80, height: 5 }).label).toBe('F5');
    expect(at({ x: 0, y: 150, width: 80, height: 5 }).label).toBe('D5');
    expect(at({ x: -30, y: 30, width: 5, height: 96 }).label).toMatch(/^E[5-6]$/);
    expect(at({ x: 100, y: 30, width: 5, height: 96 }).label).toMatch(/^E[4-5]$/);
  });

  it('uses the middle of the hall as the best point if there is no stage', () => {
    const { hall, statuses, label } = drawn('.....', '.....', '.....', '.....', '.....');
    const plan = hallPlan({ ...hall, stage: null, width: 40, height: 108 });
    expect(label(bestSeats(plan, statuses, { count: 1 }, { avoidGaps: true }))).toBe('C3');
  });

  it('keeps a pair on one side of the aisle, even if the aisle is in the middle', () => {
    expect(best(['....  ....'], { count: 2 })).toMatch(/^(A3 A4|A5 A6)$/);
  });

  it('prefers adjacent seats in another row to seats with an aisle between them', () => {
    expect(best(['....', 'xxxx', 'xxxx', 'xxxx', 'xxx.  .xxx'], { count: 2 })).toBe('A3 A4');
  });

  it('prefers seats with an aisle between them to seats in several rows', () => {
    expect(best(['x.x  x.x', 'xx.  .xx', 'x.x  x.x'], { count: 2 })).toBe('B3 B4');
  });

  it('splits a party into equal groups in rows behind each other if no row has enough seats', () => {
    expect(best(['xxx...xxx', 'xxx...xxx', 'xxxxxxxxx', '.x.x.x.x.'], { count: 6 })).toBe('A4 A5 A6 B4 B5 B6');
  });

  it('prefers a tight cluster to scattered seats that are nearer to the best point', () => {
    expect(
      best(['xxxxxxxxx..', 'xxxxxxxxx..', 'xxxxxxxxxxx', 'xx.xxxx.xxx', 'xxxxxxxxxxx', 'xx.xxxx.xxx'], { count: 4 }),
    ).toBe('A10 A11 B10 B11');
  });

  it('avoids a single-seat gap if other seats of the row leave none', () => {
    expect(best(['x.....x'], { count: 3 })).toMatch(/^(A2 A3 A4|A4 A5 A6)$/);
    expect(best(['x.....x'], { count: 3 }, false)).toMatch(/^(A2 A3 A4|A4 A5 A6)$/);
  });

  it('leaves a single-seat gap rather than splitting the party', () => {
    expect(best(['x...x', 'x.x.x'], { count: 2 })).toMatch(/^(A2 A3|A3 A4)$/);
  });

  it('gives an isolated seat nearby to a buyer who wants only one seat', () => {
    expect(best(['x..x.x'], { count: 1 })).toBe('A5');
  });

  it('gives no wheelchair or companion place to buyers who did not ask for one if other seats are free', () => {
    expect(best(['.x.x.', 'wcwcw'], { count: 3 })).toBe('A1 A3 A5');
  });

  it('gives companion places before wheelchair places if other seats run out, and only as many as are missing', () => {
    expect(best(['.x.', 'wccw'], { count: 3 })).not.toMatch(/B1|B4/);
    expect(best(['.xx', 'wwcw'], { count: 3 })).toMatch(/^A1 B[124] B3$|^A1 B3 B4$/);
  });

  it('gives nothing but wheelchair places to a buyer who asks for wheelchair places', () => {
    expect(best(['....', 'w..w'], { count: 2, kind: 'wheelchair' })).toBe('B1 B4');
    expect(best(['....', 'w..w'], { count: 3, kind: 'wheelchair' })).toBe('none');
  });

  it('prefers a seat a little further away to a seat with a restricted view', () => {
    expect(best(['........', '........', '..vvvv..', '........'], { count: 2 })).not.toContain('C');
  });

  it('gives only seats of the requested tier, and none if there is no such tier', () => {
    expect(best(['A|....', 'A|....', 'B|....'], { count: 2, tier: 'B' })).toMatch(/^C/);
    expect(best(['A|....'], { count: 2, tier: 'Z' })).toBe('none');
  });

  it('prefers seats of one tier to seats of several tiers that are equally close together', () => {
    const { hall, statuses, label } = drawn('....');
    hall.seats[2]!.tier = 'B';
    hall.seats[3]!.tier = 'B';
    expect(label(bestSeats(hallPlan(hall), statuses, { count: 2 }, { avoidGaps: true }))).toMatch(/^(A1 A2|A3 A4)$/);
  });

  it('gives all free seats if exactly that many are requested, and none if one is missing', () => {
    expect(best(['x.x.', '.xwx'], { count: 4 })).toBe('A2 A4 B1 B3');
    expect(best(['x.x.', '.xwx'], { count: 5 })).toBe('none');
  });

  it('throws a RangeError if the count is not a positive integer', () => {
    const { hall, statuses } = drawn('..');
    for (const count of [0, -1, 1.5, Number.NaN]) {
      expect(() => bestSeats(hallPlan(hall), statuses, { count }, { avoidGaps: true })).toThrow(RangeError);
    }
  });

  it('counts the seats that fit a request', () => {
    const { hall, statuses } = drawn('A|..xw', 'B|.c');
    const plan = hallPlan(hall);
    expect(countFitting(plan, statuses, {})).toBe(5);
    expect(countFitting(plan, statuses, { tier: 'A' })).toBe(3);
    expect(countFitting(plan, statuses, { kind: 'standard' })).toBe(3);
    expect(countFitting(plan, statuses, { tier: 'B', kind: 'companion' })).toBe(1);
  });
});

const seat = (row: string, x: number, y: number, section = 'stalls'): LayoutSeat => ({
  label: `${row}-${x}-${y}`,
  section,
  row,
  number: '',
  x,
  y,
  tier: 'A',
  kind: 'standard',
});

function choose(seats: LayoutSeat[], count: number): number[] | null {
  const plan = hallPlan({ width: 100, height: 100, stage: null, seats });
  return bestSeats(plan, new Uint8Array(seats.length), { count }, { avoidGaps: true });
}

describe('odd halls', () => {
  it('finds the neighbours in a horseshoe-shaped row', () => {
    const seats = Array.from({ length: 20 }, (_, at) => {
      const angle = (at / 19) * Math.PI * 1.5;
      return seat('A', 50 + 40 * Math.cos(angle), 50 + 40 * Math.sin(angle));
    });
    const chosen = choose(seats, 4)!;
    expect(chosen).toEqual(Array.from({ length: 4 }, (_, at) => chosen[0]! + at));
  });

  it('finds neighbours by position if a row has odd numbers on the left and even numbers on the right', () => {
    const numbers = [1, 2, 3, 4, 5, 6];
    const seats = numbers.map((number) => seat('A', 50 + (number % 2 ? -5 * number : 5 * (number - 1)), 50));
    const xs = choose(seats, 3)!.map((at) => seats[at]!.x);
    expect(Math.max(...xs) - Math.min(...xs)).toBe(20);
  });

  it('judges the distance between seats by section, so that the two seats of a box are neighbours', () => {
    const stalls = Array.from({ length: 10 }, (_, at) => seat('A', at * 5, 90));
    const box = [seat('A', 48, 50, 'box 1'), seat('A', 60, 50, 'box 1')];
    expect(choose([...stalls, ...box], 2)).toEqual([10, 11]);
  });

  it('does not treat two seats with an aisle between them as a pair if the section has longer rows', () => {
    const longer = Array.from({ length: 8 }, (_, at) => seat('A', at * 5, 0));
    const split = [seat('B', 40, 50), seat('B', 60, 50)];
    expect(choose([...longer, ...split], 2)!.every((at) => at < 8)).toBe(true);
  });

  it('chooses seats in halls with all seats at one position, one seat per row, or extreme coordinates', () => {
    const spot = Array.from({ length: 12 }, (_, at) => seat(`${at}`, 7, 7));
    const edge = Array.from({ length: 12 }, (_, at) => seat(`${at % 3}`, at * 1e307, -at * 1e307));
    const dust = Array.from({ length: 12 }, (_, at) => seat(`${at}`, at * 1e-310, 0));
    for (const seats of [spot, edge, dust]) {
      const plan = hallPlan({
        width: 1,
        height: 1e308,
        stage: { label: '', x: 1e308, y: 0, width: 1e308, height: 1 },
        seats,
      });
      expect(plan.cost.every(Number.isFinite)).toBe(true);
      expect(bestSeats(plan, new Uint8Array(12), { count: 10 }, { avoidGaps: true })).toHaveLength(10);
    }
  });

  it('finds nothing in a hall without seats', () => {
    expect(choose([], 1)).toBeNull();
  });
});
