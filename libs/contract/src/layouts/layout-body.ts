import { z } from 'zod';
import { Layout, LayoutSeat, type LayoutSection, LayoutStage } from '../catalog.js';
import { boundedArraySchema } from '../bounded-list.js';
import { nameSchema, Tier } from '../primitives.js';

/** Seats that a hall may have: a stadium. */
export const layoutSeatsMax = 100_000;

/** Sections that a layout may have. */
export const layoutSectionsMax = 2000;

/** Characters that a label or a name in a layout may have. */
export const layoutNameLengthMax = 64;

/** Units that a layout may be wide or high. */
export const layoutSideUnitsMax = 1_000_000;

const layoutName = nameSchema(layoutNameLengthMax);

/** What is wrong with a layout that has too many seats. */
export const describeSeatExcess = (count: number): string =>
  `has ${count.toLocaleString('en')} seats; a hall has ${layoutSeatsMax.toLocaleString('en')} at most`;

/** A layout as it is handed in: without its id, which the service gives, and its seat count, which is known. */
export const LayoutBody = z
  .strictObject({
    width: Layout.shape.width.max(layoutSideUnitsMax),
    height: Layout.shape.height.max(layoutSideUnitsMax),
    stage: z.strictObject({ ...LayoutStage.shape, label: layoutName }).nullable(),
    sections: boundedArraySchema(z.strictObject({ name: layoutName }), { min: 1, max: layoutSectionsMax }),
    seats: z
      .array(
        z.strictObject({
          ...LayoutSeat.shape,
          label: layoutName,
          section: layoutName,
          row: layoutName,
          number: layoutName,
          tier: Tier,
        }),
      )
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
export const problemsMax = 20;

/** The tiers of some seats, in the order in which they are met. */
export const listTiers = (seats: readonly Pick<LayoutSeat, 'tier'>[]): string[] => [
  ...new Set(seats.map(({ tier }) => tier)),
];

/** What a layout of the right shape still has wrong: each problem names the row. None: it can be sold. */
export function findLayoutProblems(layout: LayoutBody): LayoutProblem[] {
  const { seats, sections, stage, width, height } = layout;
  if (seats.length > layoutSeatsMax) return [{ path: 'seats', message: describeSeatExcess(seats.length) }];
  const problems: LayoutProblem[] = [...doubledSections(sections)];
  if (stage && !(stage.x >= 0 && stage.y >= 0 && stage.x + stage.width <= width && stage.y + stage.height <= height)) {
    problems.push({ path: 'stage', message: `the ${stage.label} reaches out of the hall of ${width} × ${height}` });
  }
  const known = new Set(sections.map((section) => section.name));
  const byLabel = new Map<string, number>();
  const byPlace = new PlaceIndex();
  for (const [index, seat] of seats.entries()) {
    if (problems.length >= problemsMax) break;
    const say = (field: string, message: string) =>
      problems.push({ path: `seats.${index}.${field}`, message: `${describeRow(seat)}: ${message}` });
    const { label, section, x, y } = seat;
    if (!known.has(section)) say('section', `seat ${label} is in section ${section}, which the layout does not list`);
    if (!(x >= 0 && x <= width && y >= 0 && y <= height)) {
      say(x >= 0 && x <= width ? 'y' : 'x', `seat ${label} at ${x}, ${y} is outside the hall of ${width} × ${height}`);
    }
    const sameLabel = byLabel.get(label);
    if (sameLabel !== undefined) say('label', `the label ${label} is on seat ${sameLabel} too`);
    else byLabel.set(label, index);
    const samePlace = byPlace.add(seat, index);
    if (samePlace !== null) say('x', `seat ${label} stands where ${seats[samePlace]!.label} stands`);
  }
  return problems;
}

type Place = Pick<LayoutSeat, 'x' | 'y'>;

/** Seats by their exact place. Writing both numbers as one text took most of the time of a large layout. */
class PlaceIndex {
  /** The first seat of each x, and the seats by y of each x that has several. */
  private readonly firstByX = new Map<number, { readonly y: number; readonly index: number }>();
  private readonly byXAndY = new Map<number, Map<number, number>>();

  /** @returns the seat that stands in the place already; null if the place was free */
  add({ x, y }: Place, index: number): number | null {
    const first = this.firstByX.get(x);
    if (!first) {
      this.firstByX.set(x, { y, index });
      return null;
    }
    let byY = this.byXAndY.get(x);
    if (!byY) this.byXAndY.set(x, (byY = new Map([[first.y, first.index]])));
    const other = byY.get(y);
    if (other !== undefined) return other;
    byY.set(y, index);
    return null;
  }
}

/** A row, as problems name it. */
export const describeRow = ({ section, row }: Pick<LayoutSeat, 'section' | 'row'>): string =>
  `row ${row} of ${section}`;

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
