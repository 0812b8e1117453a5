import { Controller, Get, Header, HttpCode, Inject, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { type Operator, type OperatorStatus, type SignedOut, SignInAnswerQuery, SignInQuery } from '@usher/contract';
import type { Request, Response } from 'express';
import { DomainError } from '../../common/domain-error.js';
import { createInvalidRequestError } from '../../common/invalid-request.js';
import { MemoryLimiter } from '../../common/memory-limiter.js';
import { CONFIG, type Config } from '../../config/config.js';
import { toIso } from '../../database/sql-time.js';
import { clientAddress } from '../../transport/client-address.js';
import { SocketKeys } from '../sockets/socket-keys.service.js';
import { IdentityProvider, signInFailed } from './identity-provider.service.js';
import { OperatorChecks } from '../operators/operator-checks.service.js';
import { OperatorCookies } from '../operators/operator-cookies.service.js';
import { type OperatorSession, OperatorSessions } from '../operators/operator-sessions.service.js';
import { digestOfToken } from '../operators/operator-tokens.service.js';
import { SignInAttempts } from './sign-in-attempts.service.js';
import { SignInErrorFilter } from './sign-in-error.filter.js';

/**
 * Number of answers of the identity provider that one address may bring per minute. Each of them makes this node call the
 * identity provider. The staff of a large house share one address.
 */
const answersPerMinuteMax = 60;

/** Signs operators in and out. */
@Controller('v1/operators')
export class OperatorsController {
  private readonly answers = new MemoryLimiter({ points: answersPerMinuteMax, seconds: 60 });

  constructor(
    private readonly provider: IdentityProvider,
    private readonly attempts: SignInAttempts,
    private readonly sessions: OperatorSessions,
    private readonly checks: OperatorChecks,
    private readonly cookies: OperatorCookies,
    private readonly socketKeys: SocketKeys,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('sign-in')
  @Header('Cache-Control', 'no-store')
  @UseFilters(SignInErrorFilter)
  async startSignIn(
    @Query({ schema: SignInQuery }) { returnTo }: SignInQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const { url, secrets } = await this.provider.begin();
    // The browser does not send the operator's cookie when the identity provider sends it back.
    const token = this.checks.tokenInCookie(request);
    const earlierDigest = token === null ? null : digestOfToken(token);
    this.attempts.store(response, { secrets, returnTo: this.requireOwnPath(returnTo), earlierDigest });
    response.redirect(303, url.href);
  }

  @Get('callback')
  @Header('Cache-Control', 'no-store')
  @UseFilters(SignInErrorFilter)
  async finishSignIn(
    // The schema only checks the query. The library reads it itself.
    @Query({ schema: SignInAnswerQuery }) _query: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const attempt = this.attempts.take(request, response);
    if (attempt === null) throw signInFailed('unknownAttempt');
    await this.countAnswer(request);
    const query = request.originalUrl.slice(request.originalUrl.indexOf('?'));
    const person = await this.provider.finish(query, attempt.secrets);
    if (person.roles.length === 0) throw signInFailed('noRole');
    if (person.cinemaIds?.length === 0) throw signInFailed('noCinema');
    // The browser forgets the token of its earlier sign-in, so nobody could sign out of it any more.
    if (attempt.earlierDigest !== null) this.announceEnd(await this.sessions.endByDigest(attempt.earlierDigest));
    const token = await this.sessions.start(person);
    this.cookies.set(response, 'operator', token, this.config.operatorSessionMs);
    // A node of an earlier release may have stored a path that it did not check in this way.
    response.redirect(303, this.requireOwnPath(attempt.returnTo));
  }

  @Get('me')
  @Header('Cache-Control', 'no-store')
  async getOperator(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<OperatorStatus> {
    const session = await this.checks.findSession(request);
    if (session === null && this.checks.tokenInCookie(request) !== null) this.cookies.clear(response, 'operator');
    return { canSignIn: this.config.oidc !== null, operator: session && toOperator(session) };
  }

  @Post('sign-out')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async signOut(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<SignedOut> {
    const token = this.checks.tokenInCookie(request);
    if (token === null) return { providerUrl: null };
    this.checks.requireOwnPage(request);
    this.announceEnd(await this.sessions.end(token));
    this.cookies.clear(response, 'operator');
    return { providerUrl: this.provider.findSignOutUrl() };
  }

  /** Closes the sockets of a sign-in on every node. @param endedId the id of the sign-in; null if it had already ended */
  private announceEnd(endedId: string | null): void {
    if (endedId !== null) this.socketKeys.announceChange(endedId);
  }

  /** @throws DomainError `RATE_LIMITED` */
  private async countAnswer(request: Request): Promise<void> {
    const retryAfterMs = await this.answers.take(clientAddress(request, this.config.proxyCount));
    if (retryAfterMs === 0) return;
    const detail = `Too many sign-ins from this address. The limit is ${answersPerMinuteMax} per minute.`;
    throw new DomainError('RATE_LIMITED', detail, { retryAfterMs });
  }

  /** @throws DomainError `INVALID_REQUEST` if a browser would follow the path to another site */
  private requireOwnPath(path: string): string {
    const base = this.config.publicUrl ?? 'http://localhost';
    const url = URL.parse(path, base);
    // Without its dot segments, a path such as `/.//evil.example` begins with two slashes. A browser would then read a host.
    const ownPath = url === null ? '' : url.pathname + url.search + url.hash;
    if (url?.origin === new URL(base).origin && URL.parse(ownPath, base)?.href === url.href) return ownPath;
    throw createInvalidRequestError([{ path: ['returnTo'], message: 'must be a path of this service, such as /gate' }]);
  }
}

const toOperator = ({ name, email, roles, cinemaIds, expiresAt }: OperatorSession): Operator => ({
  name,
  email,
  roles: [...roles],
  cinemaIds: cinemaIds && [...cinemaIds],
  expiresAt: toIso(expiresAt),
});
