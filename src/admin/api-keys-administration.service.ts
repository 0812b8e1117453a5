import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { ApiKey, ApiKeyBody, ApiKeyMade, Page } from '@usher/contract';
import type { Pool } from 'pg';
import {
  appendAuditEntry,
  type AuditCaller,
  type AuditRecord,
  changedFields,
  digestOfKey,
  once,
} from '../access/index.js';
import { createNotFoundError } from '../common/domain-error.js';
import { createId } from '../common/ids.js';
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';

interface KeyRow extends Omit<ApiKey, 'createdAt' | 'revokedAt'> {
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

const columns = `key_id as "keyId", name, roles, show_id as "showId", cinema_id as "cinemaId",
  ${toEpochMs('created_at')} as "createdAt", ${toEpochMs('revoked_at')} as "revokedAt"`;

/** Lets people and secret scanners recognise a key in a log or a repository. */
const keyPrefix = 'usher_';

const keyRandomBytes = 32;

/** Creates, lists and revokes the API keys of staff, gates, kiosks and partners. */
@Injectable()
export class ApiKeysAdministration {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Creates a key. No later answer contains the key itself, because only its hash is stored. */
  create({ name, roles, showId, cinemaId }: ApiKeyBody, caller: AuditCaller): Promise<ApiKeyMade> {
    return runInTransaction(this.pool, (client) =>
      once(client, async () => {
        const key = keyPrefix + randomBytes(keyRandomBytes).toString('base64url');
        const { rows } = await client.query<KeyRow>(
          `insert into api_key (key_id, name, hash, roles, show_id, cinema_id) values ($1, $2, $3, $4, $5, $6)
           returning ${columns}`,
          [createId(), name, digestOfKey(key).toString('hex'), [...new Set(roles)], showId, cinemaId],
        );
        const [row] = rows;
        if (!row) throw new Error('PostgreSQL returned no row for the inserted API key');
        const made = toApiKey(row);
        await appendAuditEntry(client, keyRecord(caller, 'api-key.create', null, made));
        return { ...made, key };
      }),
    );
  }

  /**
   * Returns one page of keys, newest first.
   *
   * @param cursor the last key of the previous page, or null for the first page
   */
  async list(limit: number, cursor: string | null): Promise<Page<ApiKey>> {
    const { rows } = await this.pool.query<KeyRow>(
      `select ${columns} from api_key where $1::uuid is null or key_id < $1 order by key_id desc limit $2`,
      [cursor, limit + 1],
    );
    const items = rows.slice(0, limit).map(toApiKey);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.keyId ?? null) : null };
  }

  /**
   * Revokes a key. A key that was already revoked keeps the time of its first revocation.
   *
   * @throws DomainError `NOT_FOUND`
   */
  revoke(keyId: string, caller: AuditCaller): Promise<ApiKey> {
    return runInTransaction(this.pool, async (client) => {
      const { rows: found } = await client.query<KeyRow>(
        `select ${columns} from api_key where key_id = $1 for update`,
        [keyId],
      );
      if (!found[0]) throw createNotFoundError('API key');
      const before = toApiKey(found[0]);
      if (before.revokedAt !== null) return before;
      const { rows } = await client.query<KeyRow>(
        `update api_key set revoked_at = now() where key_id = $1 returning ${columns}`,
        [keyId],
      );
      const revoked = toApiKey(rows[0]!);
      await appendAuditEntry(client, keyRecord(caller, 'api-key.revoke', before, revoked));
      return revoked;
    });
  }
}

/** Returns the audit record of a change to a key. It names what the key permits, but never the key or its hash. */
function keyRecord(
  caller: AuditCaller,
  action: 'api-key.create' | 'api-key.revoke',
  before: ApiKey | null,
  after: ApiKey,
): AuditRecord {
  const { keyId, cinemaId } = after;
  const changed = changedFields(before, after) ?? { before: null, after: null };
  return { caller, action, showId: null, cinemaId, subject: { kind: 'api-key', id: keyId }, ...changed };
}

const toApiKey = ({ createdAt, revokedAt, ...row }: KeyRow): ApiKey => ({
  ...row,
  createdAt: toIso(createdAt),
  revokedAt: toIsoOrNull(revokedAt),
});
