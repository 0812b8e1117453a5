import type { Booking, Paper, Payment, PaymentMethod, Refund, Ticket } from '@usher/contract';
import type { UsherError } from '../common/errors.js';
import type { ConnectionState } from '../common/live-store.js';

/** Options of {@link Bookings.pay}. */
export interface PayOptions {
  /**
   * How the buyer pays. With `card` (the default), the buyer pays on the provider's page. With `qr`, the page shows
   * `qrCode`, and the buyer pays on another device.
   */
  method?: PaymentMethod;
  /**
   * With `alternative`, the buyer accepts similar seats if the money arrives after the hold has ended and its seats are
   * taken. Without it, the money is refunded in this case.
   */
  onConflict?: 'alternative';
  /** The page that the provider sends the buyer back to. Its origin is the service's or one of its `RETURN_ORIGINS`. */
  returnUrl?: string;
  /** The idempotency key. By default, the SDK generates one for each call. */
  key?: string;
}

/**
 * The bookings of this session: paying, refunding, tickets. Every call uses REST, resolves with the server's answer, and
 * rejects with {@link UsherError}.
 */
export interface Bookings {
  /** Reads one booking. */
  read(bookingId: string): Promise<Booking>;
  /** Reads this session's bookings of a show, newest first, at most 100. */
  list(showId: number): Promise<Booking[]>;
  /** Releases a hold. @throws UsherError `BOOKING_STATE` if the booking is no longer held */
  release(bookingId: string): Promise<Booking>;
  /**
   * Starts to pay a hold. The first payment extends the hold (`expiresAt`, `holdEndsAt`). The SDK sends the request with an
   * idempotency key. After a lost connection or `BUSY`, it sends the request again with the same key. The booking shows
   * the payment's result later.
   *
   * @returns the payment with `redirectUrl` (a page for the buyer) or `qrCode` (a code to show). Both are null if the
   *   provider does not answer in time. In this case, {@link waitForPaymentPage} returns them later
   * @throws UsherError `BOOKING_STATE` if the booking is no longer held, `SALE_CLOSED`, `RATE_LIMITED` …
   */
  pay(bookingId: string, options?: PayOptions): Promise<Payment>;
  /** Reads one payment. */
  payment(paymentId: string): Promise<Payment>;
  /**
   * Reads a payment until it has a page for the buyer, its status is no longer `pending`, or `requestTimeoutMs` is over.
   * Resolves with the last answer.
   */
  waitForPaymentPage(paymentId: string): Promise<Payment>;
  /**
   * Gives paid seats back. The money follows later, see {@link refunds}.
   *
   * @param seats the seats to give back. Without it, the call gives back all seats
   * @throws UsherError `BOOKING_STATE` after the show's refund deadline, `INVALID_SEATS` if the booking does not have
   *   these seats
   */
  refund(bookingId: string, seats?: readonly number[]): Promise<Booking>;
  /** Reads the refunds of a booking, finished or not, oldest first. */
  refunds(bookingId: string): Promise<Refund[]>;
  /** Reads the tickets of a paid booking, ordered by seat. Draw a ticket's `code` as a QR code. */
  tickets(bookingId: string): Promise<Ticket[]>;
  /** Downloads the tickets as a PDF to print. */
  pdf(bookingId: string, paper?: Paper): Promise<Blob>;
  /** Downloads a calendar entry (RFC 5545) with the show and the seats. */
  calendar(bookingId: string): Promise<Blob>;
  /** Downloads a ticket as a pass for Apple Wallet. The ticket's `wallets.apple` must not be null. */
  applePass(bookingId: string, ticketId: string): Promise<Blob>;
  /** Reads the URL that saves a ticket to Google Wallet. The ticket's `wallets.google` must not be null. */
  googleWalletUrl(bookingId: string, ticketId: string): Promise<string>;
  /**
   * Sets the address that receives the booking's tickets and news by mail. If the booking is already paid, the service
   * mails the tickets at once.
   *
   * @param email null to send no more mail
   */
  mailTo(bookingId: string, email: string | null): Promise<void>;
}

/** The state of a {@link BookingStore} at one moment. It is immutable. */
export interface BookingView {
  readonly bookingId: string;
  /** `closed` after the last `close()`, or if this session has no such booking (see `error`). */
  readonly connection: ConnectionState;
  /** Null until the booking was read. */
  readonly booking: Booking | null;
  /** The error of the last attempt to read the booking, or null if it succeeded. */
  readonly error: UsherError | null;
}

/** A store that keeps one booking up to date. It fits React's `useSyncExternalStore`. */
export interface BookingStore {
  readonly bookingId: string;
  /** Returns the current view. It is the same object until something changes. */
  readonly getSnapshot: () => BookingView;
  /** Calls `listener` after every change. Returns a function that ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Resolves when the booking was read. Rejects if it cannot be read (`NOT_FOUND`, `FORBIDDEN`). */
  readonly ready: Promise<void>;
  /** Ends the use of this store. Call it once for each `openBooking`. */
  close(): void;
}
