import { z } from 'zod';
import { textSchema } from './texts.js';

/**
 * The position in a list where the next page begins. It is opaque text from `nextCursor`, valid only for the same
 * query.
 */
export const Cursor = textSchema(512).min(1);

/**
 * Query parameters of every list: `limit` is the page's maximum number of items, and `cursor` says where the page
 * begins.
 */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: Cursor.optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** Returns the schema of one page of a list, see {@link Page}. */
export const pageSchema = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** One page of a list. `nextCursor` is the `cursor` of the next page, or null on the last page. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
