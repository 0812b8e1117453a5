import { Inject, Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { SESSION_KEYS, type SessionKeys } from './session-keys.js';

const algorithm = 'HS256';

/** Claims that `verify` checks or skips. */
interface VerifyOptions {
  readonly audience: string;
  readonly ignoreExpiration?: boolean;
}

/**
 * Signs and verifies the tokens of sessions and of links in mails. The first session key signs. All session keys verify,
 * so a token stays valid until its key is removed from the settings.
 *
 * Tokens are signed synchronously. With WebCrypto, which wakes a thread for each token, a REST call took 280 µs of CPU
 * instead of 190 µs (medians of alternating measurements).
 */
@Injectable()
export class TokenSigner {
  constructor(@Inject(SESSION_KEYS) private readonly keys: SessionKeys) {}

  sign(claims: object): string {
    return jwt.sign(claims, this.keys[0], { algorithm, noTimestamp: true });
  }

  /** Returns the claims of a token, or null if the token is malformed, forged, expired or made for another audience. */
  verify(token: string, options: VerifyOptions): jwt.JwtPayload | null {
    for (const key of this.keys) {
      try {
        const claims = jwt.verify(token, key, { ...options, algorithms: [algorithm] });
        return typeof claims === 'object' ? claims : null;
      } catch {
        // Another key may have signed the token. The reason is not reported, because it would only help an attacker who
        // forges tokens.
      }
    }
    return null;
  }
}
