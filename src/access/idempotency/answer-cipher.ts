import { TextCipher } from '../../common/text-cipher.js';
import type { SessionKeys } from '../sessions/session-keys.js';

/**
 * Encrypts the answers in the table of idempotency keys. Answers contain secrets (API keys, webhook secrets) and
 * personal data. Read access to the table must not be enough to see them.
 */
export class AnswerCipher {
  private readonly cipher: TextCipher;

  constructor(sessionKeys: SessionKeys) {
    this.cipher = new TextCipher(sessionKeys, 'usher idempotency answers');
  }

  /** @param boundTo the name of the row, which decryption needs again */
  encrypt(value: unknown, boundTo: string): string {
    return this.cipher.encrypt(JSON.stringify(value) ?? 'null', boundTo);
  }

  /** Decrypts a value. Returns null if it was encrypted with a key that was removed, or for a different row. */
  decrypt(stored: string, boundTo: string): { readonly value: unknown } | null {
    const text = this.cipher.decrypt(stored, boundTo);
    return text === null ? null : { value: JSON.parse(text) };
  }
}
