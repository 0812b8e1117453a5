import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ColumnCipher, DamagedSecretError, type SecretColumn, UnknownKeyError } from './column-cipher.js';

const createKey = (letter: string) => createSecretKey(letter.repeat(32), 'utf8');
const [oldKey, newKey] = [createKey('o'), createKey('n')];
const column: SecretColumn = { table: 'ticket_key', key: 'kid', column: 'private_key' };
const secret = 'a private key';

describe('a value of an encrypted column', () => {
  const cipher = new ColumnCipher([oldKey]);

  it('is decrypted in its own row, and reveals neither the secret nor that two secrets are equal', () => {
    const stored = cipher.encrypt(column, 'one', secret);
    expect(cipher.decrypt(column, 'one', stored)).toBe(secret);
    expect(Buffer.from(stored.split(':')[2]!, 'base64').toString('latin1')).not.toContain('private');
    expect(cipher.encrypt(column, 'one', secret)).not.toBe(stored);
  });

  it.each([
    ['was moved to another row', column, 'two'],
    ['was moved to another column', { ...column, column: 'public_x' }, 'one'],
    ['was moved to another table', { ...column, table: 'kept_secret' }, 'one'],
  ])('is refused if it %s', (_, elsewhere, rowKey) => {
    const stored = cipher.encrypt(column, 'one', secret);
    expect(() => cipher.decrypt(elsewhere, rowKey, stored)).toThrow(DamagedSecretError);
  });

  it('is refused if any of its characters was changed or its end is missing', () => {
    const stored = cipher.encrypt(column, 'one', secret);
    const start = stored.lastIndexOf(':') + 1;
    // The last characters of base64 may have unused bits, so the loop leaves them out.
    for (let index = start; index < stored.length - 3; index++) {
      const changed = stored[index] === 'A' ? 'B' : 'A';
      const forged = stored.slice(0, index) + changed + stored.slice(index + 1);
      expect(() => cipher.decrypt(column, 'one', forged)).toThrow(DamagedSecretError);
    }
    for (let end = start; end < stored.length - 3; end++) {
      expect(() => cipher.decrypt(column, 'one', stored.slice(0, end))).toThrow(DamagedSecretError);
    }
  });

  it('can be read with any key of the list, and is current only under the first key', () => {
    const stored = cipher.encrypt(column, 'one', secret);
    const rotating = new ColumnCipher([newKey, oldKey]);
    expect([cipher.isCurrent(stored), rotating.isCurrent(stored)]).toEqual([true, false]);
    expect(rotating.decrypt(column, 'one', stored)).toBe(secret);
    const renewed = rotating.encrypt(column, 'one', secret);
    expect(rotating.isCurrent(renewed)).toBe(true);
    expect(() => cipher.decrypt(column, 'one', renewed)).toThrow(UnknownKeyError);
  });

  it('names its table and row in errors, but not the secret', () => {
    const stored = new ColumnCipher([newKey]).encrypt(column, 'one', secret);
    expect(() => cipher.decrypt(column, 'one', stored)).toThrow(
      /^ticket_key\.private_key of the row one was encrypted/,
    );
  });
});

it('reads secrets in plain text, which an earlier release stored, and can store them like that', () => {
  const plain = new ColumnCipher([oldKey], false);
  expect(plain.encrypt(column, 'one', secret)).toBe(secret);
  const cipher = new ColumnCipher([oldKey]);
  expect([cipher.decrypt(column, 'one', secret), cipher.isCurrent(secret), plain.isCurrent(secret)]).toEqual([
    secret,
    false,
    true,
  ]);
  expect(plain.isCurrent(cipher.encrypt(column, 'one', secret))).toBe(false);
});
