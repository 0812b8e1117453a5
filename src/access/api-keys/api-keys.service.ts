import { hash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Role } from '@usher/contract';
import type { Pool } from 'pg';
import { CONFIG, type Config } from '../../config/config.js';
import { PG_POOL } from '../../database/pg-pool.js';

/** The owner of an API key, and what the key permits. */
export interface KeyHolder {
  /** Null for the key of the setting `ADMIN_API_KEY`, which is in no table. */
  readonly keyId: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The only show that a gate key may check in; null if the key is not bound to a show. */
  readonly showId: number | null;
  /** The only cinema that a gate key may check in; null if the key is not bound to a cinema. */
  readonly cinemaId: number | null;
}

/**
 * Returns the digest that the table stores instead of the key. A plain hash is safe, because keys have 256 random bits.
 */
export const digestOfKey = (key: string): Buffer => hash('sha256', key, 'buffer');

/** Looks up API keys. The table is read for each call, so every node refuses a revoked key immediately. */
@Injectable()
export class ApiKeys {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Returns the holder of a key, or null if the key is unknown or revoked. */
  async holderOf(key: string): Promise<KeyHolder | null> {
    const { adminApiKey } = this.config;
    const digest = digestOfKey(key);
    // All digests have the same length. Comparing them in constant time hides how close a guess was.
    if (adminApiKey !== null && timingSafeEqual(digest, digestOfKey(adminApiKey))) {
      return { keyId: null, name: 'ADMIN_API_KEY', roles: Role.options, showId: null, cinemaId: null };
    }
    const { rows } = await this.pool.query<KeyHolder>({
      name: 'api-key-holder',
      text: `select key_id as "keyId", name, roles, show_id as "showId", cinema_id as "cinemaId"
        from api_key where hash = $1 and revoked_at is null`,
      values: [digest.toString('hex')],
    });
    return rows[0] ?? null;
  }
}
