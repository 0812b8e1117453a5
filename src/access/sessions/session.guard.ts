import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { renewalHeader } from '@usher/contract';
import type { Request, Response } from 'express';
import { unauthenticated } from '../../common/domain-error.js';
import { SessionTokens, type VerifiedToken } from './session-tokens.service.js';

/** The verified token of each request; null if the request has no valid token. */
const verifiedTokens = new WeakMap<Request, VerifiedToken | null>();

/** Returns the token of an `Authorization: Bearer …` header, or undefined. */
export const bearerToken = (authorization = ''): string | undefined => /^Bearer (\S+)$/i.exec(authorization)?.[1];

/**
 * Returns the verified session token of a request, or null if the request has none. Each request is verified only once.
 */
export function verifiedToken(request: Request, tokens: SessionTokens): VerifiedToken | null {
  const known = verifiedTokens.get(request);
  if (known !== undefined) return known;
  const token = bearerToken(request.headers.authorization);
  const verified = token === undefined ? null : tokens.tryRead(token);
  verifiedTokens.set(request, verified);
  return verified;
}

/** Admits REST calls with a valid session token in `Authorization: Bearer …`. */
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

/** Like {@link SessionGuard}, but also admits calls without a token. It still refuses an invalid token. */
@Injectable()
export class OptionalSessionGuard extends SessionGuard {
  override canActivate(context: ExecutionContext): boolean {
    const { authorization } = context.switchToHttp().getRequest<Request>().headers;
    return authorization === undefined || super.canActivate(context);
  }
}

/** Returns the session id of a request that one of these guards admitted, or null if the request has no valid token. */
export const knownSessionIdOf = (request: Request): string | null => verifiedTokens.get(request)?.sessionId ?? null;

/** Injects the session id of a call that {@link OptionalSessionGuard} admitted, or null if the call has no token. */
export const OptionalSessionId = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | null =>
    verifiedTokens.get(context.switchToHttp().getRequest<Request>())?.sessionId ?? null,
);

/** Returns the session id of a request that {@link SessionGuard} admitted. */
export function sessionIdOf(request: Request): string {
  const verified = verifiedTokens.get(request);
  if (!verified) throw unauthenticated();
  return verified.sessionId;
}

/** Injects the session id of a call that {@link SessionGuard} admitted. */
export const SessionId = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  sessionIdOf(context.switchToHttp().getRequest<Request>()),
);
