import { createSecretKey } from 'node:crypto';
import type pg from 'pg';
import { ColumnCipher } from '../../src/database/column-cipher.js';
import { databaseSecretColumn } from '../../src/database/database-secret.entity.js';
import { testEncryptionKey } from './test-encryption-key.js';

/** Creates a cipher with keys of at least 32 bytes. The first one encrypts. */
export function createTestCipher(first = testEncryptionKey, ...others: readonly string[]): ColumnCipher {
  const toKey = (secret: string) => createSecretKey(secret, 'utf8');
  return new ColumnCipher([toKey(first), ...others.map(toKey)]);
}

/** Reads a secret of a test service from the table `kept_secret`. */
export async function readDatabaseSecret(pool: pg.Pool, name: string): Promise<string> {
  const { rows } = await pool.query<{ value: string }>('select value from kept_secret where name = $1', [name]);
  return createTestCipher().decrypt(databaseSecretColumn, name, rows[0]!.value);
}
