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
   * taken. Without this option, the service refunds the money in that case.
   */
  onConflict?: 'alternative';
  /**
   * The page that the provider sends the buyer back to. Its origin must be the service's own or one of the service's
   * `RETURN_ORIGINS`.
   */
  returnUrl?: string;
  /** The idempotency key. By default, the SDK generates one for each call. */
  key?: string;
}

/**
 * Calls about this session's bookings, for example to pay, to refund or to read the tickets. Every call uses REST. It
 * resolves with the server's answer or rejects with {@link UsherError}.
 */
export interface Bookings {
  /** Reads one booking. */
  read(bookingId: string): Promise<Booking>;
  /** Reads up to 100 of this session's bookings for a show, newest first. */
  list(showId: number): Promise<Booking[]>;
  /** Releases a hold. @throws UsherError `BOOKING_STATE` if the booking is no longer held */
  release(bookingId: string): Promise<Booking>;
  /**
   * Starts a payment for a hold. The first payment that the provider opens extends the hold (`expiresAt`, `holdEndsAt`). The SDK sends the
   * request with an idempotency key. After a lost connection or `BUSY`, it sends the request again with the same key.
   * The booking shows the payment's result later.
   *
   * @returns the payment with `redirectUrl` (a page for the buyer) or `qrCode` (a code to show). Both fields are null
   *   if the provider does not answer in time. In that case, {@link waitForPaymentPage} returns them later
   * @throws UsherError `BOOKING_STATE` if the booking is no longer held, `SALE_CLOSED`, `RATE_LIMITED` …
   */
  pay(bookingId: string, options?: PayOptions): Promise<Payment>;
  /** Reads one payment. */
  payment(paymentId: string): Promise<Payment>;
  /**
   * Reads a payment repeatedly. Stops when the payment has a page for the buyer, when its status is no longer
   * `pending`, or when `requestTimeoutMs` is over. Resolves with the last answer.
   */
  waitForPaymentPage(paymentId: string): Promise<Payment>;
  /**
   * Gives paid seats back. The refund of the money follows later, see {@link refunds}.
   *
   * @param seats the seats to give back. If this is undefined, the call gives back all seats
   * @throws UsherError `BOOKING_STATE` after the show's refund deadline, `INVALID_SEATS` if the booking does not have
   *   these seats
   */
  refund(bookingId: string, seats?: readonly number[]): Promise<Booking>;
  /** Reads the refunds of a booking, finished or not, oldest first. */
  refunds(bookingId: string): Promise<Refund[]>;
  /** Reads the tickets of a paid booking, ordered by seat. To show a ticket, draw its `code` as a QR code. */
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
   * Sets the e-mail address to which the service sends the booking's tickets and news. If the booking is already paid,
   * the service mails the tickets at once.
   *
   * @param email the address, or null to stop all mail about the booking
   */
  mailTo(bookingId: string, email: string | null): Promise<void>;
}

/** The state of a {@link BookingStore} at one moment. It is immutable. */
export interface BookingView {
  readonly bookingId: string;
  /** `closed` after the last `close()`, or if this session has no such booking (see `error`). */
  readonly connection: ConnectionState;
  /** Null until the booking has been read. */
  readonly booking: Booking | null;
  /** The error of the last attempt to read the booking, or null if that attempt succeeded. */
  readonly error: UsherError | null;
}

/** A store that keeps one booking up to date. Its `getSnapshot` and `subscribe` fit React's `useSyncExternalStore`. */
export interface BookingStore {
  readonly bookingId: string;
  /** Returns the current view. It is the same object until something changes. */
  readonly getSnapshot: () => BookingView;
  /** Calls `listener` after every change. Returns a function that ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Resolves when the booking has been read. Rejects if it cannot be read (`NOT_FOUND`, `FORBIDDEN`). */
  readonly ready: Promise<void>;
  /** Ends one use of this store. Call it once for each call of `openBooking`. */
  close(): void;
}
