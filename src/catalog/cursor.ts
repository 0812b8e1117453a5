import { createHash } from 'node:crypto';
import { Id } from '@usher/contract';
import { z } from 'zod';
import { createInvalidRequestError } from '../common/invalid-request.js';

const Position = z.tuple([z.string(), Id]);

/** Hashes a query to twelve base64url characters, so that the cursors of different queries differ. */
export const scopeOf = (query: readonly (string | number | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 12);

/**
 * Creates the cursor of a list. It contains the id of the last item of a page and is bound to the query of the list.
 *
 * A cursor contains the id but no sort key, so a long name does not make the cursor longer. The next page starts after
 * the sort key that the row has when that page is read.
 *
 * @param query the name of the list and every parameter that affects its items or their order, but not `limit`
 */
export function encodeCursor(query: readonly (string | number | undefined)[], lastId: number): string {
  return Buffer.from(JSON.stringify([scopeOf(query), lastId])).toString('base64url');
}

/**
 * Reads a cursor that {@link encodeCursor} created.
 *
 * @returns the last id of the previous page, or null if there is no cursor
 * @throws DomainError `INVALID_REQUEST` if the cursor is malformed or belongs to a different query
 */
export function decodeCursor(
  query: readonly (string | number | undefined)[],
  cursor: string | undefined,
): number | null {
  if (cursor === undefined) return null;
  const position = Position.safeParse(parseJsonOrNull(Buffer.from(cursor, 'base64url').toString()));
  if (!position.success || encodeCursor(query, position.data[1]) !== cursor) {
    throw cursorRefused();
  }
  return position.data[1];
}

/** Creates the error for a cursor that does not belong to the query. */
export const cursorRefused = () =>
  createInvalidRequestError([
    { path: ['cursor'], message: 'This cursor belongs to a different query. Start again without a cursor.' },
  ]);

/** Parses JSON. Returns null if the text is not valid JSON. */
export function parseJsonOrNull(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/**
 * Creates a page from selected rows. The select must ask for one row more than the limit of the page, because the extra
 * row shows that there is a next page.
 *
 * @param idOf returns the id of a row, for the cursor of the next page
 */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  query: readonly (string | number | undefined)[],
  idOf: (row: T) => number,
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? encodeCursor(query, idOf(last)) : null };
}
