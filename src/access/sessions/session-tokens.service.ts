import { Injectable } from '@nestjs/common';
import type { Session } from '@usher/contract';
import { validate as isUuid } from 'uuid';
import { createId } from '../../common/ids.js';
import { unauthenticated } from '../../common/domain-error.js';
import { TokenSigner } from './token-signer.js';

const dayMs = 24 * 60 * 60 * 1000;

/** Lifetime of one token. A session that is used never ends, because the service renews its token. */
const tokenLifetimeMs = 30 * dayMs;

/** A token that is at least this old is renewed when it is next used. */
const renewalAgeMs = dayMs;

/**
 * Marks session tokens. The same secret also signs tokens for other purposes, which must not be accepted as sessions.
 */
const audience = 'usher-session';

/** The content of a valid token. */
export interface VerifiedToken {
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/**
 * Issues and verifies session tokens. A session consists only of its signed token. The service stores no sessions, so
 * every node can verify every session.
 */
@Injectable()
export class SessionTokens {
  constructor(private readonly signer: TokenSigner) {}

  /** Creates a new session. */
  issue(): Session {
    return this.renew(createId());
  }

  /** Issues a new token for a session whose current token was verified. */
  renew(sessionId: string): Session {
    const expiresAt = new Date(Date.now() + tokenLifetimeMs);
    const claims = { sub: sessionId, aud: audience, exp: Math.floor(expiresAt.getTime() / 1000) };
    return { sessionId, token: this.signer.sign(claims), expiresAt: expiresAt.toISOString() };
  }

  /**
   * Returns the session id of a token.
   *
   * @throws DomainError `UNAUTHENTICATED` if the token is forged, expired or malformed
   */
  verify(token: string): string {
    return this.read(token).sessionId;
  }

  /** Like {@link verify}, but also returns the expiry of the token. */
  read(token: string): VerifiedToken {
    const verified = this.tryRead(token);
    if (verified === null) throw unauthenticated();
    return verified;
  }

  /** Like {@link read}, but returns null for an invalid token. */
  tryRead(token: string): VerifiedToken | null {
    const claims = this.signer.verify(token, { audience });
    if (claims?.sub !== undefined && claims.exp !== undefined && isUuid(claims.sub)) {
      return { sessionId: claims.sub, expiresAtMs: claims.exp * 1000 };
    }
    return null;
  }

  /**
   * Returns true if a token that has just been used should be renewed now. A token has no issue date, so its age is
   * derived from its expiry.
   */
  isDueForRenewal({ expiresAtMs }: Pick<VerifiedToken, 'expiresAtMs'>): boolean {
    return expiresAtMs - Date.now() < tokenLifetimeMs - renewalAgeMs;
  }
}
