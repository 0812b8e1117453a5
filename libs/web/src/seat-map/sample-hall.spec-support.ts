import type { Layout, LayoutSeat } from '@usher/contract';

/** Returns a layout with the given seats, for specs. */
export function layoutOf(seats: readonly Pick<LayoutSeat, 'section' | 'row' | 'x' | 'y'>[]): Layout {
  const placed = new Map<string, number>();
  return {
    layoutId: 1,
    seatCount: seats.length,
    width: Math.max(...seats.map(({ x }) => x)) + 1,
    height: Math.max(...seats.map(({ y }) => y)) + 1,
    stage: null,
    sections: [...new Set(seats.map(({ section }) => section))].map((name) => ({ name })),
    seats: seats.map((seat) => {
      const number = (placed.get(`${seat.section} ${seat.row}`) ?? 0) + 1;
      placed.set(`${seat.section} ${seat.row}`, number);
      return { ...seat, label: `${seat.row}${number}`, number: String(number), tier: 'standard', kind: 'standard' };
    }),
  };
}

/** Returns a layout of straight rows in one section. Each argument is a row: `#` is a seat and `.` is a gap. */
export const plan = (...rows: readonly string[]): Layout =>
  layoutOf(
    rows.flatMap((row, y) =>
      row
        .split('')
        .flatMap((sign, x) =>
          sign === '#' ? [{ section: 'hall', row: String.fromCodePoint(65 + y), x: x + 1, y: y + 1 }] : [],
        ),
    ),
  );
