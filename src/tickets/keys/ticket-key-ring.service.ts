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
import { runInTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toIso, toEpochMs } from '../../database/sql-time.js';
import { once } from '../../access/index.js';

const algorithm = 'EdDSA';

/** Any number that nothing else in the database locks: ASCII "tkey". */
const rotationLock = 0x746b6579;

/** How old what a node knows of the keys may be: as long goes a rotation, or a key that was taken back, unnoticed. */
const knownMsMax = 5000;

/** Of a key's thumbprint, which is its name; 66 bits tell it from any other, and each character makes the QR denser. */
const kidLength = 11;

interface KeyRow {
  readonly kid: string;
  readonly privateKey: string;
  readonly publicX: string;
  readonly signs: boolean;
}

interface Known {
  readonly rows: readonly KeyRow[];
  readonly signing: { readonly kid: string; readonly key: CryptoKey };
  readonly verifying: ReadonlyMap<string, CryptoKey | Uint8Array>;
  /** By the clock that never goes back. */
  readonly readAt: number;
}

/** The keys of ticket codes. One signs; all that were not taken back verify. Kept in the database, as all nodes sign. */
@Injectable()
export class TicketKeyRing {
  private known: Promise<Known> | null = null;

  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** A ticket's code: a compact JWS. The same ticket and key always give the same one. */
  async sign(ticket: TicketCode): Promise<string> {
    const { kid, key } = (await this.current()).signing;
    const { ticketId, showId, seat, label, startsAt } = ticket;
    return new CompactSign(new TextEncoder().encode(JSON.stringify({ ticketId, showId, seat, label, startsAt })))
      .setProtectedHeader({ alg: algorithm, kid })
      .sign(key);
  }

  /** What a code says, if one of the keys signed it; else null. */
  async verify(code: string): Promise<TicketCode | null> {
    const { verifying } = await this.current();
    try {
      const { payload } = await compactVerify(
        code,
        ({ kid = '' }) => {
          const key = verifying.get(kid);
          if (!key) throw new Error('no key has this name');
          return key;
        },
        { algorithms: [algorithm] },
      );
      return TicketCode.parse(JSON.parse(new TextDecoder().decode(payload)));
    } catch {
      // Why a code does not verify helps only who forges one.
      return null;
    }
  }

  /** The public keys, newest first. */
  async publicKeys(): Promise<TicketKeys> {
    const { rows } = await this.current();
    return {
      keys: rows.map(({ kid, publicX: x }) => ({ kty: 'OKP', crv: 'Ed25519', x, kid, alg: algorithm, use: 'sig' })),
    };
  }

  /** From now on a new key signs; other nodes follow within {@link knownMsMax}. */
  async rotate(): Promise<TicketKey> {
    const made = await newKey();
    const key = await runInTransaction(this.pool, (client) => once(client, () => this.replaceSigningKey(client, made)));
    this.known = null;
    return key;
  }

  private async replaceSigningKey(client: PoolClient, made: Awaited<ReturnType<typeof newKey>>): Promise<TicketKey> {
    // In a statement of its own: what follows must see what another node committed while the lock was waited for.
    await client.query('select pg_advisory_xact_lock($1)', [rotationLock]);
    await client.query('update ticket_key set signs = false where signs');
    const { rows } = await client.query<{ createdAt: number }>(
      `insert into ticket_key (kid, private_key, public_x, signs) values ($1, $2, $3, true)
       returning ${toEpochMs('created_at')} as "createdAt"`,
      [made.kid, made.privateKey, made.publicX],
    );
    return { kid: made.kid, signs: true, createdAt: toIso(rows[0]!.createdAt) };
  }

  /** Takes a key back; where it was the one that signs, a new one does. @throws DomainError `NOT_FOUND` */
  async revoke(kid: string): Promise<void> {
    const { rowCount } = await this.pool.query('delete from ticket_key where kid = $1', [kid]);
    if (rowCount === 0) throw createNotFoundError('ticket key');
    this.known = null;
  }

  private async current(): Promise<Known> {
    const asked = this.known;
    const known = await asked;
    if (known && performance.now() - known.readAt < knownMsMax) return known;
    // Read once for all who found it too old.
    if (this.known !== asked) return this.current();
    const reading = this.read();
    this.known = reading;
    // What failed is asked for again by whoever comes next.
    reading.catch(() => {
      if (this.known === reading) this.known = null;
    });
    return reading;
  }

  private async read(): Promise<Known> {
    const readAt = performance.now();
    const rows = await this.rows();
    const signing = rows.find(({ signs }) => signs);
    if (!signing) {
      const { kid, privateKey, publicX } = await newKey();
      await this.pool.query(
        `insert into ticket_key (kid, private_key, public_x, signs) values ($1, $2, $3, true)
         on conflict (signs) where signs do nothing`,
        [kid, privateKey, publicX],
      );
      return this.read();
    }
    const verifying = await Promise.all(
      rows.map(
        async ({ kid, publicX: x }) => [kid, await importJWK({ kty: 'OKP', crv: 'Ed25519', x }, algorithm)] as const,
      ),
    );
    const key = await importPKCS8(signing.privateKey, algorithm);
    return { rows, signing: { kid: signing.kid, key }, verifying: new Map(verifying), readAt };
  }

  private async rows(): Promise<KeyRow[]> {
    const { rows } = await this.pool.query<KeyRow>(
      `select kid, private_key as "privateKey", public_x as "publicX", signs from ticket_key order by signs desc, created_at desc, kid`,
    );
    return rows;
  }
}

async function newKey(): Promise<Pick<KeyRow, 'kid' | 'privateKey' | 'publicX'>> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(publicKey);
  if (jwk.x === undefined) throw new Error('an Ed25519 key has no x');
  const kid = (await calculateJwkThumbprint(jwk)).slice(0, kidLength);
  return { kid, privateKey: await exportPKCS8(privateKey), publicX: jwk.x };
}
