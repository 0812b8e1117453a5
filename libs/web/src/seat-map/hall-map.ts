import type { Layout, LayoutSeat, SeatKind } from '@usher/contract';

/** One seat of a hall with everything that the map needs to draw and describe it. */
export interface HallSeat {
  /** The seat's number on the wire, which is its position in the layout's `seats`. */
  readonly seat: number;
  readonly label: string;
  readonly section: string;
  readonly row: string;
  readonly number: string;
  readonly x: number;
  readonly y: number;
  readonly tier: string;
  readonly kind: SeatKind;
  /** Index of the seat's row in {@link HallMap.rows}. */
  readonly rowIndex: number;
  /** Index of the seat in its row. */
  readonly indexInRow: number;
}

/** One row of one section. Its seats are in walking order. */
export interface HallRow {
  readonly section: string;
  readonly row: string;
  readonly seats: readonly HallSeat[];
}

/** A text on the map. Its centre is at `x`, `y`. */
export interface Caption {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly kind: 'row' | 'section';
}

/** A layout grouped into rows. The app builds one map per layout and never changes it. */
export interface HallMap {
  readonly width: number;
  readonly height: number;
  readonly stage: Layout['stage'];
  /** All seats in wire order. */
  readonly seats: readonly HallSeat[];
  readonly rows: readonly HallRow[];
  /** Names of rows and sections that have enough room beside the seats. Screen readers do not read these names. */
  readonly captions: readonly Caption[];
  /** True if the hall has several sections, so a seat's text must name its section. */
  readonly hasSeveralSections: boolean;
  /**
   * Distance between neighbouring seats in a row, in the layout's units. The size of a seat follows from this distance.
   */
  readonly pitch: number;
}

/** Groups a layout's seats into rows by section and row name. The rows are in the order in which they first appear. */
export function buildHallMap(layout: Pick<Layout, 'width' | 'height' | 'stage' | 'seats'>): HallMap {
  const grouped = new Map<string, { index: number; section: string; row: string; seats: HallSeat[] }>();
  const seats = layout.seats.map((layoutSeat: LayoutSeat, seat): HallSeat => {
    const key = `${layoutSeat.section}\n${layoutSeat.row}`;
    let row = grouped.get(key);
    if (row === undefined) {
      row = { index: grouped.size, section: layoutSeat.section, row: layoutSeat.row, seats: [] };
      grouped.set(key, row);
    }
    const hallSeat = { ...layoutSeat, seat, rowIndex: row.index, indexInRow: row.seats.length };
    row.seats.push(hallSeat);
    return hallSeat;
  });
  const rows = [...grouped.values()].map(({ index: _, ...row }): HallRow => row);
  const pitch = measurePitch(rows) ?? Math.max(layout.width, layout.height) / 10;
  const hasSeveralSections = new Set(rows.map((row) => row.section)).size > 1;
  return {
    width: layout.width,
    height: layout.height,
    stage: layout.stage,
    seats,
    rows,
    captions: [
      ...placeRowCaptions(rows, seats, pitch),
      ...(hasSeveralSections ? placeSectionCaptions(rows, seats, pitch) : []),
    ],
    hasSeveralSections,
    pitch,
  };
}

// Takes the tenth percentile instead of the minimum, because one pair of seats that is drawn too close together must
// not shrink all seats.
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

/** Places each short row name before the first and after the last seat of its row. */
function placeRowCaptions(rows: readonly HallRow[], seats: readonly HallSeat[], pitch: number): Caption[] {
  return rows
    .filter(({ row }) => row.length <= 3)
    .flatMap(({ row, seats: [first, ...others] }): Caption[] => {
      if (first === undefined) return [];
      const ends = [first, others.at(-1) ?? first].toSorted((a, b) => a.x - b.x);
      return ends.map((seat, end) => ({ text: row, x: seat.x + (end === 0 ? -pitch : pitch), y: seat.y, kind: 'row' }));
    })
    .filter((caption) => isClearOfSeats(seats, caption, pitch * 0.8, pitch * 0.6));
}

/** Places each section's name above the middle of its first row. */
function placeSectionCaptions(rows: readonly HallRow[], seats: readonly HallSeat[], pitch: number): Caption[] {
  const letter = pitch * 0.3;
  return [...Map.groupBy(rows, ({ section }) => section)]
    .map(([text, ofSection]): Caption => {
      const inside = ofSection.flatMap((row) => row.seats);
      const xs = inside.map(({ x }) => x);
      const top = Math.min(...inside.map(({ y }) => y));
      return { text, x: (Math.min(...xs) + Math.max(...xs)) / 2, y: top - pitch, kind: 'section' };
    })
    .filter((caption) => isClearOfSeats(seats, caption, caption.text.length * letter, pitch * 0.8));
}
