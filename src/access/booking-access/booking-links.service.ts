import { Injectable } from '@nestjs/common';
import { validate as isUuid } from 'uuid';
import { DomainError } from '../../common/domain-error.js';
import { TokenSigner } from '../sessions/token-signer.js';

/**
 * Differs from the audience of session tokens. So a booking link token is never accepted as a session token, nor the
 * reverse.
 */
const audience = 'usher-booking';

/** Marks the token of a link, so that it can be told apart from a session token before it is verified. */
const prefix = 'booking.';

/** The booking that a link gives access to. */
export interface BookingLink {
  readonly bookingId: string;
  /** The booking's link revision at the time of signing. A higher revision in the database revokes the link. */
  readonly revision: number;
}

/** Signs and verifies the tokens of the links in mails. A token gives access to one booking and to nothing else. */
@Injectable()
export class BookingLinks {
  constructor(private readonly signer: TokenSigner) {}

  sign({ bookingId, revision }: BookingLink, expiresAt: Date): string {
    const claims = { sub: bookingId, aud: audience, rev: revision, exp: Math.floor(expiresAt.getTime() / 1000) };
    return prefix + this.signer.sign(claims);
  }

  /** Returns true if a bearer token claims to be the token of a booking link. */
  isLinkToken(token: string): boolean {
    return token.startsWith(prefix);
  }

  /** @throws DomainError `UNAUTHENTICATED` if the token was changed or has expired */
  verify(token: string): BookingLink {
    const claims = this.claimsOf(token.slice(prefix.length));
    if (claims === null) throw linkRefused('is incomplete or was changed');
    if (claims.exp * 1000 <= Date.now()) throw linkRefused('has expired');
    return { bookingId: claims.sub, revision: claims.rev };
  }

  private claimsOf(token: string): { sub: string; rev: number; exp: number } | null {
    // `verify` checks the expiry, because an expired link gets an error text of its own.
    const claims = this.signer.verify(token, { audience, ignoreExpiration: true });
    if (claims === null) return null;
    const { sub, exp } = claims;
    const rev: unknown = claims['rev'];
    if (sub === undefined || exp === undefined || typeof rev !== 'number' || !isUuid(sub)) return null;
    return { sub, rev, exp };
  }
}

/**
 * Creates an `UNAUTHENTICATED` error for an invalid link.
 *
 * @param reason completes the sentence "This link to the booking …"
 */
export const linkRefused = (reason: string): DomainError<'UNAUTHENTICATED'> =>
  new DomainError(
    'UNAUTHENTICATED',
    `This link to the booking ${reason}. The newest mail about the booking contains a valid link. The box office can ` +
      'also find the booking by its code.',
    {},
  );
