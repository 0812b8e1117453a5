import type { KeyObject } from 'node:crypto';
import { deriveBytes, TextCipher } from '../common/text-cipher.js';

/** A column that contains private keys or other secrets of the service. */
export interface SecretColumn {
  readonly table: string;
  /** The column that identifies a row. Encrypted values are bound to it. */
  readonly key: string;
  readonly column: string;
}

/** Marks an encrypted value. The id of its key and a colon follow. */
const mark = 'enc:';

const keyIdBytes = 6;

interface IdentifiedCipher {
  /** Tells which key encrypted a value. The id reveals nothing else about the key. */
  readonly keyId: string;
  readonly cipher: TextCipher;
}

function createCipher(secret: KeyObject): IdentifiedCipher {
  const keyId = deriveBytes(secret, 'usher column key id', keyIdBytes).toString('hex');
  return { keyId, cipher: new TextCipher([secret], 'usher column') };
}

/** Thrown if a value was encrypted with a key that the service does not have. */
export class UnknownKeyError extends Error {
  constructor({ table, column }: SecretColumn, rowKey: string) {
    super(`${table}.${column} of the row ${rowKey} was encrypted with a key that is not in ENCRYPTION_KEY`);
    this.name = 'UnknownKeyError';
  }
}

/** Thrown if an encrypted value was changed, or moved from a different row. */
export class DamagedSecretError extends Error {
  constructor({ table, column }: SecretColumn, rowKey: string) {
    super(`${table}.${column} of the row ${rowKey} was changed, or moved from a different row`);
    this.name = 'DamagedSecretError';
  }
}

/**
 * Encrypts the values of {@link SecretColumn}s. Read access to the database or to a backup must not be enough to forge
 * tickets, receipts or webhooks.
 */
export class ColumnCipher {
  private readonly first: IdentifiedCipher;
  private readonly ciphers: ReadonlyMap<string, TextCipher>;

  /**
   * @param keys the first key encrypts, and all keys decrypt
   * @param shouldEncrypt if false, new values are stored in plain text
   */
  constructor(
    [first, ...others]: readonly [KeyObject, ...KeyObject[]],
    private readonly shouldEncrypt = true,
  ) {
    this.first = createCipher(first);
    this.ciphers = new Map([this.first, ...others.map(createCipher)].map(({ keyId, cipher }) => [keyId, cipher]));
  }

  /** Returns the value to store. */
  encrypt(column: SecretColumn, rowKey: string, secret: string): string {
    if (!this.shouldEncrypt) return secret;
    const { keyId, cipher } = this.first;
    return `${mark}${keyId}:${cipher.encrypt(secret, nameOf(column, rowKey))}`;
  }

  /**
   * Returns the secret of a stored value. The value may be in plain text, because a node of a release without encryption
   * may have stored it.
   *
   * @throws UnknownKeyError
   * @throws DamagedSecretError
   */
  decrypt(column: SecretColumn, rowKey: string, stored: string): string {
    if (!stored.startsWith(mark)) return stored;
    const [keyId = '', text = ''] = stored.slice(mark.length).split(':');
    const cipher = this.ciphers.get(keyId);
    if (!cipher) throw new UnknownKeyError(column, rowKey);
    const secret = cipher.decrypt(text, nameOf(column, rowKey));
    if (secret === null) throw new DamagedSecretError(column, rowKey);
    return secret;
  }

  /** Returns true if {@link encrypt} would store the value in the same form and under the same key. */
  isCurrent(stored: string): boolean {
    return this.shouldEncrypt ? stored.startsWith(`${mark}${this.first.keyId}:`) : !stored.startsWith(mark);
  }
}

const nameOf = ({ table, column }: SecretColumn, rowKey: string): string => `${table}.${column} ${rowKey}`;
