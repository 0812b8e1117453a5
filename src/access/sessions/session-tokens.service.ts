import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Session } from '@usher/contract';
import jwt from 'jsonwebtoken';
import { validate as isUuid } from 'uuid';
import { newId } from '../../common/ids.js';
import { DomainError } from '../../common/domain-error.js';
import { SESSION_KEY } from './session-key.js';

const dayMs = 24 * 60 * 60 * 1000;

/** How long one token is valid. A session that is used lives on, because the service renews its token. */
const tokenLifetimeMs = 30 * dayMs;

/** The age from which a token is renewed when it is used. */
const renewalAgeMs = dayMs;

const algorithm = 'HS256';
/** Keeps a token of some other use of the same secret from counting as a session. */
const audience = 'usher-session';

/** What a valid token says. */
export interface VerifiedToken {
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/**
 * Issues and checks the signed tokens that sessions are: nothing is stored, so any node knows any session.
 *
 * Signed at once and not by a thread of WebCrypto, which would be woken for each: with that, a REST call took 280 µs of CPU
 * instead of 190 (medians, in turns).
 */
@Injectable()
export class SessionTokens {
  constructor(@Inject(SESSION_KEY) private readonly key: KeyObject) {}

  /** A new session. */
  issue(): Session {
    return this.renew(newId());
  }

  /** A fresh token for a session whose present token was verified. */
  renew(sessionId: string): Session {
    const expiresAt = new Date(Date.now() + tokenLifetimeMs);
    const claims = { sub: sessionId, aud: audience, exp: Math.floor(expiresAt.getTime() / 1000) };
    const token = jwt.sign(claims, this.key, { algorithm, noTimestamp: true });
    return { sessionId, token, expiresAt: expiresAt.toISOString() };
  }

  /**
   * The session that a token stands for.
   *
   * @throws DomainError `UNAUTHENTICATED` when it is forged, expired or no token at all
   */
  verify(token: string): string {
    return this.read(token).sessionId;
  }

  /** As {@link verify}, and until when the token is valid. */
  read(token: string): VerifiedToken {
    const verified = this.tryRead(token);
    if (verified === null) throw unauthenticated();
    return verified;
  }

  /** As {@link read}; null for a token that is not valid. */
  tryRead(token: string): VerifiedToken | null {
    try {
      const claims = jwt.verify(token, this.key, { algorithms: [algorithm], audience });
      if (typeof claims === 'object' && claims.sub !== undefined && claims.exp !== undefined && isUuid(claims.sub)) {
        return { sessionId: claims.sub, expiresAtMs: claims.exp * 1000 };
      }
    } catch {
      // The reason would only help someone who forges tokens.
    }
    return null;
  }

  /** Whether a token that is in use should be renewed now. Its age follows from its end, as it has no date of issue. */
  isDueForRenewal({ expiresAtMs }: Pick<VerifiedToken, 'expiresAtMs'>): boolean {
    return expiresAtMs - Date.now() < tokenLifetimeMs - renewalAgeMs;
  }
}

/** `UNAUTHENTICATED`, with the way out. */
export const unauthenticated = (): DomainError<'UNAUTHENTICATED'> =>
  new DomainError(
    'UNAUTHENTICATED',
    'The session token is missing or no longer valid: POST /v1/sessions gives one.',
    {},
  );
