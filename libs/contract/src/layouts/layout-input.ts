import { z } from 'zod';
import {
  describeSeatExcess,
  findLayoutProblems,
  type LayoutBody,
  LayoutBody as LayoutBodySchema,
  type LayoutProblem,
  layoutSeatsMax,
  problemsMax,
} from './layout-body.js';
import { layoutTextLengthMax, parseLayoutText } from './layout-text.js';
import type { LayoutSeat } from './layout.js';

const LayoutText = z
  .strictObject({ text: z.string().max(layoutTextLengthMax) })
  .meta({ id: 'LayoutText', description: 'A layout in the compact text form' });

/**
 * Maximum number of fields in a layout. A layout with more fields is refused at once, because Zod's error would list
 * every unknown field.
 */
const layoutFieldsMax = 20;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * A layout in a request, as JSON or as text. If it is valid, shows with this layout can be sold. The preprocessing step
 * checks the layout before the union below does, because the union's error would only say that neither form matches.
 * The errors of the preprocessing step name the row and the problem.
 */
export const LayoutInput = z
  .preprocess(
    (value, context): unknown => {
      const layoutOrProblems = isObject(value) && 'text' in value ? readText(value) : readJson(value);
      if (!Array.isArray(layoutOrProblems)) return layoutOrProblems;
      for (const { path, message } of layoutOrProblems) {
        context.addIssue({ code: 'custom', path: path === '' ? [] : path.split('.'), message });
      }
      return z.NEVER;
    },
    z.union([LayoutText, LayoutBodySchema]),
  )
  .pipe(z.custom<LayoutBody>((value) => isObject(value) && 'seats' in value))
  .meta({
    id: 'LayoutInput',
    description:
      'A layout in its JSON form or in the compact text form. `layoutId` and `seatCount` are ignored, so a layout from the ' +
      'API can be sent back unchanged',
  });

function readText(value: object) {
  const body = LayoutText.safeParse(value);
  if (!body.success) return toProblems(body.error);
  const { layout, problems } = parseLayoutText(body.data.text);
  return layout ?? problems.map(({ line, message }) => ({ path: 'text', message: `line ${line}: ${message}` }));
}

function readJson(value: unknown): LayoutBody | LayoutProblem[] {
  if (isObject(value) && Object.keys(value).length > layoutFieldsMax) {
    return [{ path: '', message: 'has too many fields' }];
  }
  const given = removeAssignedFields(value);
  if (!isObject(given) || !('seats' in given) || !Array.isArray(given.seats)) {
    return toProblems(LayoutBodySchema.safeParse(given).error);
  }
  if (given.seats.length > layoutSeatsMax) return [{ path: 'seats', message: describeSeatExcess(given.seats.length) }];
  // This call checks only the first seat. `readSeats` then checks the seats one by one, because zod would create an
  // issue for each invalid field of each of 100,000 seats.
  const body = LayoutBodySchema.safeParse({ ...given, seats: given.seats.slice(0, 1) });
  if (!body.success) return toProblems(body.error);
  const { seats, problems } = readSeats(given.seats);
  if (problems.length > 0) return problems;
  const layout = { ...body.data, seats };
  const layoutProblems = findLayoutProblems(layout);
  return layoutProblems.length === 0 ? layout : layoutProblems;
}

/** Reads seats, and stops as soon as it has found {@link problemsMax} problems. */
function readSeats(given: readonly unknown[]): { seats: LayoutSeat[]; problems: LayoutProblem[] } {
  const seats: LayoutSeat[] = [];
  const problems: LayoutProblem[] = [];
  for (const [index, value] of given.entries()) {
    const parsed = LayoutBodySchema.shape.seats.element.safeParse(value);
    if (parsed.success) seats.push(parsed.data);
    else {
      for (const problem of toProblems(parsed.error)) {
        problems.push({ ...problem, path: `seats.${index}.${problem.path}` });
      }
    }
    if (problems.length >= problemsMax) break;
  }
  return { seats, problems };
}

/**
 * Removes the fields that the service adds to a layout, so that callers may send a layout from the API back unchanged.
 */
function removeAssignedFields(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { layoutId: _id, seatCount: _count, ...layout } = { layoutId: null, seatCount: null, ...value };
  return layout;
}

const toProblems = (error: z.ZodError | undefined): LayoutProblem[] =>
  (error?.issues ?? [])
    .slice(0, problemsMax)
    .map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
