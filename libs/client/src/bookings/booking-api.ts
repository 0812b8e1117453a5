import type { Booking, Paper, Payment, Refund, Ticket } from '@usher/contract';
import type { Bookings, PayOptions } from './booking-types.js';
import { toUsherError } from '../common/errors.js';
import { randomKey } from '../common/idempotency-key.js';
import type { Rest, TicketFile, WithToken } from '../http/rest-client.js';
import { callAgain, delay } from '../common/retry.js';

/** How soon a payment is asked for whose page the provider has not told yet. */
const PAGE_PAUSE_MS = 500;

/** What {@link BookingRequests} needs of the client. */
export interface BookingSurroundings {
  readonly rest: Rest;
  readonly withToken: WithToken;
  /** The token of a link to a booking, or null. */
  readonly linkToken: (bookingId: string) => string | null;
  /** For one request with all its attempts. */
  readonly requestTimeoutMs: number;
  /** A booking is known to be so now. */
  changed(booking: Booking): void;
  /** A booking has most likely changed. */
  outdated(bookingId: string): void;
}

/** What a buyer does with bookings, over REST: it works before there is a connection, and on a page of its own. */
export class BookingRequests implements Bookings {
  constructor(private readonly around: BookingSurroundings) {}

  async read(bookingId: string): Promise<Booking> {
    return this.withAccess(bookingId, (token) => this.around.rest.booking(bookingId, token));
  }

  list(showId: number): Promise<Booking[]> {
    return this.around.withToken((token) => this.around.rest.bookingsOf(showId, token));
  }

  async release(bookingId: string): Promise<Booking> {
    const booking = await this.withAccess(bookingId, (token) => this.around.rest.releaseBooking(bookingId, token));
    this.around.changed(booking);
    return booking;
  }

  async pay(bookingId: string, { key = randomKey(), ...wish }: PayOptions = {}): Promise<Payment> {
    const { rest, withToken, requestTimeoutMs } = this.around;
    const start = () => withToken((token) => rest.startPayment(bookingId, wish, key, token));
    const payment = await callAgain(start, requestTimeoutMs);
    this.around.outdated(bookingId);
    return isPageToCome(payment) ? this.openedPayment(payment.paymentId) : payment;
  }

  payment(paymentId: string): Promise<Payment> {
    return this.around.withToken((token) => this.around.rest.payment(paymentId, token));
  }

  async openedPayment(paymentId: string): Promise<Payment> {
    const deadline = performance.now() + this.around.requestTimeoutMs;
    for (;;) {
      const payment = await this.payment(paymentId);
      if (!isPageToCome(payment) || performance.now() + PAGE_PAUSE_MS > deadline) return payment;
      await delay(PAGE_PAUSE_MS);
    }
  }

  async refund(bookingId: string, seats?: readonly number[]): Promise<Booking> {
    const { rest, requestTimeoutMs } = this.around;
    const key = randomKey();
    const call = async (before: number) => {
      try {
        return await this.withAccess(bookingId, (token) => rest.refund(bookingId, seats, key, token));
      } catch (thrown) {
        const { code } = toUsherError(thrown);
        // Sent twice, the first may have done it and its answer got lost.
        const mayBeDone = before > 0 && (code === 'BOOKING_STATE' || code === 'INVALID_SEATS');
        const booking = mayBeDone ? await this.read(bookingId) : null;
        if (booking && isGivenBack(booking, seats)) return booking;
        throw thrown;
      }
    };
    const booking = await callAgain(call, requestTimeoutMs);
    this.around.changed(booking);
    return booking;
  }

  refunds(bookingId: string): Promise<Refund[]> {
    return this.withAccess(bookingId, (token) => this.around.rest.refunds(bookingId, token));
  }

  tickets(bookingId: string): Promise<Ticket[]> {
    return this.withAccess(bookingId, (token) => this.around.rest.tickets(bookingId, token));
  }

  pdf(bookingId: string, paper?: Paper): Promise<Blob> {
    return this.file(bookingId, 'application/pdf', paper);
  }

  calendar(bookingId: string): Promise<Blob> {
    return this.file(bookingId, 'text/calendar');
  }

  applePass(bookingId: string, ticketId: string): Promise<Blob> {
    return this.withAccess(bookingId, (token) => this.around.rest.applePass(bookingId, ticketId, token));
  }

  googleWalletUrl(bookingId: string, ticketId: string): Promise<string> {
    return this.withAccess(bookingId, (token) => this.around.rest.googleWalletUrl(bookingId, ticketId, token));
  }

  async mailTo(bookingId: string, email: string | null): Promise<void> {
    await this.withAccess(bookingId, (token) => this.around.rest.setContact(bookingId, email, token));
  }

  /** Calls with the token of the booking's link, if there is one and it is valid, otherwise with the session's. */
  private async withAccess<T>(bookingId: string, call: (token: string) => Promise<T>): Promise<T> {
    const link = this.around.linkToken(bookingId);
    if (link === null) return this.around.withToken(call);
    try {
      return await call(link);
    } catch (refused) {
      if (toUsherError(refused).code !== 'UNAUTHENTICATED') throw refused;
      try {
        return await this.around.withToken(call);
      } catch (thrown) {
        // To a stranger's session the refusal of the link says more.
        throw toUsherError(thrown).code === 'FORBIDDEN' ? refused : thrown;
      }
    }
  }

  private file(bookingId: string, type: TicketFile, paper?: Paper): Promise<Blob> {
    return this.withAccess(bookingId, (token) => this.around.rest.ticketFile(bookingId, type, paper, token));
  }
}

/** The provider has not answered yet. */
const isPageToCome = ({ status, redirectUrl }: Payment): boolean => status === 'pending' && redirectUrl === null;

const isGivenBack = ({ status, seats }: Booking, wanted: readonly number[] | undefined): boolean =>
  status === 'refunded' || (wanted !== undefined && seats.every(({ seat }) => !wanted.includes(seat)));
