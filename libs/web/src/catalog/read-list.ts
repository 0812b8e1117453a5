import type { Page } from '@usher/contract';

/** Largest page size that the service accepts. */
const pageItemsMax = 100;

/** The app stops loading a list at this number of items, because nobody reads a longer list. */
export const listItemsMax = 500;

/** Reads a list page by page, until it is complete or has at least {@link listItemsMax} items. */
export async function readList<T>(read: (query: { limit: number; cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    // Reads one page after another, because each page contains the cursor of the next page.
    const page: Page<T> = await read(cursor === null ? { limit: pageItemsMax } : { limit: pageItemsMax, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < listItemsMax);
  return items;
}
