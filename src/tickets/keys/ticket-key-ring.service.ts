import { Inject, Injectable } from '@nestjs/common';
import { TicketCode, type TicketKey, type TicketKeys } from '@usher/contract';
import {
  calculateJwkThumbprint,
  CompactSign,
  compactVerify,
  type CryptoKey,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importJWK,
  importPKCS8,
} from 'jose';
import type { Pool, PoolClient } from 'pg';
import { createNotFoundError } from '../../common/domain-error.js';
import { ColumnCipher } from '../../database/column-cipher.js';
import { runInTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toIso, toEpochMs } from '../../database/sql-time.js';
import { appendAuditEntry, type AuditCaller, once } from '../../access/index.js';
import { ticketKeyColumn } from './ticket-key.entity.js';

const algorithm = 'EdDSA';

/** Key of the advisory lock for rotations (ASCII "tkey"). No other lock in the database uses this number. */
const rotationLock = 0x746b6579;

/** How long a node caches the keys. A node notices a rotation or a revoked key after this time at the latest. */
const keyCacheAgeMsMax = 5000;

/**
 * Number of characters of a key's thumbprint that form the key's id. The 66 bits distinguish all keys. A longer id would make
 * the QR code denser.
 */
const kidLength = 11;

interface KeyRow {
  readonly kid: string;
  /** Encrypted. */
  readonly privateKey: string;
  readonly publicX: string;
  readonly signs: boolean;
}

/** A new key, with its private part in plain text. */
type GeneratedKey = Pick<KeyRow, 'kid' | 'privateKey' | 'publicX'>;

interface CachedKeys {
  readonly rows: readonly KeyRow[];
  readonly signing: { readonly kid: string; readonly key: CryptoKey };
  readonly verifying: ReadonlyMap<string, CryptoKey | Uint8Array>;
  /** Time of the read by the monotonic clock, in ms. */
  readonly readAt: number;
}

/**
 * Signs and verifies ticket codes. One key signs, and all keys that were not revoked verify. The keys are stored in the
 * database, because all nodes sign with the same key.
 */
