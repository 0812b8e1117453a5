import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { DomainError } from '../common/domain-error.js';
import { ApiKeys } from './api-keys/api-keys.service.js';
import { type BookingLink, BookingLinks } from './booking-links.service.js';
import { bearerToken, SessionGuard, sessionIdOf } from './session.guard.js';
import { SessionTokens } from './session-tokens.service.js';

/**
 * Who asks for a booking: its session, the holder of a link from a mail, staff, or the service itself. `ownBooking` of
 * `shows` decides which bookings each of them may use.
 */
export type BookingCaller =
  | { readonly by: 'session'; readonly sessionId: string }
  | { readonly by: 'link'; readonly link: BookingLink }
  /** `sessionId` is null if the call carries no valid token besides the key. */
  | { readonly by: 'staff'; readonly sessionId: string | null }
  | { readonly by: 'service' };

const callers = new WeakMap<Request, BookingCaller>();

/** Guards the endpoints of one booking: they accept a session's token, a booking link's token and a key of staff. */
@Injectable()
export class BookingCallerGuard implements CanActivate {
  private readonly sessions: SessionGuard;

  constructor(
    private readonly tokens: SessionTokens,
    private readonly links: BookingLinks,
    private readonly keys: ApiKeys,
  ) {
    this.sessions = new SessionGuard(tokens);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    callers.set(request, await this.callerOf(context, request));
    return true;
  }

  /**
   * A valid key without the role `staff`, a kiosk's for instance, takes nothing from the token that comes with it.
   *
   * @throws DomainError `UNAUTHENTICATED`, `FORBIDDEN`
   */
  private async callerOf(context: ExecutionContext, request: Request): Promise<BookingCaller> {
    const key = request.header('x-api-key');
    if (key !== undefined) {
      const holder = await this.keys.holderOf(key);
      if (holder === null) throw new DomainError('UNAUTHENTICATED', 'The API key is unknown or was revoked.', {});
      if (holder.roles.includes('staff')) return { by: 'staff', sessionId: this.sessionOf(request) };
    }
    const token = bearerToken(request.headers.authorization);
    if (token === undefined && key !== undefined) {
      throw new DomainError('FORBIDDEN', 'This API key has not the role staff.', {});
    }
    if (token !== undefined && this.links.isLinkToken(token)) return { by: 'link', link: this.links.verify(token) };
    this.sessions.canActivate(context);
    return { by: 'session', sessionId: sessionIdOf(request) };
  }

  private sessionOf({ headers }: Request): string | null {
    const token = bearerToken(headers.authorization);
    return token === undefined ? null : (this.tokens.tryRead(token)?.sessionId ?? null);
  }
}

/** The caller that {@link BookingCallerGuard} let through. */
export const CallerOfBooking = createParamDecorator((_: unknown, context: ExecutionContext): BookingCaller => {
  const caller = callers.get(context.switchToHttp().getRequest<Request>());
  if (!caller) throw new Error('the handler has no BookingCallerGuard');
  return caller;
});
