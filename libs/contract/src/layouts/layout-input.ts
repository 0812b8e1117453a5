import { z } from 'zod';
import type { LayoutSeat } from '../catalog.js';
import {
  type LayoutBody,
  LayoutBody as LayoutBodySchema,
  type LayoutProblem,
  findLayoutProblems,
  layoutSeatsMax,
  problemsMax,
  describeSeatExcess,
} from './layout-body.js';
import { parseLayoutText, layoutTextLengthMax } from './layout-text.js';

const LayoutText = z
  .strictObject({ text: z.string().max(layoutTextLengthMax) })
  .meta({ id: 'LayoutText', description: 'A layout in the compact text form' });

/** Fields of a layout. An error of zod would name each field that is too much. */
const fieldsMax = 20;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/**
 * A layout in either form, checked whole: what comes out can be sold. It is looked at before the union below, which would
 * only say that neither form fits; each problem names the row and what is wrong with it.
 */
export const LayoutInput = z
  .preprocess(
    (value, context): unknown => {
      const found = isObject(value) && 'text' in value ? fromText(value) : fromJson(value);
      if (!Array.isArray(found)) return found;
      for (const { path, message } of found) {
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
      'A layout in its JSON form, or as text in the compact one. `layoutId` and `seatCount` of one that was read are taken for nothing.',
  });

function fromText(value: object) {
  const body = LayoutText.safeParse(value);
  if (!body.success) return toProblems(body.error);
  const { layout, problems } = parseLayoutText(body.data.text);
  return layout ?? problems.map(({ line, message }) => ({ path: 'text', message: `line ${line}: ${message}` }));
}

function fromJson(value: unknown): LayoutBody | LayoutProblem[] {
  if (isObject(value) && Object.keys(value).length > fieldsMax) return [{ path: '', message: 'has too many fields' }];
  const given = withoutWhatReadsAdd(value);
  if (!isObject(given) || !('seats' in given) || !Array.isArray(given.seats)) {
    return toProblems(LayoutBodySchema.safeParse(given).error);
  }
  if (given.seats.length > layoutSeatsMax) return [{ path: 'seats', message: describeSeatExcess(given.seats.length) }];
  // All but the seats, which are read one by one: zod makes an issue for each wrong field of each of 100,000 seats.
  const body = LayoutBodySchema.safeParse({ ...given, seats: given.seats.slice(0, 1) });
  if (!body.success) return toProblems(body.error);
  const { seats, problems } = readSeats(given.seats);
  if (problems.length > 0) return problems;
  const layout = { ...body.data, seats };
  const found = findLayoutProblems(layout);
  return found.length === 0 ? layout : found;
}

/** Reads seats until the first of them that have more problems than are worth reporting. */
function readSeats(given: readonly unknown[]): { seats: LayoutSeat[]; problems: LayoutProblem[] } {
  const seats: LayoutSeat[] = [];
  const problems: LayoutProblem[] = [];
  for (const [index, value] of given.entries()) {
    const parsed = LayoutBodySchema.shape.seats.element.safeParse(value);
    if (parsed.success) seats.push(parsed.data);
    else problems.push(...toProblems(parsed.error).map((one) => ({ ...one, path: `seats.${index}.${one.path}` })));
    if (problems.length >= problemsMax) break;
  }
  return { seats, problems };
}

/** A layout that was read may be handed in as it is. */
function withoutWhatReadsAdd(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { layoutId: _id, seatCount: _count, ...layout } = { layoutId: null, seatCount: null, ...value };
  return layout;
}

const toProblems = (error: z.ZodError | undefined): LayoutProblem[] =>
  (error?.issues ?? [])
    .slice(0, problemsMax)
    .map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
