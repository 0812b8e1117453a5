import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { SessionTokens, unauthenticated } from './session-tokens.service.js';

const sessions = new WeakMap<Request, string>();

/** Lets a REST call through whose `Authorization: Bearer …` is a session's token. */
@Injectable()
export class SessionGuard implements CanActivate {
  constructor(private readonly tokens: SessionTokens) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) throw unauthenticated();
    sessions.set(request, this.tokens.verify(token));
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

/** The session of a call that {@link SessionGuard} let through. */
export const SessionId = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const sessionId = sessions.get(context.switchToHttp().getRequest<Request>());
  if (sessionId === undefined) throw unauthenticated();
  return sessionId;
});
