import { hash } from 'node:crypto';
import { HallBody, type LayoutBody } from '@usher/contract';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

/**
 * Caches checked layouts while a file is read. The cache limits the number of layouts and the total size of their JSON.
 */
const known = new LRUCache<string, Checked>({ max: 200, maxSize: 32 * 1024 * 1024, sizeCalculation: sizeOf });

/**
 * Returns the size of a cache entry in characters. A layout that is larger than the whole cache is checked each time.
 */
function sizeOf(checked: Checked, given: string): number {
  return given.length + ('json' in checked ? checked.json.length : 1) + 1;
}

type Checked =
  | { readonly hash: string; readonly json: string }
  | { readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[] };

/** A layout that halls of an import refer to. */
export interface LineLayout {
  /** Equal layouts have the same hash and are stored once. */
  readonly hash: string;
  readonly json: string;
}

/**
 * Checks a hall's layout, which may have either form that the contract allows. Checked layouts are cached by their
 * text, because one check takes 1 ms and many halls of a cinema chain have the same layout.
 */
export const layoutHash = z.unknown().transform((given, context): LineLayout => {
  const checked = check(given);
  if ('hash' in checked) return checked;
  for (const { path, message } of checked.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});

function check(given: unknown): Checked {
  const written = JSON.stringify(given) ?? '';
  const before = known.get(written);
  if (before) return before;
  const parsed = HallBody.shape.layout.safeParse(given);
  const checked: Checked = parsed.success
    ? stored(parsed.data)
    : { issues: parsed.error.issues.map(({ path, message }) => ({ path: [...path], message })) };
  known.set(written, checked);
  return checked;
}

function stored({ width, height, stage, sections, seats }: LayoutBody): LineLayout {
  const json = JSON.stringify({ seatCount: seats.length, width, height, stage, sections, seats });
  return { hash: hash('sha256', json, 'base64url'), json };
}
