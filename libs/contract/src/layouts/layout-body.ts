import { z } from 'zod';
import { Layout, LayoutSeat, type LayoutSection, LayoutStage } from '../catalog.js';
import { text, Tier } from '../primitives.js';

/** Seats that a hall may have: a stadium. */
export const layoutSeatsMax = 100_000;

/** Sections that a layout may have. */
export const sectionsMax = 2000;

const name = text(64).min(1);

const seatCountIs = (count: number): string =>
  `has ${count.toLocaleString('en')} seats; a hall has ${layoutSeatsMax.toLocaleString('en')} at most`;

/** A layout as it is handed in: without its id, which the service gives, and its seat count, which is known. */
export const LayoutBody = z
  .strictObject({
    width: Layout.shape.width.max(1e6),
    height: Layout.shape.height.max(1e6),
    stage: z.strictObject({ ...LayoutStage.shape, label: name }).nullable(),
    sections: z.array(z.strictObject({ name })).min(1).max(sectionsMax),
    seats: z
      .array(z.strictObject({ ...LayoutSeat.shape, label: name, section: name, row: name, number: name, tier: Tier }))
      .min(1, 'a hall has one seat at least'),
  })
  .meta({ id: 'LayoutBody', description: 'A layout with the coordinates of its seats' });
export type LayoutBody = z.infer<typeof LayoutBody>;

/** What is wrong with a part of a layout; `path` is dotted, from the layout on. */
export interface LayoutProblem {
  readonly path: string;
  readonly message: string;
}

/** More problems than this say nothing new. */
const problemsMax = 20;

/** The tiers of some seats, in the order in which they are met. */
export const tiersOf = (seats: readonly Pick<LayoutSeat, 'tier'>[]): string[] => [
  ...new Set(seats.map(({ tier }) => tier)),
];

/** What a layout of the right shape still has wrong: each problem names the row. None: it can be sold. */
export function layoutProblems(layout: LayoutBody): LayoutProblem[] {
  const { seats, sections, stage, width, height } = layout;
  if (seats.length > layoutSeatsMax) return [{ path: 'seats', message: seatCountIs(seats.length) }];
  const problems: LayoutProblem[] = [...doubledSections(sections)];
  if (stage && !(stage.x >= 0 && stage.y >= 0 && stage.x + stage.width <= width && stage.y + stage.height <= height)) {
    problems.push({ path: 'stage', message: `the ${stage.label} reaches out of the hall of ${width} × ${height}` });
  }
  const known = new Set(sections.map((section) => section.name));
  const [byLabel, byPlace] = [new Map<string, number>(), new Map<string, number>()];
  for (const [index, seat] of seats.entries()) {
    if (problems.length >= problemsMax) break;
    const say = (field: string, message: string) =>
      problems.push({ path: `seats.${index}.${field}`, message: `${rowText(seat)}: ${message}` });
    const { label, section, x, y } = seat;
    if (!known.has(section)) say('section', `seat ${label} is in section ${section}, which the layout does not list`);
    if (!(x >= 0 && x <= width && y >= 0 && y <= height)) {
      say(x >= 0 && x <= width ? 'y' : 'x', `seat ${label} at ${x}, ${y} is outside the hall of ${width} × ${height}`);
    }
    const sameLabel = byLabel.get(label);
    if (sameLabel !== undefined) say('label', `the label ${label} is on seat ${sameLabel} too`);
    else byLabel.set(label, index);
    const place = `${x} ${y}`;
    const samePlace = byPlace.get(place);
    if (samePlace !== undefined) say('x', `seat ${label} stands where ${seats[samePlace]!.label} stands`);
    else byPlace.set(place, index);
  }
  return problems;
}

/** A row, as problems name it. */
export const rowText = ({ section, row }: Pick<LayoutSeat, 'section' | 'row'>): string => `row ${row} of ${section}`;

function doubledSections(sections: readonly LayoutSection[]): LayoutProblem[] {
  const seen = new Set<string>();
  return sections.flatMap(({ name: section }, index) => {
    if (!seen.has(section)) {
      seen.add(section);
      return [];
    }
    return [{ path: `sections.${index}.name`, message: `there are two sections ${section}` }];
  });
}
