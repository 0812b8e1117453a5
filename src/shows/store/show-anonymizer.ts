import { Inject, Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { createCommitId } from '../../common/ids.js';
import { runInTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { isPseudonym, pseudonymOf } from './pseudonym.js';
import { replaceSessions, type SessionTable } from './replace-sessions.js';

/** Number of log entries that one statement reads or changes. It takes about 50 ms. */
const entriesPerStatement = 2000;

/** A past show needs no sources any more. */
const assignments = ['source = null'];

/** The columns of `booking` that belong to an idempotency key. */
const keyColumns = ['key', 'body_hash'];

/** `$1` show, `$2` the last entry of the previous page, `$3` number of entries. */
const logPage = `select seq::float8 as seq, changes from show_log where show_id = $1 and seq > $2 order by seq limit $3`;

/** `$1` show, `$2` entries, `$3` their changes. */
const rewriteEntries = `update show_log l set changes = r.changes, is_rewritten = true
  from unnest($2::bigint[], $3::jsonb[]) as r (seq, changes) where l.show_id = $1 and l.seq = r.seq`;

/**
 * Replaces the sessions of a past show by pseudonyms, in its log, bookings, waits and stays. Removes their sources and
 * their idempotency keys. Seats, sums, refunds and the proof of the lines stay as they are.
 */
@Injectable()
export class ShowAnonymizer {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /**
   * Replaces all sessions of a show. After an interruption, a call with the same salt continues.
   *
   * @param salt a random text. Every node and every attempt must use the same one for the same show
   */
  async anonymize(showId: number, salt: string): Promise<void> {
    const lastSeq = await this.rewriteLog(this.pool, showId, salt, 0);
    const replace = (table: SessionTable) => replaceSessions(this.pool, showId, salt, table);
    await replace({ name: 'waiter', assignments, condition: 'not waits' });
    await replace({ name: 'stay', assignments, condition: 'not is_inside' });
    await replace({ name: 'booking', keyColumns, assignments, condition: `status not in ('reserved', 'booked')` });
    await this.replaceLiveRows(showId, salt, lastSeq);
  }

  /** Rewrites the entries after `after`. @returns the seq of the last entry of the log */
  private async rewriteLog(db: Pool | PoolClient, showId: number, salt: string, after: number): Promise<number> {
    for (let last = after; ;) {
      const values = [showId, last, entriesPerStatement];
      const { rows } = await db.query<{ seq: number; changes: unknown }>(logPage, values);
      last = rows.at(-1)?.seq ?? last;
      const rewritten = rows.flatMap(({ seq, changes }) => {
        const replaced = withoutSessions(changes, salt);
        return replaced === changes ? [] : [{ seq, changes: JSON.stringify(replaced) }];
      });
      const columns = [rewritten.map(({ seq }) => seq), rewritten.map(({ changes }) => changes)];
      if (rewritten.length > 0) await db.query(rewriteEntries, [showId, ...columns]);
      if (rows.length < entriesPerStatement) return last;
    }
  }

  /**
   * Replaces the sessions of the rows that lanes keep in memory, under the lock of the show. The new id of the last
   * commit makes lanes discard their memory, because they would write the old sessions again. Entries that lanes have
   * added to the log since `lastSeq` are rewritten too.
   */
  private async replaceLiveRows(showId: number, salt: string, lastSeq: number): Promise<void> {
    await runInTransaction(this.pool, async (client) => {
      const ledger = 'update show_ledger set commit_id = $2 where show_id = $1 and seq > 0 returning seq';
      const commitId = createCommitId();
      const { rows } = await client.query<{ seq: string }>(ledger, [showId, commitId]);
      if (!rows[0]) return;
      const last = 'update show_log set commit_id = $2 where show_id = $1 and seq = $3';
      await client.query(last, [showId, commitId, rows[0].seq]);
      await this.rewriteLog(client, showId, salt, lastSeq);
      const replace = (table: SessionTable) => replaceSessions(client, showId, salt, table);
      await replace({ name: 'booking', keyColumns, assignments });
      await replace({ name: 'waiter', assignments });
      await replace({ name: 'stay', assignments });
      await client.query('delete from line_key where show_id = $1', [showId]);
      await client.query('delete from presence where show_id = $1', [showId]);
    });
  }
}

/**
 * Returns a copy of a part of a log entry without idempotency keys, in which pseudonyms replace all sessions. Returns
 * the part itself if it contains no session and no key.
 */
function withoutSessions(part: unknown, salt: string): unknown {
  if (Array.isArray(part)) {
    const kept = part.filter((item: unknown) => !isKeyUse(item));
    const items = kept.map((item: unknown) => withoutSessions(item, salt));
    return kept.length < part.length || items.some((item, at) => item !== part[at]) ? items : part;
  }
  if (typeof part !== 'object' || part === null) return part;
  const fields = Object.entries(part);
  const session = fields.find(([name]) => name === 'sessionId')?.[1];
  const isOfSession = typeof session === 'string' && !isPseudonym(session);
  const kept = typeof session === 'string' ? fields.filter(([name]) => name !== 'source') : fields;
  const replaced = kept.map(([name, value]: [string, unknown]): [string, unknown] => {
    if (isOfSession && name === 'sessionId') return [name, pseudonymOf(salt, session)];
    if (name === 'usedKey') return [name, null];
    return [name, withoutSessions(value, salt)];
  });
  const isDifferent = kept.length < fields.length || replaced.some(([, value], at) => value !== kept[at]?.[1]);
  return isDifferent ? Object.fromEntries(replaced) : part;
}

/** Returns true for a change that only stores the key of a request to join a line. */
const isKeyUse = (change: unknown): boolean =>
  typeof change === 'object' && change !== null && 'type' in change && change.type === 'keyUsed';
