import { type Booking, endpoints, type Paper, type Payment, type Refund, type Ticket } from '@usher/contract';
import { toUsherError } from '../common/errors.js';
import { createIdempotencyKey } from '../common/idempotency-key.js';
import { callWithRetries, delay } from '../common/retry.js';
import { bearerHeader, type RestClient, type WithToken } from '../http/rest-client.js';
import { fillPath, queryString } from '../http/url.js';
import type { Bookings, PayOptions } from './booking-types.js';

/** How often {@link BookingApi.waitForPaymentPage} reads the payment. */
const paymentPollIntervalMs = 500;

/** Number of bookings that {@link BookingApi.list} requests. It is the maximum size of one answer. */
const maxListedBookings = 100;

type TicketFileType = 'application/pdf' | 'text/calendar';

/** The parts of the client that a {@link BookingApi} uses. */
export interface BookingApiContext {
  readonly rest: RestClient;
  readonly withToken: WithToken;
  /** Returns the token of the mailed link to a booking, or null if there is no such link. */
  readonly linkToken: (bookingId: string) => string | null;
  /** Time limit for one request including all its attempts, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** Receives the new state of a booking that a request has changed. */
  onChanged(booking: Booking): void;
  /** Called if a request has probably changed a booking, but did not return its new state. */
  onOutdated(bookingId: string): void;
}

/** Reads one booking with a session's token. */
export const readBooking = (rest: RestClient, bookingId: string, token: string): Promise<Booking> =>
  rest.call(endpoints.getBooking, { bookingId }, { headers: bearerHeader(token) });

/** Sends a buyer's requests about bookings over REST, so that they also work on a page without a socket. */
export class BookingApi implements Bookings {
  constructor(private readonly context: BookingApiContext) {}

  async read(bookingId: string): Promise<Booking> {
    return this.withAccess(bookingId, (token) => readBooking(this.context.rest, bookingId, token));
  }

  list(showId: number): Promise<Booking[]> {
    const { rest, withToken } = this.context;
    return withToken(async (token) => {
      const parts = { query: { showId, limit: maxListedBookings }, headers: bearerHeader(token) };
      return (await rest.call(endpoints.listBookings, {}, parts)).items;
    });
  }

  async release(bookingId: string): Promise<Booking> {
    const { rest } = this.context;
    const booking = await this.withAccess(bookingId, (token) =>
      rest.call(endpoints.releaseBooking, { bookingId }, { headers: bearerHeader(token) }),
    );
    this.context.onChanged(booking);
    return booking;
  }

  async pay(bookingId: string, { key = createIdempotencyKey(), ...body }: PayOptions = {}): Promise<Payment> {
    const { rest, withToken, requestTimeoutMs } = this.context;
    const start = () =>
      withToken((token) => {
        const headers = { ...bearerHeader(token), 'idempotency-key': key };
        return rest.call(endpoints.startPayment, { bookingId }, { body, headers });
      });
    const payment = await callWithRetries(start, requestTimeoutMs);
    this.context.onOutdated(bookingId);
    return isWaitingForProvider(payment) ? this.waitForPaymentPage(payment.paymentId) : payment;
  }

  payment(paymentId: string): Promise<Payment> {
    const { rest, withToken } = this.context;
    return withToken((token) => rest.call(endpoints.getPayment, { paymentId }, { headers: bearerHeader(token) }));
  }

  async waitForPaymentPage(paymentId: string): Promise<Payment> {
    const deadline = performance.now() + this.context.requestTimeoutMs;
    for (;;) {
      const payment = await this.payment(paymentId);
      if (!isWaitingForProvider(payment) || performance.now() + paymentPollIntervalMs > deadline) return payment;
      await delay(paymentPollIntervalMs);
    }
  }

