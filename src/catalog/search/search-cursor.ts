import { Id } from '@usher/contract';
import { z } from 'zod';
import { cursorRefused, parseJsonOrNull, scopeOf } from '../cursor.js';

/**
 * Maximum number of running transactions that a cursor stores. If more are running, a later page may already include
 * the shows of the other transactions.
 */
const runningMax = 80;

/** Times that both PostgreSQL and `Date` can represent. */
const Time = z.int().min(-62_000_000_000_000).max(250_000_000_000_000);

/** A keyword with a visible character. PostgreSQL refuses NUL, and the service never corrects a keyword to such a text. */
const CorrectedKeyword = z.string().regex(/^(?=.*\S)[^\0\p{Surrogate}]+$/su);

const Fields = z.tuple([z.string(), Id, z.number().nullable(), Time, z.string().max(900), CorrectedKeyword.nullable()]);

/** The position at which the next page of a search starts, and the moment to which all pages of the search refer. */
export interface SearchPosition {
  /** The last movie of the previous page. */
  readonly movieId: number;
  /** The sort key of that movie; null if the search is sorted by title. */
  readonly key: number | null;
  /** The search includes shows that start at or after this time, in ms since 1970. */
  readonly from: number;
  /** The `pg_snapshot` of the first page. It names the transactions whose shows that page could see. */
  readonly snapshot: string;
  /** The corrected keyword that was used instead of the typed one, or null. */
  readonly correctedKeyword: string | null;
}

/** Creates the cursor of a search, bound to its query. A cursor has at most 512 characters. */
export function encodeSearchPosition(query: readonly (string | number | undefined)[], at: SearchPosition): string {
  const fields = [scopeOf(query), at.movieId, at.key, at.from, packSnapshot(at.snapshot), at.correctedKeyword];
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/**
 * Reads a cursor that {@link encodeSearchPosition} created. Returns null if there is no cursor.
 *
 * @throws DomainError `INVALID_REQUEST` if the cursor is malformed or belongs to a different query
 */
export function decodeSearchPosition(
  query: readonly (string | number | undefined)[],
  cursor: string | undefined,
): SearchPosition | null {
  if (cursor === undefined) return null;
  const fields = Fields.safeParse(parseJsonOrNull(Buffer.from(cursor, 'base64url').toString()));
  if (!fields.success) throw cursorRefused();
  const [scope, movieId, key, from, snapshot, correctedKeyword] = fields.data;
  const position = { movieId, key, from, snapshot: unpackSnapshot(snapshot), correctedKeyword };
  if (scope !== scopeOf(query) || encodeSearchPosition(query, position) !== cursor) throw cursorRefused();
  return position;
}

/** Shortens a snapshot by storing differences: `1000:1009:1002,1005` becomes `1000:9:2,5`. */
function packSnapshot(snapshot: string): string {
  const [min = '0', max = '0', running = ''] = snapshot.split(':');
  const beyond = (id: string): string => String(BigInt(id) - BigInt(min));
  const ids = running === '' ? [] : running.split(',').slice(0, runningMax);
  return `${min}:${beyond(max)}:${ids.map(beyond).join(',')}`;
}

function unpackSnapshot(text: string): string {
  if (!/^[1-9][0-9]{0,17}:[0-9]{1,9}:([0-9]{1,9}(,[0-9]{1,9})*)?$/.test(text)) throw cursorRefused();
  const [min = '0', max = '0', running = ''] = text.split(':');
  const ids = running === '' ? [] : running.split(',').map(Number);
  // If the ids were not in ascending order, PostgreSQL would refuse the text with an error of its own.
  const isRising = ids.every((id, index) => id > (ids[index - 1] ?? -1) && id < Number(max));
  if (!isRising) throw cursorRefused();
  const sum = (id: string | number): string => String(BigInt(min) + BigInt(id));
  return `${min}:${sum(max)}:${ids.map(sum).join(',')}`;
}
