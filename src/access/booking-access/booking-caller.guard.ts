import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { KeyScope } from '../api-keys/key-scope.js';
import { hasPermission, requirePermission } from '../api-keys/permissions.js';
import type { AuditCaller } from '../audit/audit-caller.js';
import { BuyerSources } from '../buyers/buyer-sources.service.js';
import { CallerChecks } from '../callers/caller-checks.service.js';
import { type BookingLink, BookingLinks } from './booking-links.service.js';
import { bearerToken, SessionGuard, sessionIdOf, verifiedToken } from '../sessions/session.guard.js';
import { SessionTokens } from '../sessions/session-tokens.service.js';

/**
 * The caller that asks for a booking: a session, the holder of a link from a mail, a staff member, or the service
 * itself. `ownBooking` in `src/shows` decides which bookings each caller may use.
 */
export type BookingCaller =
  /**
   * `hasApiKey` is present if the call also has a valid API key, for example that of a kiosk. `source` names the network
   * address of a call over REST (see `Buyer`).
   */
  | { readonly by: 'session'; readonly sessionId: string; readonly source?: string; readonly hasApiKey?: true }
  | { readonly by: 'link'; readonly link: BookingLink; readonly source: string }
  /**
   * `sessionId` is null if the call has a staff key or an operator, but no valid session token. `KeyRuleGuard` has checked that the
   * booking is in the scope of the key. A handler that lists bookings must filter them by `scope`.
   */
  | {
      readonly by: 'staff';
      readonly sessionId: string | null;
      readonly scope: KeyScope;
      readonly audit: AuditCaller;
    }
  | { readonly by: 'service' };

/** Returns the owner of the tasks that a caller starts on a worker thread. Null if the caller has no limit of its own. */
export function taskOwnerOf(caller: BookingCaller): string | null {
  if (caller.by === 'session') return caller.sessionId;
  return caller.by === 'link' ? caller.link.bookingId : null;
}

const callers = new WeakMap<Request, BookingCaller>();

/** Guards the endpoints of a booking. They accept a session token, the token of a booking link and a staff key. */
@Injectable()
export class BookingCallerGuard implements CanActivate {
  private readonly sessions: SessionGuard;

  constructor(
    private readonly tokens: SessionTokens,
    private readonly links: BookingLinks,
    private readonly callerChecks: CallerChecks,
    private readonly sources: BuyerSources,
  ) {
    this.sessions = new SessionGuard(tokens);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    callers.set(request, await this.callerOf(context, request));
    return true;
  }

  /**
   * If a call has both a token and a valid key without the role `staff`, such as a kiosk's key, the token identifies
   * the caller.
   *
   * @throws DomainError `UNAUTHENTICATED`, `FORBIDDEN`, `RATE_LIMITED`
   */
  private async callerOf(context: ExecutionContext, request: Request): Promise<BookingCaller> {
    const holder = await this.callerChecks.holderOfCall(request);
    if (holder && hasPermission(holder, 'serveBuyers')) {
      const sessionId = verifiedToken(request, this.tokens)?.sessionId ?? null;
      return { by: 'staff', sessionId, scope: holder, audit: this.callerChecks.auditCallerOf(request, holder) };
    }
    const token = bearerToken(request.headers.authorization);
    if (token === undefined && holder) requirePermission(holder, 'serveBuyers');
    const source = this.sources.addressSourceOf(request);
    if (token !== undefined && this.links.isLinkToken(token))
      return { by: 'link', link: this.links.verify(token), source };
    this.sessions.canActivate(context);
    return { by: 'session', sessionId: sessionIdOf(request), source, ...(holder && { hasApiKey: true }) };
  }
}

/** Returns the booking link of a call that {@link BookingCallerGuard} admitted, or null if the call has none. */
export function linkOf(request: Request): BookingLink | null {
  const caller = callers.get(request);
  return caller?.by === 'link' ? caller.link : null;
}

/** Injects the caller that {@link BookingCallerGuard} admitted. */
export const CallerOfBooking = createParamDecorator((_: unknown, context: ExecutionContext): BookingCaller => {
  const caller = callers.get(context.switchToHttp().getRequest<Request>());
  if (!caller) throw new Error('this handler needs a BookingCallerGuard');
  return caller;
});
