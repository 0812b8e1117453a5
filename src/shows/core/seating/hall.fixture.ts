import type { Layout, LayoutSeat, SeatKind } from '@usher/contract';

export type Hall = Pick<Layout, 'width' | 'height' | 'stage' | 'seats'>;

const kinds: Record<string, SeatKind> = { w: 'wheelchair', c: 'companion', v: 'restrictedView' };

/**
 * A hall drawn as text, one line a row from the screen backwards, together with its statuses. `.` is a free seat, `x` a
 * taken one, `w` `c` `v` a free wheelchair place, companion place, restricted view; a space is an aisle's width.
 * An upper-case row tier may be put before a `|`: `A|....`.
 */
export function drawn(...lines: string[]): {
  hall: Hall;
  statuses: Uint8Array;
  label: (seats: number[] | null) => string;
} {
  const seats: LayoutSeat[] = [];
  const statuses: number[] = [];
  lines.forEach((line, at) => {
    const [tier, text] = line.includes('|') ? (line.split('|') as [string, string]) : ['A', line];
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
