import { hash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type KeyEnded, Role } from '@usher/contract';
import type { Pool } from 'pg';
import { CONFIG, type Config } from '../../config/config.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs } from '../../database/sql-time.js';
import type { KeyScope } from './key-scope.js';

/** The owner of an API key or an operator who has signed in, and what the key or the sign-in permits. */
export interface KeyHolder extends KeyScope {
  /** Null for the key of the setting `ADMIN_API_KEY`, which is in no table, and for an operator. */
  readonly keyId: string | null;
  /** Null for the holder of a key. */
  readonly operator: SignedInOperator | null;
  readonly name: string;
  readonly roles: readonly Role[];
  /**
   * When the authority ends, in ms since 1970; null if it has no end. Keys that the holder creates or rotates end no later.
   */
  readonly expiresAt: number | null;
}

/** The person who acts, and the sign-in of the person. */
export interface SignedInOperator {
  readonly operatorSessionId: string;
  /** The issuer and the subject of the identity provider, joined by `#`. */
  readonly personId: string;
}

/** Whether a text of an API key is still valid. */
export interface KeyState {
  readonly digest: string;
  /** Why the text is not valid; null if it is valid. */
  readonly ended: KeyEnded['reason'] | null;
  /** Time until the text ends, if nobody revokes or rotates the key before; null if it does not end. */
  readonly endsInMs: number | null;
}

/**
 * Returns the digest that the table stores instead of the key. A plain hash is safe, because keys have 256 random bits.
 */
export const digestOfKey = (key: string): Buffer => hash('sha256', key, 'buffer');

/**
 * SQL of the cinemas in the scope of a key, null if the scope has no cinemas. The column `cinema_id` is older than the
 * column `cinema_ids`. Nodes of the previous version write only `cinema_id`.
 */
export const keyCinemas = (table: string): string =>
  `coalesce(${table}.cinema_ids, case when ${table}.cinema_id is not null then array[${table}.cinema_id] end)`;

/** SQL condition that a key is neither revoked nor expired. */
export const isLiveKey = (table: string): string =>
  `${table}.revoked_at is null and (${table}.expires_at is null or ${table}.expires_at > now())`;

/** `$1` digest of the key. The old text of a rotated key ends with its overlap, so its holder cannot give itself a later end. */
const findHolder = {
  name: 'api-key-holder',
  text: `select k.key_id as "keyId", k.name, k.roles, k.show_id as "showId", ${keyCinemas('k')} as "cinemaIds",
      ${toEpochMs('least(k.expires_at, case when k.hash <> $1 then k.previous_expires_at end)')} as "expiresAt"
    from api_key k
    where (k.hash = $1 or (k.previous_hash = $1 and k.previous_expires_at > now())) and ${isLiveKey('k')}`,
};

/** `$1` digests of keys. A digest that is in no row belongs to a key that was rotated twice. */
const findStates = {
  name: 'api-key-states',
  text: `select d.digest,
      case when k.revoked_at is not null then 'revoked' when k.expires_at <= now() then 'expired'
        when k.key_id is null or previous.ends_at <= now() then 'replaced' end as ended,
      ${toEpochMs('least(k.expires_at, previous.ends_at) - now()')} as "endsInMs"
    from unnest($1::char(64)[]) as d (digest)
    left join api_key k on k.hash = d.digest or k.previous_hash = d.digest
    left join lateral (select k.previous_expires_at as ends_at where k.previous_hash = d.digest) previous on true`,
};

/** Looks up API keys. The table is read for each call, so every node refuses a revoked key immediately. */
@Injectable()
export class ApiKeys {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Returns the holder of a key, or null if the key is unknown, revoked, expired or replaced. */
  async holderOf(key: string): Promise<KeyHolder | null> {
    const { adminApiKey } = this.config;
    const digest = digestOfKey(key);
    // All digests have the same length. Comparing them in constant time hides how close a guess was.
    if (adminApiKey !== null && timingSafeEqual(digest, digestOfKey(adminApiKey))) {
      const unlimited = { showId: null, cinemaIds: null, expiresAt: null };
      return { keyId: null, operator: null, name: 'ADMIN_API_KEY', roles: Role.options, ...unlimited };
    }
    const { rows } = await this.pool.query<Omit<KeyHolder, 'operator'>>({
      ...findHolder,
      values: [digest.toString('hex')],
    });
    return rows[0] ? { ...rows[0], operator: null } : null;
  }

  /** Returns whether keys are still valid. @param digests their {@link digestOfKey} in hex */
  async statesOf(digests: readonly string[]): Promise<KeyState[]> {
    const { rows } = await this.pool.query<KeyState>({ ...findStates, values: [digests] });
    return rows;
  }
}
