import { z } from 'zod';

/** Maximum number of invalid items that one error reports. A longer list would not help the caller. */
const reportedItemsMax = 20;

/**
 * Returns a schema for an array in a request, safe against very long arrays. The schema checks the length before it
 * reads any item, and stops after 20 invalid items. Without these checks, zod creates an issue for each invalid item,
 * which takes seconds for a million items.
 *
 * @param limits.max maximum number of items; the schema refuses a longer array without reading its items
 */
export function boundedArraySchema<T extends z.ZodType>(item: T, { min = 0, max }: { min?: number; max: number }) {
  return z.preprocess((value: z.input<T>[], context) => {
    if (!Array.isArray(value)) return value;
    if (value.length > max) {
      context.addIssue({ code: 'too_big', origin: 'array', maximum: max, inclusive: true, input: value });
      return z.NEVER;
    }
    // A short array cannot have many invalid items, so it is left to the schema below.
    return value.length > reportedItemsMax && !reportInvalidItems(value, item, context) ? z.NEVER : value;
  }, z.array(item).min(min).max(max));
}

/** Adds the first invalid items to `context` as issues. Returns true if every item is valid. */
export function reportInvalidItems(items: readonly unknown[], item: z.ZodType, context: z.RefinementCtx): boolean {
  let invalidCount = 0;
  for (const [index, value] of items.entries()) {
    const parsed = item.safeParse(value);
    if (parsed.success) continue;
    for (const { path, message } of parsed.error.issues.slice(0, reportedItemsMax)) {
      context.addIssue({ code: 'custom', path: [index, ...path], message, input: value });
    }
    if (++invalidCount >= reportedItemsMax) break;
  }
  return invalidCount === 0;
}
