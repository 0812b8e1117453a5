import { z } from 'zod';
import { type LayoutBody, LayoutBody as LayoutBodySchema, layoutProblems } from './layout-body.js';
import { parseLayoutText, textLengthMax } from './layout-text.js';

const LayoutText = z
  .strictObject({ text: z.string().max(textLengthMax) })
  .meta({ id: 'LayoutText', description: 'A layout in the compact text form' });

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

function fromJson(value: unknown) {
  const body = LayoutBodySchema.safeParse(withoutWhatReadsAdd(value));
  if (!body.success) return toProblems(body.error);
  const problems = layoutProblems(body.data);
  return problems.length === 0 ? body.data : problems;
}

/** A layout that was read may be handed in as it is. */
function withoutWhatReadsAdd(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { layoutId: _id, seatCount: _count, ...layout } = { layoutId: null, seatCount: null, ...value };
  return layout;
}

const toProblems = ({ issues }: z.ZodError) =>
  issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
