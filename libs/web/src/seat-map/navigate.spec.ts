import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildHallMap, type HallMap } from './hall-map.js';
import { findNextSeat, type MoveKey } from './navigate.js';
import { layoutOf, plan } from './sample-hall.spec-support.js';

const walk = (map: HallMap, label: string, ...keys: MoveKey[]): string | undefined => {
  const start = map.seats.find((seat) => seat.label === label);
  return start && keys.reduce((seat, key) => findNextSeat(map, seat, key), start).label;
};

it('moves along a row across its aisle and stops at the end', () => {
  const map = buildHallMap(plan('##.##'));
  expect(walk(map, 'A2', 'ArrowRight')).toBe('A3');
  expect(walk(map, 'A3', 'ArrowLeft')).toBe('A2');
  expect(walk(map, 'A4', 'ArrowRight')).toBe('A4');
});

it('moves left and right as drawn, even in a row that is numbered from the right', () => {
  const map = buildHallMap(layoutOf([3, 2, 1].map((x) => ({ section: 'hall', row: 'A', x, y: 1 }))));
  expect(walk(map, 'A2', 'ArrowRight')).toBe('A1');
});

it('moves up and down on the straightest way, even across a gap', () => {
  const map = buildHallMap(plan('.###.', '#...#', '#####'));
  expect(walk(map, 'A1', 'ArrowDown')).toBe('C2');
  expect(walk(map, 'A2', 'ArrowDown')).toBe('C3');
  expect(walk(map, 'C5', 'ArrowUp', 'ArrowUp')).toBe('A3');
});

it('reaches all seats of a box whose row runs away from the stage', () => {
  const map = buildHallMap(layoutOf([1, 2, 3].map((y) => ({ section: 'box', row: 'front', x: 1, y }))));
  expect(walk(map, 'front1', 'ArrowDown', 'ArrowDown')).toBe('front3');
});

it('moves to the first and last seat of the row and of the hall', () => {
  const map = buildHallMap(plan('###', '###'));
  expect(walk(map, 'B2', 'Home')).toBe('B1');
  expect(walk(map, 'B2', 'End')).toBe('B3');
  expect(findNextSeat(map, map.seats[4]!, 'Home', true).label).toBe('A1');
  expect(findNextSeat(map, map.seats[1]!, 'End', true).label).toBe('B3');
});

it('reaches every seat with the arrow keys, in any hall with curved rows', () => {
  const hall = fc.record({
    widths: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
    bend: fc.double({ min: 0, max: 0.04, noNaN: true }),
    aisle: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(hall, ({ widths, bend, aisle }) => {
      const seats = widths.flatMap((width, row) =>
        Array.from({ length: width }, (_, place) => {
          const x = place - (width - 1) / 2 + (place >= width / 2 ? aisle : 0);
          return { section: 'hall', row: `R${row}`, x: x + 20, y: row * 1.1 + 10 - bend * x * x };
        }),
      );
      const map = buildHallMap(layoutOf(seats));
      expect(countReachable(map)).toBe(seats.length);
    }),
  );
});

function countReachable(map: HallMap): number {
  const keys: MoveKey[] = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];
  const found = new Set([map.seats[0]!]);
  for (const seat of found) for (const key of keys) found.add(findNextSeat(map, seat, key));
  return found.size;
}
