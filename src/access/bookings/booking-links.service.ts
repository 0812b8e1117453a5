import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import jwt from 'jsonwebtoken';
import { validate as isUuid } from 'uuid';
import { DomainError } from '../../common/domain-error.js';
import { SESSION_KEY } from '../sessions/session-key.js';

const algorithm = 'HS256';

/** Differs from the audience of session tokens, so that neither kind of token is accepted as the other. */
const audience = 'usher-booking';

/** Tells a link's token from a session's token before anything is verified. */
const prefix = 'booking.';

/** What a booking link gives access to. */
export interface BookingLink {
  readonly bookingId: string;
  /** The booking's link revision when the link was made. A higher revision in the database revokes the link. */
  readonly revision: number;
}

/** Signs and verifies the tokens of the links in mails. A token gives access to one booking, and to nothing else. */
@Injectable()
export class BookingLinks {
  constructor(@Inject(SESSION_KEY) private readonly key: KeyObject) {}

  sign({ bookingId, revision }: BookingLink, expiresAt: Date): string {
    const claims = { sub: bookingId, aud: audience, rev: revision, exp: Math.floor(expiresAt.getTime() / 1000) };
    return prefix + jwt.sign(claims, this.key, { algorithm, noTimestamp: true });
  }

  /** Whether a bearer token claims to be a booking link's. */
  isLinkToken(token: string): boolean {
    return token.startsWith(prefix);
  }

  /** @throws DomainError `UNAUTHENTICATED` if the token was changed or has expired */
  verify(token: string): BookingLink {
    const claims = this.claimsOf(token.slice(prefix.length));
    if (claims === null) throw linkRefused('is not complete, or was changed');
    if (claims.exp * 1000 <= Date.now()) throw linkRefused('has expired');
    return { bookingId: claims.sub, revision: claims.rev };
  }

  private claimsOf(token: string): { sub: string; rev: number; exp: number } | null {
    try {
      // The end is checked by the caller, because an expired link has an error text of its own.
      const options = { algorithms: [algorithm], audience, ignoreExpiration: true } satisfies jwt.VerifyOptions;
      const claims = jwt.verify(token, this.key, options);
      if (typeof claims !== 'object') return null;
      const { sub, exp } = claims;
      const rev: unknown = claims['rev'];
      if (sub === undefined || exp === undefined || typeof rev !== 'number' || !isUuid(sub)) return null;
      return { sub, rev, exp };
    } catch {
      return null;
    }
  }
}

/** `UNAUTHENTICATED` for a link that is not valid. @param reason continues the sentence "This link …" */
export const linkRefused = (reason: string): DomainError<'UNAUTHENTICATED'> =>
  new DomainError(
    'UNAUTHENTICATED',
    `This link to the booking ${reason}. The newest mail about the booking has a valid one; the box office also finds ` +
      'the booking by its code.',
    {},
  );
