import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { deriveBytes } from '../../common/text-cipher.js';
import { SESSION_KEYS, type SessionKeys } from '../sessions/session-keys.js';

const randomBytesCount = 32;
const macKeyBytes = 32;

/** Returns the digest that the table stores instead of the token. A plain hash is safe, because tokens are random. */
export const digestOfToken = (token: string): string => hash('sha256', token, 'hex');

/**
 * Creates the tokens in the cookies of operators. A token is a random text with a MAC by the session key, so a node
 * recognises a guess without a query. The token contains nothing about the operator.
 */
@Injectable()
export class OperatorTokens {
  private readonly macKeys: readonly [Buffer, ...Buffer[]];

  constructor(@Inject(SESSION_KEYS) [first, ...others]: SessionKeys) {
    const derive = (key: SessionKeys[0]) => deriveBytes(key, 'usher operator token', macKeyBytes);
    this.macKeys = [derive(first), ...others.map(derive)];
  }

  create(): string {
    const random = randomBytes(randomBytesCount).toString('base64url');
    return `${random}.${macOf(this.macKeys[0], random).toString('base64url')}`;
  }

  /** Returns true if a node of this installation created the token. The sign-in may have ended since then. */
  isGenuine(token: string): boolean {
    const [random = '', mac = ''] = token.split('.');
    const given = Buffer.from(mac, 'base64url');
    return this.macKeys.some((key) => {
      const expected = macOf(key, random);
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}

const macOf = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
