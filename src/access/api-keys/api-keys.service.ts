import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type ApiKey, type ApiKeyBody, type ApiKeyMade, type Page, Role } from '@usher/contract';
import type { Pool } from 'pg';
import { notFound } from '../../common/domain-error.js';
import { newId } from '../../common/ids.js';
import { CONFIG, type Config } from '../../config/config.js';
import { inTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { iso, isoOrNull, ms } from '../../database/sql-time.js';
import { once } from '../idempotency/once.js';

/** Who calls with an API key. */
export interface KeyHolder {
  /** Null: the key of the settings, which is in no table. */
  readonly keyId: string | null;
  readonly name: string;
  readonly roles: readonly Role[];
  /** What a gate's key is bound to, each null where it is not. */
  readonly showId: number | null;
  readonly cinemaId: number | null;
}

interface KeyRow extends Omit<ApiKey, 'createdAt' | 'revokedAt'> {
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

const columns = `key_id as "keyId", name, roles, show_id as "showId", cinema_id as "cinemaId",
  ${ms('created_at')} as "createdAt", ${ms('revoked_at')} as "revokedAt"`;

/** Found by a person in a log or a repository, and by the programs that look for secrets there. */
const prefix = 'usher_';

const digest = (key: string): Buffer => hash('sha256', key, 'buffer');

const toApiKey = ({ createdAt, revokedAt, ...row }: KeyRow): ApiKey => ({
  ...row,
  createdAt: iso(createdAt),
  revokedAt: isoOrNull(revokedAt),
});

/** The API keys: made, listed and revoked by an admin, asked for with every call that brings one. */
@Injectable()
export class ApiKeys {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Whose a key is; null: nobody's, or no longer. A key that is revoked is refused at once, on every node. */
  async holderOf(key: string): Promise<KeyHolder | null> {
    const { adminApiKey } = this.config;
    const hashed = digest(key);
    // Digests are of one length and compared in one time: an answer tells nothing of how near a guess was.
    if (adminApiKey !== null && timingSafeEqual(hashed, digest(adminApiKey))) {
      return { keyId: null, name: 'ADMIN_API_KEY', roles: Role.options, showId: null, cinemaId: null };
    }
    const { rows } = await this.pool.query<KeyHolder>({
      name: 'api-key-holder',
      text: `select key_id as "keyId", name, roles, show_id as "showId", cinema_id as "cinemaId"
        from api_key where hash = $1 and revoked_at is null`,
      values: [hashed.toString('hex')],
    });
    return rows[0] ?? null;
  }

  /** Makes a key. It has 256 random bits, so its plain hash is as good as a slow one. */
  async create({ name, roles, showId, cinemaId }: ApiKeyBody): Promise<ApiKeyMade> {
    return inTransaction(this.pool, (client) =>
      once(client, async () => {
        const key = prefix + randomBytes(32).toString('base64url');
        const { rows } = await client.query<KeyRow>(
          `insert into api_key (key_id, name, hash, roles, show_id, cinema_id) values ($1, $2, $3, $4, $5, $6)
           returning ${columns}`,
          [newId(), name, digest(key).toString('hex'), [...new Set(roles)], showId, cinemaId],
        );
        return { ...toApiKey(one(rows)), key };
      }),
    );
  }

  /** Newest first. @param cursor the key after which the page begins */
  async list(limit: number, cursor: string | null): Promise<Page<ApiKey>> {
    const { rows } = await this.pool.query<KeyRow>(
      `select ${columns} from api_key where $1::uuid is null or key_id < $1 order by key_id desc limit $2`,
      [cursor, limit + 1],
    );
    const items = rows.slice(0, limit).map(toApiKey);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.keyId ?? null) : null };
  }

  /** Ends a key; one that is revoked stays so. @throws DomainError `NOT_FOUND` */
  async revoke(keyId: string): Promise<ApiKey> {
    const { rows } = await this.pool.query<KeyRow>(
      `update api_key set revoked_at = coalesce(revoked_at, now()) where key_id = $1 returning ${columns}`,
      [keyId],
    );
    if (!rows[0]) throw notFound('API key');
    return toApiKey(rows[0]);
  }
}

function one<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new Error('a row was written and is not there');
  return row;
}
