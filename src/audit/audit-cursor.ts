import { hash } from 'node:crypto';
import type { AuditFilter } from '@usher/contract';
import { z } from 'zod';
import { createInvalidRequestError } from '../common/invalid-request.js';
import type { AuditRow } from './audit-row.js';

/** The position of the last entry of a page. */
export type AuditPosition = Pick<AuditRow, 'at' | 'showId' | 'seq'>;

/** Maximum value of a column of type `integer`. PostgreSQL would fail with a larger one. */
const integerMax = 2 ** 31 - 1;

/** Times that both PostgreSQL and `Date` can represent, in ms since 1970. */
const Time = z.int().min(-62_000_000_000_000).max(250_000_000_000_000);

const Position = z.tuple([z.string(), Time, z.int().min(0).max(integerMax), z.int().min(1).max(integerMax)]);

/** Hashes the filters of a list, so that the cursors of different lists differ. */
const scopeOf = (filter: AuditFilter): string =>
  hash('sha256', JSON.stringify(Object.entries(filter).toSorted(([a], [b]) => (a < b ? -1 : 1))), 'base64url').slice(
    0,
    12,
  );

/** Creates the cursor of the page after an entry. */
export const encodeAuditCursor = (filter: AuditFilter, { at, showId, seq }: AuditPosition): string =>
  Buffer.from(JSON.stringify([scopeOf(filter), at, showId, seq])).toString('base64url');

/** Reads a cursor. @throws DomainError `INVALID_REQUEST` if it is malformed or belongs to a list with other filters */
export function decodeAuditCursor(filter: AuditFilter, cursor: string | undefined): AuditPosition | null {
  if (cursor === undefined) return null;
  const position = Position.safeParse(parseJsonOrNull(Buffer.from(cursor, 'base64url').toString()));
  const [scope, at = 0, showId = 0, seq = 0] = position.data ?? [];
  if (scope !== scopeOf(filter)) {
    throw createInvalidRequestError([
      { path: ['cursor'], message: 'This cursor belongs to a different query. Start again without a cursor.' },
    ]);
  }
  return { at, showId, seq };
}

function parseJsonOrNull(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
