import type { Booking } from '@usher/contract';
import { toUsherError, UsherError, type UsherErrorCode } from '../common/errors.js';
import { type ConnectionState, LiveStore } from '../common/live-store.js';
import { backoffMs, retryDelayMs } from '../common/retry.js';
import { isNewer } from './booking-order.js';
import type { BookingStore, BookingView } from './booking-types.js';

const firstReadDelayMs = 500;
const maxReadDelayMs = 15_000;
/** How often a booking is read while a change is due, because the message about the change may get lost. */
const dueChangePollIntervalMs = 5_000;
/** How often a booking is read if the socket does not receive the booking's changes. */
const linkPollIntervalMs = 15_000;

/** Error codes after which another attempt would fail in the same way. */
const finalCodes: ReadonlySet<UsherErrorCode> = new Set(['NOT_FOUND', 'INVALID_REQUEST', 'FORBIDDEN']);

/** The parts of the client that a {@link LiveBooking} uses. */
export interface LiveBookingContext {
  readonly isConnected: boolean;
  /**
   * Returns whether the booking is read with the token of a mailed link. If so, the booking belongs to another session,
   * and this client's socket does not receive its changes.
   */
  isReadByLink(): boolean;
  read(bookingId: string): Promise<Booking>;
  /** Returns the server's time in milliseconds since the epoch. */
  serverNow(): number;
  /** Called when the store has shut down. */
  onShutDown(): void;
}

/**
 * The store of one booking. It reads the booking each time the client connects, and receives the booking's changes over
 * the socket.
 */
export class LiveBooking extends LiveStore<BookingView> implements BookingStore {
  private wasConnected: boolean;
  private isReading = false;
  private lastReadAt = -Infinity;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly bookingId: string,
    private readonly context: LiveBookingContext,
  ) {
    super({ bookingId, connection: 'connecting', booking: null, error: null });
    this.wasConnected = context.isConnected;
    void this.read();
  }

  shutDown(error: UsherError | null): void {
    if (this.isShutDown) return;
    clearTimeout(this.retryTimer);
    this.context.onShutDown();
    this.settleReady.reject(error ?? UsherError.network('The booking was closed before it was read'));
    this.update({ connection: 'closed', error });
  }

  /**
   * Handles a new connection, the first or a later one. The store may have missed changes, so it reads the booking
   * again.
   */
  onConnected(): void {
    this.wasConnected = true;
    this.update({});
    this.refresh();
  }

  onDisconnected(): void {
    this.update({});
  }

  /** Handles a received state of the booking. The received state may be older than the known state. */
  onBookingUpdated(booking: Booking): void {
    const { booking: known } = this.view;
    if (this.isShutDown || (known && !isNewer(known, booking))) return;
    this.settleReady.resolve();
    this.update({ booking, error: null });
  }

  /** Reads the booking again. */
  refresh(): void {
    void this.read();
  }

  /** Called about every second. */
  onTick(): void {
    const { booking } = this.view;
    if (!booking) return;
    const linkIntervalMs = this.context.isReadByLink() ? linkPollIntervalMs : Infinity;
    const intervalMs = this.isChangeDue(booking) ? dueChangePollIntervalMs : linkIntervalMs;
    if (performance.now() - this.lastReadAt > intervalMs) this.refresh();
  }

  /** Returns whether the server should soon change the booking without a request. */
  private isChangeDue({ status, expiresAt, payment }: Booking): boolean {
    if (payment?.status === 'pending' || payment?.status === 'refunding') return true;
    return status === 'reserved' && Date.parse(expiresAt) <= this.context.serverNow();
  }

  private async read(attempt = 0): Promise<void> {
    if (this.isReading || this.isShutDown) return;
    clearTimeout(this.retryTimer);
    this.isReading = true;
    this.lastReadAt = performance.now();
    try {
      const booking = await this.context.read(this.bookingId);
      this.isReading = false;
      this.onBookingUpdated(booking);
      this.update({ error: null });
    } catch (thrown) {
      this.isReading = false;
      this.onReadFailed(toUsherError(thrown), attempt);
    }
  }

  private onReadFailed(error: UsherError, attempt: number): void {
    const isLinkRefused = error.code === 'UNAUTHENTICATED' && this.context.isReadByLink();
    if (isLinkRefused || finalCodes.has(error.code)) {
      this.shutDown(error);
      return;
    }
    this.update({ error });
    const pauseMs = backoffMs(attempt, firstReadDelayMs, maxReadDelayMs);
    this.retryTimer = setTimeout(
      () => void this.read(attempt + 1),
      Math.max(pauseMs, retryDelayMs(error, attempt) ?? 0),
    );
  }

  private update(change: Partial<BookingView>): void {
    if (this.isShutDown) return;
    const next: BookingView = { ...this.view, ...change };
    const view = { ...next, connection: change.connection ?? this.connectionOf(next.booking) };
    const isSame =
      view.connection === this.view.connection && view.booking === this.view.booking && view.error === this.view.error;
    if (!isSame) this.publish(view);
  }

  private connectionOf(booking: Booking | null): ConnectionState {
    if (booking === null || !this.wasConnected) return 'connecting';
    return this.context.isConnected ? 'live' : 'reconnecting';
  }
}
