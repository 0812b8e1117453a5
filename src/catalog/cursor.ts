import { createHash } from 'node:crypto';
import { Id } from '@usher/contract';
import { z } from 'zod';
import { createInvalidRequestError } from '../common/invalid-request.js';

const Position = z.tuple([z.string(), Id]);

/** Of a query: twelve base64url characters that differ between any two queries. */
export const scopeOf = (query: readonly (string | number | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 12);

/**
 * A list's place to go on from: the id of the last item that was answered, bound to the query that answered it.
 *
 * It holds the id alone and not the sort key beside it, so that a name of any length fits; the next page compares with
 * the key that the row has then.
 *
 * @param query the list's name and everything that decides what is in it and in which order, but not `limit`
 */
export function encodeCursor(query: readonly (string | number | undefined)[], lastId: number): string {
  return Buffer.from(JSON.stringify([scopeOf(query), lastId])).toString('base64url');
}

/**
 * Reads what {@link encodeCursor} wrote.
 *
 * @returns the id to go on after; null without a cursor
 * @throws DomainError `INVALID_REQUEST` for a cursor that is malformed or comes from another query
 */
export function decodeCursor(
  query: readonly (string | number | undefined)[],
  cursor: string | undefined,
): number | null {
  if (cursor === undefined) return null;
  const position = Position.safeParse(parsed(Buffer.from(cursor, 'base64url').toString()));
  if (!position.success || encodeCursor(query, position.data[1]) !== cursor) {
    throw cursorRefused();
  }
  return position.data[1];
}

/** The refusal of a cursor that no page of the query gave. */
export const cursorRefused = () =>
  createInvalidRequestError([{ path: ['cursor'], message: 'must be the nextCursor of this same query' }]);

/** What a text of JSON says; null for one that is none. */
export function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/**
 * A page from rows of which one more than the limit was asked for: the extra one says that there is a next page.
 *
 * @param idOf of the row that the next page goes on after
 */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  query: readonly (string | number | undefined)[],
  idOf: (row: T) => number,
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, nextCursor: more ? encodeCursor(query, idOf(last)) : null };
}
