import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Derives bytes from a secret by HKDF-SHA-256. Different purposes give unrelated bytes. */
export const deriveBytes = (secret: KeyObject, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret.export(), '', purpose, length));

/**
 * Encrypts texts for storage, with AES-256-GCM. The first secret encrypts. All secrets decrypt, so that a secret can be
 * replaced while texts of the old secret are stored.
 */
export class TextCipher {
  private readonly keys: readonly [Buffer, ...Buffer[]];

  /** @param purpose separates the keys of different uses of the same secret */
  constructor([first, ...others]: readonly [KeyObject, ...KeyObject[]], purpose: string) {
    const derive = (secret: KeyObject) => deriveBytes(secret, purpose, keyBytes);
    this.keys = [derive(first), ...others.map(derive)];
  }

  /**
   * @param boundTo a text that decryption needs again, so that a value which was moved to a different row cannot be
   * decrypted
   */
  encrypt(text: string, boundTo: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.keys[0], nonce).setAAD(Buffer.from(boundTo));
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), encrypted]).toString('base64');
  }

  /** Decrypts a value. Returns null if it was changed, or encrypted with a different secret, purpose or `boundTo`. */
  decrypt(stored: string, boundTo: string): string | null {
    const bytes = Buffer.from(stored, 'base64');
    if (bytes.length < nonceBytes + tagBytes) return null;
    for (const key of this.keys) {
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes))
        .setAAD(Buffer.from(boundTo))
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString();
      } catch {
        // Another secret may have encrypted the value.
      }
    }
    return null;
  }
}
