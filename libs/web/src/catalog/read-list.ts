import { UsherError } from '@usher/client';
import type { Page } from '@usher/contract';

/** The largest page the service gives. */
const pageItemsMax = 100;

/** More items of a list nobody reads. */
export const listItemsMax = 500;

/** All pages of a list, as long as it has fewer than {@link listItemsMax} items. */
export async function readList<T>(read: (query: { limit: number; cursor?: string }) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    // Pages cannot be read at once: each says where the next one begins.
    const page: Page<T> = await read(cursor === null ? { limit: pageItemsMax } : { limit: pageItemsMax, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < listItemsMax);
  return items;
}

/** Whether a read failed because there is no such thing: the page does not exist then, and trying again is no use. */
export const isNotFoundError = (error: unknown): boolean => error instanceof UsherError && error.code === 'NOT_FOUND';
