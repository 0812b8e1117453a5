import type { Booking, Paper, Payment, PaymentMethod, Refund, Ticket } from '@usher/contract';
import type { UsherError } from '../common/errors.js';
import type { ShowConnection } from '../common/show-connection.js';

/** What {@link Bookings.pay} takes. */
export interface PayOptions {
  /** `card` (default): on the provider's page. `qr`: `qrCode` is shown here and paid on another device. */
  method?: PaymentMethod;
  /**
   * Should the money come after the hold has ended and the seats be gone: the buyer agrees to seats like them. Without it
   * the money goes back then.
   */
  onConflict?: 'alternative';
  /** Where the provider's page leads back to: a page of the service, or of an origin of its `RETURN_ORIGINS`. */
  returnUrl?: string;
  /** The idempotency key; without one it is generated. */
  key?: string;
}

/** This session's bookings: paying, giving back, tickets. Every call rejects with {@link UsherError}. */
export interface Bookings {
  /** One booking as it is now. */
  read(bookingId: string): Promise<Booking>;
  /** The session's bookings of a show, newest first. */
  list(showId: number): Promise<Booking[]>;
  /** Gives a hold back. @throws UsherError `BOOKING_STATE` when it is not held any more */
  release(bookingId: string): Promise<Booking>;
  /**
   * Starts to pay a hold, which lasts longer from the first time on (`holdEndsAt`, `expiresAt`). Sent with an idempotency
   * key, and again with the same key after a lost connection or `BUSY`. What comes of it shows in the booking.
   *
   * @returns the payment: lead the buyer to `redirectUrl`, or show `qrCode`. Both are null where the provider does not
   *   answer in time; {@link openedPayment} has them later
   * @throws UsherError `BOOKING_STATE` when it is not held any more, `SALE_CLOSED`, `RATE_LIMITED` …
   */
  pay(bookingId: string, options?: PayOptions): Promise<Payment>;
  /** One payment as it is now. */
  payment(paymentId: string): Promise<Payment>;
  /** One payment once the provider has opened it, so that it has a page; as it is, where that takes too long. */
  openedPayment(paymentId: string): Promise<Payment>;
  /**
   * Gives paid seats back: some, or all without `seats`. The money follows: {@link refunds}.
   *
   * @throws UsherError `BOOKING_STATE` after the show's deadline, `INVALID_SEATS` for seats that are not the booking's
   */
  refund(bookingId: string, seats?: readonly number[]): Promise<Booking>;
  /** What of a booking's money goes back, or has gone back, oldest first. */
  refunds(bookingId: string): Promise<Refund[]>;
  /** The tickets of a booking that is or was paid, by seat; what a code says is to be drawn as a QR code. */
  tickets(bookingId: string): Promise<Ticket[]>;
  /** The tickets to print, a PDF. */
  pdf(bookingId: string, paper?: Paper): Promise<Blob>;
  /** The show for a calendar, with the seats (RFC 5545). */
  calendar(bookingId: string): Promise<Blob>;
  /** A ticket as a pass for Apple Wallet, of one whose `wallets.apple` is not null. */
  applePass(bookingId: string, ticketId: string): Promise<Blob>;
  /** The page that saves a ticket to Google Wallet, of one whose `wallets.google` is not null. */
  googleWalletUrl(bookingId: string, ticketId: string): Promise<string>;
  /** Where the tickets and news of a booking are mailed to, null: nowhere. Of one that is paid the tickets go at once. */
  mailTo(bookingId: string, email: string | null): Promise<void>;
}

/** What is known of a booking at one moment. Never changed once given out. */
export interface BookingView {
  readonly bookingId: string;
  /** `closed` after the last `close()`, or when there is no such booking of this session (see `error`). */
  readonly connection: ShowConnection;
  /** Null before it was read. */
  readonly booking: Booking | null;
  /** Why there is none, or why the last attempt to read it failed; null when all is well. */
  readonly error: UsherError | null;
}

/** A booking that is always right: read, and followed from then on. Fits React's `useSyncExternalStore`. */
export interface BookingStore {
  readonly bookingId: string;
  /** What is known now; the same reference until something changed. */
  readonly getSnapshot: () => BookingView;
  /** Calls `listener` after every change; the answer ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Fulfilled when the booking was read; rejected when it cannot be (`NOT_FOUND`, `FORBIDDEN`). */
  readonly ready: Promise<void>;
  /** Undoes one `openBooking`. */
  close(): void;
}
