import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { TextCipher } from '../../common/text-cipher.js';
import { SESSION_KEYS, type SessionKeys } from '../sessions/session-keys.js';
import type { AttemptSecrets } from './identity-provider.service.js';
import { OperatorCookies } from '../operators/operator-cookies.service.js';

const attemptMsMax = 10 * 60 * 1000;

/** Binds the encrypted attempt to its cookie. */
const boundTo = 'sign-in attempt';

const Attempt = z.object({
  secrets: z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string() }),
  returnTo: z.string(),
  // A node of an earlier release does not store it.
  earlierDigest: z.string().nullable().default(null),
  expiresAtMs: z.number(),
});

/** A sign-in that is still at the identity provider. */
interface SignInAttempt {
  readonly secrets: AttemptSecrets;
  /** The path to which the browser returns after the sign-in. */
  readonly returnTo: string;
  /** The digest of the token with which the browser was signed in when it started the attempt; null if it was not. */
  readonly earlierDigest: string | null;
}

/**
 * Keeps each sign-in attempt encrypted in a cookie of the browser that started it. So any node can finish the attempt,
 * and no other browser can.
 */
@Injectable()
export class SignInAttempts {
  private readonly cipher: TextCipher;

  constructor(
    @Inject(SESSION_KEYS) sessionKeys: SessionKeys,
    private readonly cookies: OperatorCookies,
  ) {
    this.cipher = new TextCipher(sessionKeys, 'usher sign-in attempts');
  }

  store(response: Response, attempt: SignInAttempt): void {
    const text = JSON.stringify({ ...attempt, expiresAtMs: Date.now() + attemptMsMax });
    this.cookies.set(response, 'sign-in', this.cipher.encrypt(text, boundTo), attemptMsMax);
  }

  /** Returns the attempt of a browser and removes it, so that its answer cannot be used again. Returns null if it has none. */
  take(request: Request, response: Response): SignInAttempt | null {
    const stored = this.cookies.read(request, 'sign-in');
    if (stored === null) return null;
    this.cookies.clear(response, 'sign-in');
    const text = this.cipher.decrypt(stored, boundTo);
    const attempt = text === null ? null : Attempt.parse(JSON.parse(text));
    return attempt !== null && attempt.expiresAtMs > Date.now() ? attempt : null;
  }
}
