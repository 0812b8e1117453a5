import { z } from 'zod';
import { boundedArraySchema } from '../values/bounded-array.js';
import { nameSchema } from '../values/texts.js';
import { Layout, LayoutSeat, type LayoutSection, LayoutStage, Tier } from './layout.js';

/** Maximum number of seats in a hall. It is high enough for a stadium. */
export const layoutSeatsMax = 100_000;

/** Maximum number of sections in a layout. */
export const layoutSectionsMax = 2000;

/** Maximum number of characters in one label or name of a layout. */
export const layoutNameLengthMax = 64;

/** Maximum width and maximum height of a layout, in its units. */
export const layoutSideUnitsMax = 1_000_000;

const layoutName = nameSchema(layoutNameLengthMax);

/** Returns the error text for a layout with too many seats. */
export const describeSeatExcess = (seatCount: number): string =>
  `has ${seatCount.toLocaleString('en')} seats; a hall may have at most ${layoutSeatsMax.toLocaleString('en')}`;

/**
 * A layout in a request. It has neither `layoutId`, which the service assigns, nor `seatCount`, which follows from
 * `seats`.
 */
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
      .min(1, 'a hall has at least one seat'),
  })
  .meta({ id: 'LayoutBody', description: 'A layout with the coordinates of its seats' });
export type LayoutBody = z.infer<typeof LayoutBody>;

/** A problem in a part of a layout. `path` leads from the layout to that part, with dots between the keys. */
export interface LayoutProblem {
  readonly path: string;
  readonly message: string;
}

/** Maximum number of problems that one error reports. A longer list would not help the caller. */
export const problemsMax = 20;

/** Returns the distinct tiers of the seats, in the order in which they first occur. */
export const listTiers = (seats: readonly Pick<LayoutSeat, 'tier'>[]): string[] => [
  ...new Set(seats.map(({ tier }) => tier)),
];

/**
 * Finds the problems of a layout that matches its schema, such as two seats with the same label. A message about a seat
 * names the seat's row. If there is no problem, shows with this layout can be sold.
 */
export function findLayoutProblems(layout: LayoutBody): LayoutProblem[] {
  const { seats, sections, stage, width, height } = layout;
  if (seats.length > layoutSeatsMax) return [{ path: 'seats', message: describeSeatExcess(seats.length) }];
  const problems: LayoutProblem[] = [...findRepeatedSections(sections)];
  if (stage && !(stage.x >= 0 && stage.y >= 0 && stage.x + stage.width <= width && stage.y + stage.height <= height)) {
    problems.push({
      path: 'stage',
      message: `the ${stage.label} extends beyond the hall, which is ${width} × ${height}`,
    });
  }
  const known = new Set(sections.map((section) => section.name));
  const byLabel = new Map<string, number>();
  const byPlace = new PlaceIndex();
  for (const [index, seat] of seats.entries()) {
    if (problems.length >= problemsMax) break;
    const report = (field: string, message: string) =>
      problems.push({ path: `seats.${index}.${field}`, message: `${describeRow(seat)}: ${message}` });
    const { label, section, x, y } = seat;
    if (!known.has(section)) {
      report('section', `seat ${label} is in section ${section}, which is missing in the layout's sections`);
    }
    if (!(x >= 0 && x <= width && y >= 0 && y <= height)) {
      report(
        x >= 0 && x <= width ? 'y' : 'x',
        `seat ${label} at ${x}, ${y} is outside the hall, which is ${width} × ${height}`,
      );
    }
    const sameLabel = byLabel.get(label);
    if (sameLabel !== undefined) report('label', `seat ${sameLabel} already has the label ${label}`);
    else byLabel.set(label, index);
    const samePlace = byPlace.add(seat, index);
    if (samePlace !== null) report('x', `seat ${label} has the same place as seat ${seats[samePlace]!.label}`);
  }
  return problems;
}

type Place = Pick<LayoutSeat, 'x' | 'y'>;

/**
 * An index of seats by their exact place. It uses no text keys, because building those took most of the time for a
 * large layout.
 */
class PlaceIndex {
  /** The first seat with each `x`. */
  private readonly firstByX = new Map<number, { readonly y: number; readonly index: number }>();
  /** For each `x` that several seats have: the index of the seat at each `y`. */
  private readonly byXAndY = new Map<number, Map<number, number>>();

  /** Adds a seat. Returns the index of the seat that already has this place, or null if the place was free. */
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

/** Returns the name of a seat's row for error messages. */
export const describeRow = ({ section, row }: Pick<LayoutSeat, 'section' | 'row'>): string =>
  `row ${row} of ${section}`;

function findRepeatedSections(sections: readonly LayoutSection[]): LayoutProblem[] {
  const seen = new Set<string>();
  return sections.flatMap(({ name: section }, index) => {
    if (!seen.has(section)) {
      seen.add(section);
      return [];
    }
    return [{ path: `sections.${index}.name`, message: `there are two sections ${section}` }];
  });
}
