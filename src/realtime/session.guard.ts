import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { renewalHeader } from '@usher/contract';
import type { Request, Response } from 'express';
import { SessionTokens, unauthenticated } from './session-tokens.service.js';

const sessions = new WeakMap<Request, string>();

/** The token of `Authorization: Bearer …`, if there is one. */
export const bearerToken = (authorization = ''): string | undefined => /^Bearer (\S+)$/i.exec(authorization)?.[1];

/** Lets a REST call through whose `Authorization: Bearer …` is a session's token. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(private readonly tokens: SessionTokens) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) throw unauthenticated();
    const verified = this.tokens.read(token);
    sessions.set(request, verified.sessionId);
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

/** The session of a call that {@link OptionalSessionGuard} let through, or null. */
export const OptionalSessionId = createParamDecorator(
  (_: unknown, context: ExecutionContext): string | null =>
    sessions.get(context.switchToHttp().getRequest<Request>()) ?? null,
);

/** The session of a request that {@link SessionGuard} let through. */
export function sessionIdOf(request: Request): string {
  const sessionId = sessions.get(request);
  if (sessionId === undefined) throw unauthenticated();
  return sessionId;
}

/** The session of a call that {@link SessionGuard} let through. */
export const SessionId = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  sessionIdOf(context.switchToHttp().getRequest<Request>()),
);
