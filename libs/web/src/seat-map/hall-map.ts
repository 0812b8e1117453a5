import type { Layout, LayoutSeat, SeatKind } from '@usher/contract';

/** One seat of a hall, ready to be drawn and named. */
export interface HallSeat {
  /** Its number on the wire: the position in the layout's `seats`. */
  readonly seat: number;
  readonly label: string;
  readonly section: string;
  readonly row: string;
  readonly number: string;
  readonly x: number;
  readonly y: number;
  readonly tier: string;
  readonly kind: SeatKind;
  /** Index into {@link HallMap.rows}, and the position in that row. */
  readonly rowIndex: number;
  readonly place: number;
}

/** One row of one section, its seats in walking order. */
export interface HallRow {
  readonly section: string;
  readonly row: string;
  readonly seats: readonly HallSeat[];
}

/** A word on the map, centred on its point. */
export interface Caption {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly of: 'row' | 'section';
}

/** A layout turned into rows; made once a layout and never changed. */
export interface HallMap {
  readonly width: number;
  readonly height: number;
  readonly stage: Layout['stage'];
  /** In wire order. */
  readonly seats: readonly HallSeat[];
  readonly rows: readonly HallRow[];
  /** Names of rows and sections where there is room beside their seats; for eyes only. */
  readonly captions: readonly Caption[];
  /** Whether a seat's section must be said to tell it from others. */
  readonly manySections: boolean;
  /** Distance between neighbours in a row, in the layout's units: what a seat's size is made from. */
  readonly pitch: number;
}

/** Groups a layout's seats into rows (section and row name), in the order in which they first appear. */
export function buildHallMap(layout: Pick<Layout, 'width' | 'height' | 'stage' | 'seats'>): HallMap {
  const grouped = new Map<string, { index: number; section: string; row: string; seats: HallSeat[] }>();
  const seats = layout.seats.map((one: LayoutSeat, seat): HallSeat => {
    const key = `${one.section}\n${one.row}`;
    let row = grouped.get(key);
    if (row === undefined) {
      row = { index: grouped.size, section: one.section, row: one.row, seats: [] };
      grouped.set(key, row);
    }
    const hallSeat = { ...one, seat, rowIndex: row.index, place: row.seats.length };
    row.seats.push(hallSeat);
    return hallSeat;
  });
  const rows = [...grouped.values()].map(({ index: _, ...row }): HallRow => row);
  const pitch = measurePitch(rows) ?? Math.max(layout.width, layout.height) / 10;
  const manySections = new Set(rows.map((row) => row.section)).size > 1;
  return {
    width: layout.width,
    height: layout.height,
    stage: layout.stage,
    seats,
    rows,
    captions: [
      ...placeRowCaptions(rows, seats, pitch),
      ...(manySections ? placeSectionCaptions(rows, seats, pitch) : []),
    ],
    manySections,
    pitch,
  };
}

// The tenth percentile instead of the least: one pair of seats drawn too close must not shrink the whole hall.
function measurePitch(rows: readonly HallRow[]): number | undefined {
  const steps = rows
    .flatMap(({ seats }) => seats.slice(1).map((seat, index) => distance(seat, seats[index] ?? seat)))
    .filter((step) => step > 0)
    .toSorted((a, b) => a - b);
  return steps[Math.floor(steps.length / 10)];
}

const distance = (a: HallSeat, b: HallSeat): number => Math.hypot(a.x - b.x, a.y - b.y);

const isClearOfSeats = (
  seats: readonly HallSeat[],
  { x, y }: Caption,
  halfWidth: number,
  halfHeight: number,
): boolean => seats.every((seat) => Math.abs(seat.x - x) > halfWidth || Math.abs(seat.y - y) > halfHeight);

/** Each row's name, where it is a letter or number, before its first and after its last seat. */
function placeRowCaptions(rows: readonly HallRow[], seats: readonly HallSeat[], pitch: number): Caption[] {
  return rows
    .filter(({ row }) => row.length <= 3)
    .flatMap(({ row, seats: [first, ...others] }): Caption[] => {
      if (first === undefined) return [];
      const ends = [first, others.at(-1) ?? first].toSorted((a, b) => a.x - b.x);
      return ends.map((seat, end) => ({ text: row, x: seat.x + (end === 0 ? -pitch : pitch), y: seat.y, of: 'row' }));
    })
    .filter((caption) => isClearOfSeats(seats, caption, pitch * 0.8, pitch * 0.6));
}

/** Each section's name above its first row's middle. */
function placeSectionCaptions(rows: readonly HallRow[], seats: readonly HallSeat[], pitch: number): Caption[] {
  const letter = pitch * 0.3;
  return [...Map.groupBy(rows, ({ section }) => section)]
    .map(([text, ofSection]): Caption => {
      const inside = ofSection.flatMap((row) => row.seats);
      const xs = inside.map(({ x }) => x);
      const top = Math.min(...inside.map(({ y }) => y));
      return { text, x: (Math.min(...xs) + Math.max(...xs)) / 2, y: top - pitch, of: 'section' };
    })
    .filter((caption) => isClearOfSeats(seats, caption, caption.text.length * letter, pitch * 0.8));
}
