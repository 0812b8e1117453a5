import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { operatorHeader } from '@usher/contract';
import { createBoundedCache } from '../../common/bounded-cache.js';
import { DomainError } from '../../common/domain-error.js';
import { limiterKeysMax } from '../../common/memory-limiter.js';
import { CONFIG, type Config } from '../../config/config.js';
import type { KeyHolder } from '../api-keys/api-keys.service.js';
import { OperatorCookies } from './operator-cookies.service.js';
import { type OperatorSession, OperatorSessions } from './operator-sessions.service.js';
import { digestOfToken } from './operator-tokens.service.js';
import { OperatorUses } from './operator-uses.service.js';

const optInHeader = operatorHeader.toLowerCase();

/** Methods that change nothing. Another site can cause such a request, but it cannot read the answer. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Checks the sign-in of an operator that a call has in its cookie.
 *
 * A browser sends the cookie with every request, also with those of the pages for buyers. So a call that has the token of
 * a session acts for the operator only if a header asks for it. Otherwise, an operator without the permission to sell
 * could not buy a ticket.
 */
@Injectable()
export class OperatorChecks {
  /** The holders of tokens that were valid when they were last sent, by the digest of the token. */
  private readonly knownHolders = createBoundedCache<string, KeyHolder>(limiterKeysMax);

  constructor(
    private readonly cookies: OperatorCookies,
    private readonly sessions: OperatorSessions,
    private readonly uses: OperatorUses,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Returns the token of the operator for whom a REST call acts, or null if it acts for none. */
  tokenOfCall(request: IncomingMessage): string | null {
    const { authorization, [optInHeader]: optIn } = request.headers;
    return authorization !== undefined && optIn !== 'true' ? null : this.tokenInCookie(request);
  }

  /** Returns the token in the cookie of a request, or null. */
  tokenInCookie(request: IncomingMessage): string | null {
    return this.config.oidc === null ? null : this.cookies.read(request, 'operator');
  }

  /**
   * Returns the operator for whom a REST call acts.
   *
   * @throws DomainError `UNAUTHENTICATED` if the sign-in has ended, `FORBIDDEN` if another site may have caused the call
   */
  async holderOfCall(request: IncomingMessage, token: string): Promise<KeyHolder> {
    if (!safeMethods.has(request.method ?? '')) this.requireOwnPage(request);
    return this.holderOf(token);
  }

  /**
   * Returns the operator for whom a socket acts, and the token.
   *
   * @throws DomainError like {@link holderOfCall}, and `UNAUTHENTICATED` if the handshake has no cookie
   */
  async holderOfSocket(request: IncomingMessage): Promise<{ readonly token: string; readonly holder: KeyHolder }> {
    const token = this.tokenInCookie(request);
    if (token === null) throw signInNeeded();
    // Browsers do not apply CORS to WebSockets.
    this.requireOwnPage(request);
    return { token, holder: await this.holderOf(token) };
  }

  /** Returns the sign-in of the cookie, or null if there is none or it has ended. */
  async findSession(request: IncomingMessage): Promise<OperatorSession | null> {
    const token = this.tokenInCookie(request);
    return token === null ? null : this.sessions.find(token);
  }

  /**
   * Returns the holder of a token as it was when a call last sent the token, or null if the token was not valid then. Makes
   * no query, so use it only to choose a call budget.
   */
  knownHolder(token: string): KeyHolder | null {
    return this.knownHolders.get(digestOfToken(token)) ?? null;
  }

  /**
   * Checks that a page of this service caused a request. Every browser states the origin of a request that changes
   * something and of a handshake, so a request without any origin is refused too.
   *
   * @throws DomainError `FORBIDDEN`
   */
  requireOwnPage({ headers }: IncomingMessage): void {
    const { origin, 'sec-fetch-site': site } = headers;
    const isOwnOrigin = origin === undefined ? site !== undefined : origin === this.config.publicUrl;
    if (isOwnOrigin && (site === undefined || site === 'same-origin')) return;
    const detail = 'A call with the cookie of an operator must come from a page of this service.';
    throw new DomainError('FORBIDDEN', `${detail} Programs use an API key.`, {});
  }

  private async holderOf(token: string): Promise<KeyHolder> {
    const session = await this.sessions.find(token);
    const digest = digestOfToken(token);
    if (session === null) {
      this.knownHolders.delete(digest);
      throw signInNeeded();
    }
    const holder = toHolder(session);
    this.knownHolders.set(digest, holder);
    this.uses.record(session.operatorSessionId);
    return holder;
  }
}

const signInNeeded = (): DomainError<'UNAUTHENTICATED'> =>
  new DomainError('UNAUTHENTICATED', 'The sign-in of the operator has ended. Sign in again.', {});

const toHolder = ({ operatorSessionId, personId, name, email, roles, cinemaIds }: OperatorSession): KeyHolder => ({
  keyId: null,
  operator: { operatorSessionId, personId },
  name: email === null || email === name ? name : `${name} (${email})`,
  roles,
  showId: null,
  cinemaIds,
  // The end of the sign-in does not end the authority of the person, so a key that the person creates may outlive it.
  expiresAt: null,
});
