import { Id } from '@usher/contract';
import { z } from 'zod';
import { cursorRefused, parsed, scopeOf } from '../cursor.js';

/** Of more running transactions the first ones are remembered: the others add no shows, or are a second too early. */
const runningMax = 80;

/** Times that PostgreSQL and `Date` both have. */
const Time = z.int().min(-62_000_000_000_000).max(250_000_000_000_000);

const Fields = z.tuple([z.string(), Id, z.number().nullable(), Time, z.string().max(900), z.string().nullable()]);

/** Where the next page of a search begins, and as of when. */
export interface SearchPosition {
  /** The last movie that was answered. */
  readonly movieId: number;
  /** What it was sorted by; null where its title was. */
  readonly key: number | null;
  /** Shows of the search begin at or after this, in ms since 1970. */
  readonly from: number;
  /** The first page's `pg_snapshot`: the transactions whose shows it saw. */
  readonly snapshot: string;
  /** The keyword that was searched for instead of the given one, or null. */
  readonly meant: string | null;
}

/** A search's place to go on from, bound to the query that answered it: at most 512 characters. */
export function encodeSearchPosition(query: readonly (string | number | undefined)[], at: SearchPosition): string {
  const fields = [scopeOf(query), at.movieId, at.key, at.from, packed(at.snapshot), at.meant];
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/**
 * Reads what {@link encodeSearchPosition} wrote; null without a cursor.
 *
 * @throws DomainError `INVALID_REQUEST` for a cursor that is malformed or comes from another query
 */
export function decodeSearchPosition(
  query: readonly (string | number | undefined)[],
  cursor: string | undefined,
): SearchPosition | null {
  if (cursor === undefined) return null;
  const fields = Fields.safeParse(parsed(Buffer.from(cursor, 'base64url').toString()));
  if (!fields.success) throw cursorRefused();
  const [scope, movieId, key, from, snapshot, meant] = fields.data;
  const position = { movieId, key, from, snapshot: unpacked(snapshot), meant };
  if (scope !== scopeOf(query) || encodeSearchPosition(query, position) !== cursor) throw cursorRefused();
  return position;
}

/** `1000:1009:1002,1005` → `1000:9:2,5`, as the first number is long and the others are near it. */
function packed(snapshot: string): string {
  const [min = '0', max = '0', running = ''] = snapshot.split(':');
  const beyond = (id: string): string => String(BigInt(id) - BigInt(min));
  const ids = running === '' ? [] : running.split(',').slice(0, runningMax);
  return `${min}:${beyond(max)}:${ids.map(beyond).join(',')}`;
}

function unpacked(text: string): string {
  if (!/^[1-9][0-9]{0,17}:[0-9]{1,9}:([0-9]{1,9}(,[0-9]{1,9})*)?$/.test(text)) throw cursorRefused();
  const [min = '0', max = '0', running = ''] = text.split(':');
  const ids = running === '' ? [] : running.split(',').map(Number);
  // PostgreSQL takes no others, and says so by an error of its own.
  const isRising = ids.every((id, index) => id > (ids[index - 1] ?? -1) && id < Number(max));
  if (!isRising) throw cursorRefused();
  const sum = (id: string | number): string => String(BigInt(min) + BigInt(id));
  return `${min}:${sum(max)}:${ids.map(sum).join(',')}`;
}
