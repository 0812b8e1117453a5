import { layoutNameLengthMax } from './layout-body.js';
import { LayoutTextError, quote } from './layout-text-words.js';
import type { LayoutSeat } from './layout.js';
import type { DrawnSeat } from './row-drawing.js';

/** A section of a layout while its text is being read. */
export interface SectionDraft {
  readonly name: string;
  /** The line of the text that defines the section, from 1. */
  readonly line: number;
  /** The text that comes before the row's name in each label. */
  readonly prefix: string;
  /** The centre of the first row. If rows are curved, the point around which they curve. */
  readonly x: number;
  readonly y: number;
  /** The radius of the first row. Null if rows are straight. */
  readonly radius: number | null;
  /** The angle by which the section is turned clockwise on the page, in radians. */
  readonly turn: number;
  readonly seats: { readonly seat: LayoutSeat; readonly line: number }[];
}

/** Creates the section for rows that come before any `section` line. @param y the y of the section's first row */
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
 * @param depth how far the row is behind the section's first row
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
