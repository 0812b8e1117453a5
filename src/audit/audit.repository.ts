import { Inject, Injectable } from '@nestjs/common';
import type { AuditEntry, AuditFilter, AuditQuery, Page } from '@usher/contract';
import type { Pool } from 'pg';
import type { KeyScope } from '../access/index.js';
import { PG_POOL } from '../database/pg-pool.js';
import { auditCondition } from './audit-condition.js';
import { decodeAuditCursor, encodeAuditCursor } from './audit-cursor.js';
import { auditColumns, type AuditRow, toAuditEntry } from './audit-row.js';

/** Maximum number of entries that an export reads at once. Writing 200 entries holds the event loop for 1 ms. */
const exportBatch = 200;

/**
 * Begins the read of an export. If the client does not read for a minute, the export fails, because it occupies a database
 * connection.
 */
const beginExport =
  "begin isolation level repeatable read, read only; set local statement_timeout = '60s';" +
  " set local idle_in_transaction_session_timeout = '60s'";

/** Reads the audit trail. */
@Injectable()
export class AuditRepository {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Returns one page of entries, newest first. @throws DomainError `INVALID_REQUEST` for a cursor of another query */
  async list({ limit, cursor, ...filter }: AuditQuery, scope: KeyScope): Promise<Page<AuditEntry>> {
    const after = decodeAuditCursor(filter, cursor);
    const { text, values } = auditCondition(filter, scope);
    const last = values.length;
    const position = after
      ? `and (at, show_id, seq) < (${fromEpochMs(`$${last + 2}`)}, $${last + 3}, $${last + 4})`
      : '';
    const { rows } = await this.pool.query<AuditRow>(
      `select ${auditColumns} from audit_entry where ${text} ${position}
       order by at desc, show_id desc, seq desc limit $${last + 1}`,
      [...values, limit + 1, ...(after ? [after.at, after.showId, after.seq] : [])],
    );
    const items = rows.slice(0, limit);
    const end = items.at(-1);
    const nextCursor = rows.length > limit && end ? encodeAuditCursor(filter, end) : null;
    return { items: items.map(toAuditEntry), nextCursor };
  }

  /**
   * Yields all matching entries in batches, oldest first. The batches show the trail at one moment, so each chain is
   * complete up to its last entry at that moment. The caller must finish or return the generator, which frees its database
   * connection.
   */
  async *batches(filter: AuditFilter, scope: KeyScope): AsyncGenerator<AuditEntry[], void> {
    const { text, values } = auditCondition(filter, scope);
    const client = await this.pool.connect();
    // If the client of the export stops reading, PostgreSQL ends the transaction and the connection. The next query on
    // the connection then fails.
    const ignore = () => undefined;
    client.on('error', ignore);
    let failure: Error | null = null;
    try {
      await client.query(beginExport);
      await client.query(
        `declare audit_export cursor for select ${auditColumns} from audit_entry where ${text} order by at, show_id, seq`,
        [...values],
      );
      for (;;) {
        const { rows } = await client.query<AuditRow>(`fetch ${exportBatch} from audit_export`);
        if (rows.length === 0) return;
        yield rows.map(toAuditEntry);
      }
    } finally {
      await client.query('rollback').catch((error: Error) => (failure = error));
      client.removeListener('error', ignore);
      client.release(failure ?? undefined);
    }
  }

  /**
   * Erases the network addresses of entries that are older than a number of days. The chains stay verifiable, because
   * their hashes cover only the salted digest of an address.
   *
   * @returns the number of erased addresses, at most `limit`
   */
  async eraseAddresses(days: number, limit: number): Promise<number> {
    const { rowCount } = await this.pool.query(
      `update audit_entry set address = null, address_salt = null where (show_id, seq) in (
         select show_id, seq from audit_entry
         where address is not null and at < now() - $1 * interval '1 day' order by at limit $2)`,
      [days, limit],
    );
    return rowCount ?? 0;
  }
}

const fromEpochMs = (parameter: string): string => `(timestamptz 'epoch' + ${parameter}::float8 * interval '1 ms')`;
