import type { Layout, LayoutSeat, SeatKind } from '@usher/contract';

export type Hall = Pick<Layout, 'width' | 'height' | 'stage' | 'seats'>;

const kinds: Record<string, SeatKind> = { w: 'wheelchair', c: 'companion', v: 'restrictedView' };

/**
 * Returns a hall and its seat statuses from a drawing in text. Each line is a row, and the first row is nearest to the
 * screen. `.` is a free seat and `x` a taken seat. `w` is a free wheelchair place, `c` a free companion place and `v` a
 * free seat with a restricted view. A space is as wide as an aisle. An upper-case letter before `|` is the tier of the
 * row, as in `A|....`.
 */
export function drawn(...lines: string[]): {
  hall: Hall;
  statuses: Uint8Array;
  label: (seats: number[] | null) => string;
} {
  const seats: LayoutSeat[] = [];
  const statuses: number[] = [];
  lines.forEach((line, at) => {
    const [, tier = 'A', text = ''] = /^(?:([^|]*)\|)?([^|]*)/.exec(line) ?? [];
    let number = 0;
    text.split('').forEach((mark, column) => {
      if (mark === ' ') return;
      const row = String.fromCharCode(65 + at);
      const label = `${row}${++number}`;
      const kind = kinds[mark] ?? 'standard';
      seats.push({ label, section: 'stalls', row, number: `${number}`, x: column * 10, y: 30 + at * 12, tier, kind });
      statuses.push(mark === 'x' ? 2 : 0);
    });
  });
  const width = Math.max(...seats.map((seat) => seat.x));
  const stage = { label: 'Screen', x: 0, y: 0, width: Math.max(width, 1), height: 5 };
  return {
    hall: { width: width + 10, height: 30 + lines.length * 12, stage, seats },
    statuses: Uint8Array.from(statuses),
    label: (chosen) => (chosen ? chosen.map((seat) => seats[seat]!.label).join(' ') : 'none'),
  };
}
