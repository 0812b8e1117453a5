import type { LayoutSeat } from '../catalog.js';
import { layoutNameLengthMax } from './layout-body.js';
import type { DrawnSeat } from './row-drawing.js';
import { LayoutTextError, quote } from './text-words.js';

/** A section as it is built up. Angles in radians, clockwise on the page. */
export interface SectionDraft {
  readonly name: string;
  readonly line: number;
  readonly prefix: string;
  /** Of the first row's middle; of the point that the rows bend round, where they do. */
  readonly x: number;
  readonly y: number;
  /** Of the first row; null: rows are straight. */
  readonly radius: number | null;
  readonly turn: number;
  readonly seats: { readonly seat: LayoutSeat; readonly line: number }[];
}

/** The section of rows that stand before any `section` line. @param y of its first row */
export const createHallSection = (y: number): SectionDraft => ({
  name: 'Hall',
  line: 1,
  prefix: '',
  x: 0,
  y,
  radius: null,
  turn: 0,
  seats: [],
});

/**
 * Adds a row to a section.
 *
 * @param depth how far the row stands behind the section's first row
 * @throws LayoutTextError if a label is too long
 */
export function addRow(
  section: SectionDraft,
  row: string,
  drawn: readonly DrawnSeat[],
  depth: number,
  line: number,
): void {
  const { prefix, x, y, radius, turn, seats } = section;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const lead = `${prefix}${row}${/\d$/.test(row) ? '-' : ''}`;
  if (lead.length + String(drawn.length).length > layoutNameLengthMax) {
    throw new LayoutTextError(`row ${row}: the labels ${quote(lead)} have more than ${layoutNameLengthMax} characters`);
  }
  drawn.forEach(({ along, tier, kind }, index) => {
    const [sideways, back] =
      radius === null
        ? [along, depth]
        : [
            (radius + depth) * Math.sin(along / (radius + depth)),
            (radius + depth) * Math.cos(along / (radius + depth)),
          ];
    const number = String(index + 1);
    const place = { x: x + sideways * cos - back * sin, y: y + sideways * sin + back * cos };
    seats.push({ seat: { label: lead + number, section: section.name, row, number, ...place, tier, kind }, line });
  });
}
