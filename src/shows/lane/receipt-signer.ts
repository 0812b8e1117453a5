import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DatabaseSecrets } from '../../database/database-secrets.js';

/** The key that signs receipts of line tickets. The contract describes receipts under "The line's proof". */
export interface ReceiptKey {
  /** Returns the Ed25519 signature of a text in base64url. Takes 25 µs. */
  readonly sign: (text: string) => string;
  /** The raw 32 bytes of the public key, in base64url. */
  readonly publicKey: string;
}

/** Provides the key that signs all receipts. */
export abstract class ReceiptSigner {
  abstract ready(): Promise<ReceiptKey>;
}

/**
 * Keeps the key in the database. The first start creates the key, and receipts stay valid as long as the database
 * exists.
 */
@Injectable()
export class DatabaseReceiptSigner extends ReceiptSigner {
  private key: Promise<ReceiptKey> | null = null;

  constructor(private readonly secrets: DatabaseSecrets) {
    super();
  }

  override ready(): Promise<ReceiptKey> {
    this.key ??= this.read().catch((error: unknown) => {
      this.key = null; // The next caller tries again.
      throw error;
    });
    return this.key;
  }

  private async read(): Promise<ReceiptKey> {
    const kept = await this.secrets.get('receipt-key', () =>
      generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    );
    const privateKey = createPrivateKey({ key: Buffer.from(kept, 'base64'), type: 'pkcs8', format: 'der' });
    const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
    if (x === undefined) throw new Error('the stored receipt key must be an Ed25519 key');
    return { sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'), publicKey: x };
  }
}
