import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DatabaseSecrets } from '../../database/database-secrets.js';

/** Signs receipts: contract, "The line's proof". */
export interface ReceiptKey {
  /** The Ed25519 signature of a text, base64url. 25 µs. */
  readonly sign: (text: string) => string;
  /** Raw 32 bytes, base64url. */
  readonly publicKey: string;
}

/** The key of all receipts, made at the first start and kept: a receipt is good for as long as the database is. */
@Injectable()
export class ReceiptSigner {
  private key: Promise<ReceiptKey> | null = null;

  constructor(private readonly secrets: DatabaseSecrets) {}

  ready(): Promise<ReceiptKey> {
    this.key ??= this.read().catch((error: unknown) => {
      this.key = null; // the next who asks tries again
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
    if (x === undefined) throw new Error('the receipt key is no Ed25519 key');
    return { sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url'), publicKey: x };
  }
}
