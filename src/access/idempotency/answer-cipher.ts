import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts the answers in the table of idempotency keys. Answers contain secrets (API keys, webhook secrets) and
 * personal data. Read access to the table must not be enough to see them.
 */
export class AnswerCipher {
  private readonly key: Buffer;

  constructor(sessionKey: KeyObject) {
    this.key = Buffer.from(hkdfSync('sha256', sessionKey.export(), '', 'usher idempotency answers', 32));
  }

  /**
   * @param boundTo a text that decryption needs again, so that a value which was moved to a different row cannot be
   * decrypted
   */
  encrypt(value: unknown, boundTo: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.key, nonce).setAAD(Buffer.from(boundTo));
    const text = Buffer.concat([cipher.update(JSON.stringify(value) ?? 'null', 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
  }

  /** Decrypts a value. Returns null if it was encrypted with a different key or a different `boundTo`. */
  decrypt(stored: string, boundTo: string): { readonly value: unknown } | null {
    const bytes = Buffer.from(stored, 'base64');
    const decipher = createDecipheriv(algorithm, this.key, bytes.subarray(0, nonceBytes))
      .setAAD(Buffer.from(boundTo))
      .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
      return { value: JSON.parse(text.toString('utf8')) };
    } catch {
      return null;
    }
  }
}
