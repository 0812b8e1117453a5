import { createSecretKey } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { StartError } from '../common/start-error.js';
import type { Config } from '../config/config.js';
import { readOrCreateSecret } from '../config/data-folder.js';
import { ColumnCipher, DamagedSecretError, type SecretColumn, UnknownKeyError } from './column-cipher.js';
import { runInTransaction } from './in-transaction.js';

/** The injection token of the {@link StoredSecrets}. */
export const STORED_SECRETS = Symbol('StoredSecrets');

/** The secrets in the database, after the start of this node has encrypted them. */
export interface StoredSecrets {
  readonly cipher: ColumnCipher;
  readonly count: number;
  /** Number of secrets that this start encrypted, or decrypted if ENCRYPTION_KEY begins with `plain`. */
  readonly changedCount: number;
}

/** Number of the advisory lock for encrypting (ASCII "encr"). No other lock in the database uses this number. */
const encryptionLock = 0x656e6372;

/** The file in the data folder with the key of an embedded service. */
const keyFile = 'encryption-key';

/**
 * Encrypts all secrets in the database that are in plain text or under an old key.
 *
 * Each node does this when it starts. The migration does not, because it runs while nodes of the previous release still
 * serve, and it may run without the key. A node that must share the database with such nodes has `plain` as the first
 * entry of ENCRYPTION_KEY and leaves the secrets readable for them.
 *
 * @throws StartError if a secret cannot be decrypted. New secrets in its place would make all tickets invalid.
 */
export async function encryptStoredSecrets(
  pool: Pool,
  columns: readonly SecretColumn[],
  config: Config,
): Promise<StoredSecrets> {
  const cipher = await loadCipher(config);
  try {
    const counts = { count: 0, changedCount: 0 };
    await runInTransaction(pool, async (client) => {
      await client.query('select pg_advisory_xact_lock($1)', [encryptionLock]);
      for (const column of columns) {
        const { count, changedCount } = await encryptColumn(client, cipher, column);
        counts.count += count;
        counts.changedCount += changedCount;
      }
    });
    return { cipher, ...counts };
  } catch (cause) {
    throw toStartError(cause, config);
  }
}

async function loadCipher({ encryptionKeys, shouldEncryptSecrets, dataDir }: Config): Promise<ColumnCipher> {
  const [first, ...others] = encryptionKeys ?? [await readOrCreateSecret(dataDir, keyFile)];
  const toKey = (secret: string) => createSecretKey(secret, 'utf8');
  return new ColumnCipher([toKey(first), ...others.map(toKey)], shouldEncryptSecrets);
}

async function encryptColumn(client: PoolClient, cipher: ColumnCipher, secretColumn: SecretColumn) {
  const { table, key, column } = secretColumn;
  const { rows } = await client.query<{ rowKey: string; stored: string }>(
    `select ${key}::text as "rowKey", ${column} as stored from ${table}`,
  );
  // Every value is decrypted, so that a wrong key is noticed before the service accepts its first call.
  const secrets = rows.map((row) => ({ ...row, secret: cipher.decrypt(secretColumn, row.rowKey, row.stored) }));
  const changes = secrets.filter(({ stored }) => !cipher.isCurrent(stored));
  if (changes.length > 0) {
    await client.query(
      `update ${table} t set ${column} = change.new_value from unnest($1::text[], $2::text[], $3::text[])
         as change (row_key, old_value, new_value)
       where t.${key}::text = change.row_key and t.${column} = change.old_value`,
      [
        changes.map(({ rowKey }) => rowKey),
        changes.map(({ stored }) => stored),
        changes.map(({ rowKey, secret }) => cipher.encrypt(secretColumn, rowKey, secret)),
      ],
    );
  }
  return { count: rows.length, changedCount: changes.length };
}

function toStartError(cause: unknown, { encryptionKeys, dataDir }: Config): unknown {
  if (cause instanceof DamagedSecretError) {
    return new StartError(`The secret ${cause.message}. Restore the row from a backup.`, { cause });
  }
  if (!(cause instanceof UnknownKeyError)) return cause;
  const cure =
    encryptionKeys === null
      ? `${dataDir}/${keyFile} is not the key of this database. Restore the file from a backup, or set ENCRYPTION_KEY.`
      : 'ENCRYPTION_KEY lacks a key of this database. Append the missing key, as in ENCRYPTION_KEY=<this key>,<missing key>.';
  return new StartError(`${cure} The service creates no new secrets, because all tickets would become invalid.`, {
    cause,
  });
}

/** Describes for the log how the secrets are stored. Returns null if nothing is worth a line. */
export function describeStoredSecrets(
  { count, changedCount }: StoredSecrets,
  { encryptionKeys, shouldEncryptSecrets }: Config,
): string | null {
  if (!shouldEncryptSecrets) {
    return `ENCRYPTION_KEY begins with plain; ${count} secrets in the database are not encrypted`;
  }
  if (changedCount === 0 && (encryptionKeys?.length ?? 1) === 1) return null;
  const key = encryptionKeys === null ? `the file ${keyFile}` : 'the first key of ENCRYPTION_KEY';
  return `all ${count} secrets in the database are encrypted with ${key}; this start encrypted ${changedCount} of them`;
}
