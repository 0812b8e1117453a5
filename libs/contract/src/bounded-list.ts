import { z } from 'zod';

/** Wrong items that are reported. More than this say nothing new. */
const wrongItemsMax = 20;

/**
 * An array in a request. It is checked for its length before its items, and the check ends after 20 wrong items: zod alone
 * makes an issue for each wrong item, and a million of them take seconds.
 *
 * @param limits.max the service refuses longer arrays without reading their items
 */
export function boundedArraySchema<T extends z.ZodType>(item: T, { min = 0, max }: { min?: number; max: number }) {
  return z.preprocess((value: z.input<T>[], context) => {
    if (!Array.isArray(value)) return value;
    if (value.length > max) {
      context.addIssue({ code: 'too_big', origin: 'array', maximum: max, inclusive: true, input: value });
      return z.NEVER;
    }
    // A short array cannot have many wrong items: its items are read once, by the schema below.
    return value.length > wrongItemsMax && !reportInvalidItems(value, item, context) ? z.NEVER : value;
  }, z.array(item).min(min).max(max));
}

/** Reports the first wrong items as issues. @returns false if there are any */
export function reportInvalidItems(items: readonly unknown[], item: z.ZodType, context: z.RefinementCtx): boolean {
  let wrong = 0;
  for (const [index, value] of items.entries()) {
    const parsed = item.safeParse(value);
    if (parsed.success) continue;
    for (const { path, message } of parsed.error.issues.slice(0, wrongItemsMax)) {
      context.addIssue({ code: 'custom', path: [index, ...path], message, input: value });
    }
    if (++wrong >= wrongItemsMax) break;
  }
  return wrong === 0;
}