@Injectable()
export class TicketKeyRing {
  private cached: Promise<CachedKeys> | null = null;

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly cipher: ColumnCipher,
  ) {}

  /** Creates a ticket's code as a compact JWS. The same ticket and key always give the same code. */
  async sign(ticket: TicketCode): Promise<string> {
    const { kid, key } = (await this.getKeys()).signing;
    const { ticketId, showId, seat, label, startsAt } = ticket;
    return new CompactSign(new TextEncoder().encode(JSON.stringify({ ticketId, showId, seat, label, startsAt })))
      .setProtectedHeader({ alg: algorithm, kid })
      .sign(key);
  }

  /** Returns the content of a code, or null if none of the keys signed the code. */
  async verify(code: string): Promise<TicketCode | null> {
    const { verifying } = await this.getKeys();
    try {
      const { payload } = await compactVerify(
        code,
        ({ kid = '' }) => {
          const key = verifying.get(kid);
          if (!key) throw new Error('no key has this id');
          return key;
        },
        { algorithms: [algorithm] },
      );
      return TicketCode.parse(JSON.parse(new TextDecoder().decode(payload)));
    } catch {
      // The reason is not reported, because only a forger could use it.
      return null;
    }
  }

  /** Returns the public keys. The signing key is first, then the newest key. */
  async publicKeys(): Promise<TicketKeys> {
    const { rows } = await this.getKeys();
    return {
      keys: rows.map(({ kid, publicX: x }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid, alg: algorithm, use: 'sig' })),
    };
  }

  /** Creates a new key, which signs from now on. Other nodes use the key after at most {@link keyCacheAgeMsMax}. */
  async rotate(caller: AuditCaller): Promise<TicketKey> {
    const newKey = await generateKey();
    const key = await runInTransaction(this.pool, (client) =>
      once(client, () => this.replaceSigningKey(client, newKey, caller)),
    );
    this.cached = null;
    return key;
  }

  private async replaceSigningKey(client: PoolClient, newKey: GeneratedKey, caller: AuditCaller): Promise<TicketKey> {
    // The lock has its own statement, so that the next statements see what another node committed during the wait.
    await client.query('select pg_advisory_xact_lock($1)', [rotationLock]);
    const { rows: before } = await client.query<{ kid: string }>(
      'update ticket_key set signs = false where signs returning kid',
    );
    const { rows } = await client.query<{ createdAt: number }>(
      `insert into ticket_key (kid, private_key, public_x, signs) values ($1, $2, $3, true)
       returning ${toEpochMs('created_at')} as "createdAt"`,
      this.toValues(newKey),
    );
    await appendAuditEntry(client, {
      ...keyRecord(caller, 'ticket-key.rotate', newKey.kid),
      before: { signingKey: before[0]?.kid ?? null },
      after: { signingKey: newKey.kid },
    });
    return { kid: newKey.kid, signs: true, createdAt: toIso(rows[0]!.createdAt) };
  }

  /**
   * Deletes a key. The codes that it signed are then no longer valid. If the deleted key was the signing key, the next
   * read of the keys creates a new one.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async revoke(kid: string, caller: AuditCaller): Promise<void> {
    await runInTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ signs: boolean }>('delete from ticket_key where kid = $1 returning signs', [
        kid,
      ]);
      if (!rows[0]) throw createNotFoundError('ticket key');
      const { signs } = rows[0];
      await appendAuditEntry(client, {
        ...keyRecord(caller, 'ticket-key.revoke', kid),
        before: { signs },
        after: null,
      });
    });
    this.cached = null;
  }

  /** Returns the cached keys, or reads the keys again if the cache is too old. */
  private async getKeys(): Promise<CachedKeys> {
    const cachedBefore = this.cached;
    const keys = await cachedBefore;
    if (keys && performance.now() - keys.readAt < keyCacheAgeMsMax) return keys;
    // Another call has already started to read the keys again.
    if (this.cached !== cachedBefore) return this.getKeys();
    const reading = this.readKeys();
    this.cached = reading;
    // If the read fails, the next call reads again.
    reading.catch(() => {
      if (this.cached === reading) this.cached = null;
    });
    return reading;
  }

  private async readKeys(): Promise<CachedKeys> {
    const readAt = performance.now();
    const rows = await this.readRows();
    const signing = rows.find(({ signs }) => signs);
    if (!signing) {
      await this.pool.query(
        `insert into ticket_key (kid, private_key, public_x, signs) values ($1, $2, $3, true)
         on conflict (signs) where signs do nothing`,
        this.toValues(await generateKey()),
      );
      return this.readKeys();
    }
    const verifying = await Promise.all(
      rows.map(
        async ({ kid, publicX: x }) => [kid, await importJWK({ kty: 'OKP', crv: 'Ed25519', x }, algorithm)] as const,
      ),
    );
    const privateKey = this.cipher.decrypt(ticketKeyColumn, signing.kid, signing.privateKey);
    const key = await importPKCS8(privateKey, algorithm);
    return { rows, signing: { kid: signing.kid, key }, verifying: new Map(verifying), readAt };
  }

  /** Returns the values of a new row, in the order of the columns in the insert statements. */
  private toValues({ kid, privateKey, publicX }: GeneratedKey): string[] {
    return [kid, this.cipher.encrypt(ticketKeyColumn, kid, privateKey), publicX];
  }

  private async readRows(): Promise<KeyRow[]> {
    const { rows } = await this.pool.query<KeyRow>(
      `select kid, private_key as "privateKey", public_x as "publicX", signs from ticket_key order by signs desc, created_at desc, kid`,
    );
    return rows;
  }
}

const keyRecord = (caller: AuditCaller, action: 'ticket-key.rotate' | 'ticket-key.revoke', kid: string) =>
  ({ caller, action, showId: null, subject: { kind: 'ticket-key', id: kid } }) as const;

async function generateKey(): Promise<GeneratedKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(publicKey);
  if (jwk.x === undefined) throw new Error('an Ed25519 key has no x');
  const kid = (await calculateJwkThumbprint(jwk)).slice(0, kidLength);
  return { kid, privateKey: await exportPKCS8(privateKey), publicX: jwk.x };
}
