import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { PG_POOL } from '../../database/pg-pool.js';
import { digestOfKey, isLiveKey } from './api-keys.service.js';

/** Maximum age of the digests in memory. A new key is therefore known after this time at the latest. */
const digestsAgeMsMax = 2000;

const listDigests = {
  name: 'api-key-digests',
  text: `select k.hash, k.previous_hash as "previousHash" from api_key k where ${isLiveKey('k')}`,
};

/**
 * Tells keys of the table apart from guesses, without a query per guess. The node reads the digests of all live keys only
 * when it needs them, and at most once in two seconds.
 */
@Injectable()
export class KnownKeys {
  private digests: Promise<ReadonlySet<string>> | null = null;
  private readAtMs = 0;

  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Returns true if a recent reading of the table contains the key. The key of `ADMIN_API_KEY` is not in the table. */
  async has(key: string): Promise<boolean> {
    const digests = await this.recentDigests();
    return digests.has(digestOfKey(key).toString('hex'));
  }

  private recentDigests(): Promise<ReadonlySet<string>> {
    const now = performance.now();
    if (this.digests && now < this.readAtMs + digestsAgeMsMax) return this.digests;
    const digests = this.readDigests();
    this.digests = digests;
    this.readAtMs = now;
    // The next caller tries again if this reading fails.
    digests.catch(() => (this.digests = null));
    return digests;
  }

  private async readDigests(): Promise<ReadonlySet<string>> {
    const { rows } = await this.pool.query<{ hash: string; previousHash: string | null }>(listDigests);
    return new Set(rows.flatMap(({ hash, previousHash }) => (previousHash === null ? [hash] : [hash, previousHash])));
  }
}
