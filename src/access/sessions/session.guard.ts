import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { renewalHeader } from '@usher/contract';
import type { Request, Response } from 'express';
import { SessionTokens, unauthenticated, type VerifiedToken } from './session-tokens.service.js';

/** The verified token of each request, or null. */
const verifiedTokens = new WeakMap<Request, VerifiedToken | null>();

/** The token of `Authorization: Bearer …`, if there is one. */
export const bearerToken = (authorization = ''): string | undefined => /^Bearer (\S+)$/i.exec(authorization)?.[1];

/** The session token of a request, or null if the request has none that verifies. Each request is verified once. */
export function verifiedToken(request: Request, tokens: SessionTokens): VerifiedToken | null {
  const known = verifiedTokens.get(request);
  if (known !== undefined) return known;
  const token = bearerToken(request.headers.authorization);
  const verified = token === undefined ? null : tokens.tryRead(token);
  verifiedTokens.set(request, verified);
  return verified;
}

/** Lets a REST call through whose `Authorization: Bearer …` is a session's token. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(private readonly tokens: SessionTokens) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const verified = verifiedToken(http.getRequest<Request>(), this.tokens);
    if (verified === null) throw unauthenticated();
    if (this.tokens.isDueForRenewal(verified)) http.getResponse<Response>().setHeader(renewalHeader, 'due');
    return true;
  }
}

/** As {@link SessionGuard}, but a call without a token passes as nobody's. A token that does not verify is refused. */
@Injectable()
export class OptionalSessionGuard extends SessionGuard {
  override canActivate(context: ExecutionContext): boolean {
    const { authorization } = context.switchToHttp().getRequest<Request>().headers;
    return authorization === undefined || super.canActivate(context);
  }
}

/** The session of a call, where one of these guards let it through with a token. */
export const knownSessionIdOf = (request: Request): string | null => verifiedTokens.get(request)?.sessionId ?? null;

/** The session of a call that {@link OptionalSessionGuard} let through, or null. */
export const OptionalSessionId = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | null =>
    verifiedTokens.get(context.switchToHttp().getRequest<Request>())?.sessionId ?? null,
);

/** The session of a request that {@link SessionGuard} let through. */
export function sessionIdOf(request: Request): string {
  const verified = verifiedTokens.get(request);
  if (!verified) throw unauthenticated();
  return verified.sessionId;
}

/** The session of a call that {@link SessionGuard} let through. */
export const SessionId = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  sessionIdOf(context.switchToHttp().getRequest<Request>()),
);