  async refund(bookingId: string, seats?: readonly number[]): Promise<Booking> {
    const { rest, requestTimeoutMs } = this.context;
    const key = createIdempotencyKey();
    const send = (token: string) => {
      const headers = { ...bearerHeader(token), 'idempotency-key': key };
      return rest.call(endpoints.refundBooking, { bookingId }, { body: seats ? { seats } : {}, headers });
    };
    const call = async (attempt: number) => {
      try {
        return await this.withAccess(bookingId, send);
      } catch (thrown) {
        const { code } = toUsherError(thrown);
        // An earlier attempt may have given the seats back, although its answer was lost.
        const mayBeDone = attempt > 0 && (code === 'BOOKING_STATE' || code === 'INVALID_SEATS');
        const booking = mayBeDone ? await this.read(bookingId) : null;
        if (booking && hasGivenBack(booking, seats)) return booking;
        throw thrown;
      }
    };
    const booking = await callWithRetries(call, requestTimeoutMs);
    this.context.onChanged(booking);
    return booking;
  }

  refunds(bookingId: string): Promise<Refund[]> {
    return this.withAccess(bookingId, async (token) => {
      const answer = await this.context.rest.call(
        endpoints.listRefunds,
        { bookingId },
        { headers: bearerHeader(token) },
      );
      return answer.items;
    });
  }

  tickets(bookingId: string): Promise<Ticket[]> {
    return this.withAccess(bookingId, async (token) => {
      const answer = await this.context.rest.call(
        endpoints.listTickets,
        { bookingId },
        { headers: bearerHeader(token) },
      );
      return answer.items;
    });
  }

  pdf(bookingId: string, paper?: Paper): Promise<Blob> {
    return this.downloadTickets(bookingId, 'application/pdf', paper);
  }

  calendar(bookingId: string): Promise<Blob> {
    return this.downloadTickets(bookingId, 'text/calendar');
  }

  applePass(bookingId: string, ticketId: string): Promise<Blob> {
    const path = fillPath(endpoints.getAppleWalletPass.path, { bookingId, ticketId });
    return this.withAccess(bookingId, (token) => this.context.rest.download(path, bearerHeader(token)));
  }

  googleWalletUrl(bookingId: string, ticketId: string): Promise<string> {
    return this.withAccess(bookingId, async (token) => {
      const params = { bookingId, ticketId };
      const parts = { headers: bearerHeader(token) };
      return (await this.context.rest.call(endpoints.getGoogleWalletLink, params, parts)).url;
    });
  }

  async mailTo(bookingId: string, email: string | null): Promise<void> {
    await this.withAccess(bookingId, (token) =>
      this.context.rest.call(
        endpoints.setBookingContact,
        { bookingId },
        { body: { email }, headers: bearerHeader(token) },
      ),
    );
  }

  private downloadTickets(bookingId: string, type: TicketFileType, paper?: Paper): Promise<Blob> {
    const path = fillPath(endpoints.listTickets.path, { bookingId }) + queryString({ paper });
    return this.withAccess(bookingId, (token) =>
      this.context.rest.download(path, { ...bearerHeader(token), accept: type }),
    );
  }

  /**
   * Runs a call with the token of the booking's mailed link. If there is no link, or the server rejects its token, runs
   * the call with the session's token.
   */
  private async withAccess<T>(bookingId: string, call: (token: string) => Promise<T>): Promise<T> {
    const link = this.context.linkToken(bookingId);
    if (link === null) return this.context.withToken(call);
    try {
      return await call(link);
    } catch (linkError) {
      if (toUsherError(linkError).code !== 'UNAUTHENTICATED') throw linkError;
      try {
        return await this.context.withToken(call);
      } catch (sessionError) {
        // If the booking belongs to another session, the error for the link's token tells the buyer more.
        throw toUsherError(sessionError).code === 'FORBIDDEN' ? linkError : sessionError;
      }
    }
  }
}

/** Returns whether the provider has not yet returned a page for a payment. */
const isWaitingForProvider = ({ status, redirectUrl }: Payment): boolean =>
  status === 'pending' && redirectUrl === null;

/**
 * Returns whether a booking no longer contains any of `seats`. Without `seats`, returns whether all its seats are
 * refunded.
 */
const hasGivenBack = ({ status, seats: remaining }: Booking, seats: readonly number[] | undefined): boolean =>
  status === 'refunded' || (seats !== undefined && remaining.every(({ seat }) => !seats.includes(seat)));
