import { createHmac, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { normalizeAccessCode } from '@usher/contract';
import { DatabaseSecrets } from '../../database/database-secrets.js';

/** Computes the digests under which access codes are stored. Only these digests are in the tables. */
@Injectable()
export class AccessCodeDigests {
  private key: Promise<string> | null = null;

  constructor(private readonly secrets: DatabaseSecrets) {}

  /** Returns the function that computes the digest of a code of a show. Equal codes of two shows have different digests. */
  async ofShow(showId: number): Promise<(code: string) => string> {
    const key = await this.hashKey();
    return (code) =>
      createHmac('sha256', key)
        .update(`${showId} ${normalizeAccessCode(code)}`)
        .digest('base64url');
  }

  private hashKey(): Promise<string> {
    this.key ??= this.secrets
      .get('access-code-key', () => randomBytes(32).toString('hex'))
      .catch((error: unknown) => {
        this.key = null; // The next caller tries again.
        throw error;
      });
    return this.key;
  }
}
