import { type Usher, UsherError } from '@usher/client';
import type { City, Page } from '@usher/contract';

/** The largest page the service gives. */
const pageSize = 100;

/** All pages of a list, at most `most` items: more than that nobody reads. */
export async function wholeList<T>(
  read: (query: { limit: number; cursor?: string }) => Promise<Page<T>>,
  most = 500,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    // Pages cannot be read at once: each says where the next one begins.
    const page: Page<T> = await read(cursor === null ? { limit: pageSize } : { limit: pageSize, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < most);
  return items;
}

/** The city with this id, or null. The contract has no read of one city, so it is found in the list. */
export async function findCity({ catalog }: Usher, cityId: number): Promise<City | null> {
  const cities = await wholeList((query) => catalog.cities(query), 10_000);
  return cities.find((city) => city.cityId === cityId) ?? null;
}

/** Whether a read failed because there is no such thing: the page does not exist then, and trying again is no use. */
export const isNotFound = (error: unknown): boolean => error instanceof UsherError && error.code === 'NOT_FOUND';
