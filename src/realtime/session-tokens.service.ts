import { Inject, Injectable } from '@nestjs/common';
import type { Session } from '@usher/contract';
import { jwtVerify, SignJWT } from 'jose';
import { validate as isUuid } from 'uuid';
import { newId } from '../common/ids.js';
import { DomainError } from '../common/domain-error.js';
import { SESSION_SECRET } from './session-secret.js';

/** A session outlives every line and hold many times over; a kiosk that is never reloaded asks for a new one in time. */
const sessionDays = 30;

const algorithm = 'HS256';
/** Keeps a token of some other use of the same secret from counting as a session. */
const audience = 'usher-session';

/** Issues and checks the signed tokens that sessions are: nothing is stored, so any node knows any session. */
@Injectable()
export class SessionTokens {
  constructor(@Inject(SESSION_SECRET) private readonly secret: Uint8Array) {}

  /** A new session. */
  async issue(): Promise<Session> {
    const sessionId = newId();
    const expiresAt = new Date(Date.now() + sessionDays * 24 * 60 * 60 * 1000);
    const token = await new SignJWT()
      .setProtectedHeader({ alg: algorithm })
      .setSubject(sessionId)
      .setAudience(audience)
      .setExpirationTime(expiresAt)
      .sign(this.secret);
    return { sessionId, token, expiresAt: expiresAt.toISOString() };
  }

  /**
   * The session that a token stands for.
   *
   * @throws DomainError `UNAUTHENTICATED` when it is forged, expired or no token at all
   */
  async verify(token: string): Promise<string> {
    try {
      const { payload } = await jwtVerify(token, this.secret, { algorithms: [algorithm], audience });
      if (payload.sub !== undefined && isUuid(payload.sub)) return payload.sub;
    } catch {
      // Why a token does not verify helps only who forges one.
    }
    throw unauthenticated();
  }
}

/** `UNAUTHENTICATED`, with the way out. */
export const unauthenticated = (): DomainError<'UNAUTHENTICATED'> =>
  new DomainError(
    'UNAUTHENTICATED',
    'The session token is missing or no longer valid: POST /v1/sessions gives one.',
    {},
  );
