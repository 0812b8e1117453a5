import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { ApiKey, ApiKeyBody, ApiKeyMade, Page } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import {
  appendAuditEntry,
  type AuditCaller,
  type AuditRecord,
  changedFields,
  digestOfKey,
  isLiveKey,
  isWithin,
  keyCinemas,
  type KeyHolder,
  type KeyScope,
  once,
  SocketKeys,
} from '../access/index.js';
import { createNotFoundError, DomainError } from '../common/domain-error.js';
import { createId } from '../common/ids.js';
import { createInvalidRequestError } from '../common/invalid-request.js';
import { DatabaseClock } from '../database/database-clock.js';
import { runInTransaction } from '../database/in-transaction.js';
import { PG_POOL } from '../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../database/sql-time.js';

type TimeField = 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'previousKeyExpiresAt' | 'revokedAt';

interface KeyRow extends Omit<ApiKey, TimeField | 'cinemaId'> {
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly previousKeyExpiresAt: number | null;
  readonly revokedAt: number | null;
}

const columns = `k.key_id as "keyId", k.name, k.roles, k.show_id as "showId", ${keyCinemas('k')} as "cinemaIds",
  ${toEpochMs('k.created_at')} as "createdAt", ${toEpochMs('k.expires_at')} as "expiresAt",
  ${toEpochMs('k.last_used_at')} as "lastUsedAt",
  case when k.previous_expires_at > now() then ${toEpochMs('k.previous_expires_at')} end as "previousKeyExpiresAt",
  ${toEpochMs('k.revoked_at')} as "revokedAt"`;

/** SQL condition for the keys whose roles (`$1`), show (`$2`) and cinemas (`$3`) a caller's key has too. */
const isManageable = `k.roles <@ $1::varchar[] and ($2::int is null or k.show_id = $2)
  and ($3::int[] is null or ${keyCinemas('k')} <@ $3)`;

const manageableBy = ({ roles, showId, cinemaIds }: KeyHolder): unknown[] => [roles, showId, cinemaIds];

/** Lets people and secret scanners recognise a key in a log or a repository. */
const keyPrefix = 'usher_';

const keyRandomBytes = 32;

/** Longest time after which a key can expire. A later time is probably a typing error. */
const lifeMsMax = 5 * 366 * 24 * 60 * 60 * 1000;

/**
 * Creates, lists, rotates and revokes the API keys of staff, gates, kiosks and partners. A caller manages only keys with
 * roles and a scope that the key of the caller has too. Other keys do not exist for the caller. A caller can revoke a key that
 * outlives its own key, but it gets no text of such a key.
 */
@Injectable()
export class ApiKeysAdministration {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly clock: DatabaseClock,
    private readonly socketKeys: SocketKeys,
  ) {}

  /**
   * Creates a key. No later answer contains the key itself, because only its hash is stored.
   *
   * @throws DomainError `FORBIDDEN` if the key would have more rights than the caller's key, `INVALID_REQUEST` if its
   * time of expiry is past or too late
   */
  create(by: KeyHolder, caller: AuditCaller, body: ApiKeyBody): Promise<ApiKeyMade> {
    this.requireExpiry(body.expiresAt);
    requireGrantable(by, body);
    return this.change(async (client) => {
      const { name, roles, showId, expiresAt } = body;
      const cinemaIds = scopeOf(body).cinemaIds;
      const { key, digest } = createKey();
      const { rows } = await client.query<KeyRow>(
        `insert into api_key as k (key_id, name, hash, roles, show_id, cinema_id, cinema_ids, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
        [
          createId(),
          name,
          digest,
          [...new Set(roles)],
          showId,
          onlyCinemaOf(cinemaIds),
          cinemaIds?.length === 1 ? null : cinemaIds,
          expiresAt,
        ],
      );
      const made = toApiKey(rows[0]!);
      await appendAuditEntry(client, keyRecord(caller, 'api-key.create', made, changedFields(null, made)));
      return { ...made, key };
    });
  }

  /**
   * Returns one page of keys, newest first.
   *
   * @param cursor the last key of the previous page, or null for the first page
   */
  async list(by: KeyHolder, limit: number, cursor: string | null): Promise<Page<ApiKey>> {
    const { rows } = await this.pool.query<KeyRow>(
      `select ${columns} from api_key k where ${isManageable} and ($4::uuid is null or k.key_id < $4)
       order by k.key_id desc limit $5`,
      [...manageableBy(by), cursor, limit + 1],
    );
    const items = rows.slice(0, limit).map(toApiKey);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.keyId ?? null) : null };
  }

  /**
   * Gives a key a new text. The old text stays valid for the overlap. The text before it, which an earlier rotation may
   * have left valid, stops at once.
   *
   * @throws DomainError `NOT_FOUND`, also if the key is revoked or expired, `FORBIDDEN` if it outlives the caller's key
   */
  async rotate(by: KeyHolder, caller: AuditCaller, keyId: string, overlapSeconds: number): Promise<ApiKeyMade> {
    const made = await this.change(async (client) => {
      const before = await lockKey(client, by, keyId);
      requireLife(by, before.expiresAt);
      const { key, digest } = createKey();
      const { rows } = await client.query<KeyRow>(
        `update api_key k set hash = $2, previous_hash = case when $3 > 0 then k.hash end,
           previous_expires_at = case when $3 > 0 then now() + $3 * interval '1 second' end
         where k.key_id = $1 and ${isLiveKey('k')} returning ${columns}`,
        [keyId, digest, overlapSeconds],
      );
      if (!rows[0]) throw createNotFoundError('valid API key');
      const rotated = toApiKey(rows[0]);
      const states = { before: endOfPreviousKey(before), after: endOfPreviousKey(rotated) };
      await appendAuditEntry(client, keyRecord(caller, 'api-key.rotate', rotated, states));
      return { ...rotated, key };
    });
    this.socketKeys.announceChange(keyId);
    return made;
  }

  /**
   * Revokes a key, and closes its sockets on every node. A key that was already revoked keeps the time of its first
   * revocation.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async revoke(by: KeyHolder, caller: AuditCaller, keyId: string): Promise<ApiKey> {
    const revoked = await this.change(async (client) => {
      const before = await lockKey(client, by, keyId);
      if (before.revokedAt !== null) return before;
      const { rows } = await client.query<KeyRow>(
        `update api_key k set revoked_at = now() where k.key_id = $1 returning ${columns}`,
        [keyId],
      );
      const after = toApiKey(rows[0]!);
      await appendAuditEntry(client, keyRecord(caller, 'api-key.revoke', after, changedFields(before, after)));
      return after;
    });
    this.socketKeys.announceChange(keyId);
    return revoked;
  }

  /** Changes keys in one transaction, at most once per idempotency key. */
  private change<T>(make: (client: PoolClient) => Promise<T>): Promise<T> {
    return runInTransaction(this.pool, (client) => once(client, () => make(client)));
  }

  /** @throws DomainError `INVALID_REQUEST` */
  private requireExpiry(expiresAt: string | null): void {
    if (expiresAt === null) return;
    const lifeMs = Date.parse(expiresAt) - this.clock.now();
    if (lifeMs > 0 && lifeMs <= lifeMsMax) return;
    const message = 'must be in the future and at most five years from now';
    throw createInvalidRequestError([{ path: ['expiresAt'], message }]);
  }
}

/** Locks a key until the end of the transaction. @throws DomainError `NOT_FOUND` if the caller does not manage the key */
async function lockKey(client: PoolClient, by: KeyHolder, keyId: string): Promise<ApiKey> {
  const { rows } = await client.query<KeyRow>(
    `select ${columns} from api_key k where k.key_id = $4 and ${isManageable} for update`,
    [...manageableBy(by), keyId],
  );
  if (!rows[0]) throw createNotFoundError('API key');
  return toApiKey(rows[0]);
}

/** Returns the audit record of a change to a key. It names what the key permits, but never the key or its hash. */
const keyRecord = (
  caller: AuditCaller,
  action: 'api-key.create' | 'api-key.rotate' | 'api-key.revoke',
  { keyId, cinemaId }: ApiKey,
  states: Pick<AuditRecord, 'before' | 'after'> | null,
): AuditRecord => ({
  caller,
  action,
  showId: null,
  cinemaId,
  subject: { kind: 'api-key', id: keyId },
  before: states?.before ?? null,
  after: states?.after ?? null,
});

/** Returns the only field of a key that a rotation changes, apart from the text of the key. */
const endOfPreviousKey = ({ previousKeyExpiresAt }: ApiKey) => ({ previousKeyExpiresAt });

/** @throws DomainError `FORBIDDEN` if a new key would have a role, a scope or a life that the caller's key does not have */
function requireGrantable(by: KeyHolder, body: ApiKeyBody): void {
  const missing = body.roles.filter((role) => !by.roles.includes(role));
  if (missing.length > 0) throw tooWide(`does not have the role ${missing.join(', ')}`);
  if (!isWithin(scopeOf(body), by)) throw tooWide('is limited to other cinemas or another show');
  requireLife(by, body.expiresAt);
}

/**
 * Checks the life of a key before the caller gets a text of the key.
 *
 * @param expiresAt when the key expires; null if it does not expire
 * @throws DomainError `FORBIDDEN` if the key would outlive the caller's key
 */
function requireLife(by: KeyHolder, expiresAt: string | null): void {
  if (by.expiresAt === null) return;
  if (expiresAt === null || Date.parse(expiresAt) > by.expiresAt)
    throw tooWide(`has authority only until ${toIso(by.expiresAt)}`);
}

const tooWide = (limit: string): DomainError<'FORBIDDEN'> =>
  new DomainError('FORBIDDEN', `The caller cannot get this key, because the caller ${limit}.`, {});

const scopeOf = ({ showId, cinemaId, cinemaIds }: ApiKeyBody): KeyScope => ({
  showId,
  cinemaIds: cinemaIds ? [...new Set(cinemaIds)] : cinemaId === null ? null : [cinemaId],
});

function createKey(): { readonly key: string; readonly digest: string } {
  const key = keyPrefix + randomBytes(keyRandomBytes).toString('base64url');
  return { key, digest: digestOfKey(key).toString('hex') };
}

const onlyCinemaOf = (cinemaIds: readonly number[] | null): number | null =>
  cinemaIds?.length === 1 ? (cinemaIds[0] ?? null) : null;

const toApiKey = ({ cinemaIds, createdAt, ...row }: KeyRow): ApiKey => ({
  ...row,
  cinemaId: onlyCinemaOf(cinemaIds),
  cinemaIds,
  createdAt: toIso(createdAt),
  expiresAt: toIsoOrNull(row.expiresAt),
  lastUsedAt: toIsoOrNull(row.lastUsedAt),
  previousKeyExpiresAt: toIsoOrNull(row.previousKeyExpiresAt),
  revokedAt: toIsoOrNull(row.revokedAt),
});
