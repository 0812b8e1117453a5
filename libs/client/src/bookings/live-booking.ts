import type { Booking } from '@usher/contract';
import { isNews } from './booking-order.js';
import type { BookingStore, BookingView } from './booking-types.js';
import { toUsherError, UsherError, type UsherErrorCode } from '../common/errors.js';
import { LiveStore } from '../common/live-store.js';
import { backOff, retryDelay } from '../common/retry.js';

const READ_PAUSE_FIRST_MS = 500;
const READ_PAUSE_MAX_MS = 15_000;
/** While something is expected of a booking it is asked for so often, should the word of it get lost. */
const ASK_EVERY_MS = 5_000;
/** How often a booking is read that the socket does not hear of. */
const LINK_POLL_MS = 15_000;

/** Answers that another try will not change. */
const final: ReadonlySet<UsherErrorCode> = new Set(['NOT_FOUND', 'INVALID_REQUEST', 'FORBIDDEN']);

/** What an open booking needs of the client. */
export interface BookingSource {
  readonly isConnected: boolean;
  /** Whether the booking is read by a link. The socket then does not hear of it, because it has another session. */
  isByLink(): boolean;
  read(bookingId: string): Promise<Booking>;
  /** By the server's clock. */
  serverNow(): number;
  /** The last `close()`, or there is no such booking of this session. */
  closed(): void;
}

/** A booking, kept right: read at first and with every connection, told of by the socket in between. */
export class LiveBooking extends LiveStore<BookingView> implements BookingStore {
  private wasConnected: boolean;
  private isReading = false;
  private readAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly bookingId: string,
    private readonly source: BookingSource,
  ) {
    super({ bookingId, connection: 'connecting', booking: null, error: null });
    this.wasConnected = source.isConnected;
    void this.read();
  }

  shut(error: UsherError | null): void {
    if (this.isShut) return;
    clearTimeout(this.timer);
    this.source.closed();
    this.settle.reject(error ?? UsherError.network('The booking was closed before it was read'));
    this.update({ connection: 'closed', error });
  }

  /** The connection is there, for the first time or again: what was told in between is not known. */
  up(): void {
    this.wasConnected = true;
    this.update({});
    this.refresh();
  }

  down(): void {
    this.update({});
  }

  /** Some state of the booking, perhaps an older one. */
  heard(booking: Booking): void {
    const { booking: known } = this.view;
    if (this.isShut || (known && !isNews(known, booking))) return;
    this.settle.resolve();
    this.update({ booking, error: null });
  }

  /** Reads it anew. */
  refresh(): void {
    void this.read();
  }

  /** About every second. */
  tick(): void {
    const { booking } = this.view;
    if (!booking) return;
    const pauseMs = this.isExpected(booking) ? ASK_EVERY_MS : this.source.isByLink() ? LINK_POLL_MS : Infinity;
    if (performance.now() - this.readAt > pauseMs) this.refresh();
  }

  /** Whether it is about to change without our doing. */
  private isExpected({ status, expiresAt, payment }: Booking): boolean {
    if (payment?.status === 'pending' || payment?.status === 'refunding') return true;
    return status === 'reserved' && Date.parse(expiresAt) <= this.source.serverNow();
  }

  private async read(attempt = 0): Promise<void> {
    if (this.isReading || this.isShut) return;
    clearTimeout(this.timer);
    this.isReading = true;
    this.readAt = performance.now();
    try {
      const booking = await this.source.read(this.bookingId);
      this.isReading = false;
      this.heard(booking);
      this.update({ error: null });
    } catch (thrown) {
      this.isReading = false;
      this.failed(toUsherError(thrown), attempt);
    }
  }

  private failed(error: UsherError, attempt: number): void {
    const isLinkRefused = error.code === 'UNAUTHENTICATED' && this.source.isByLink();
    if (isLinkRefused || final.has(error.code)) {
      this.shut(error);
      return;
    }
    this.update({ error });
    const pauseMs = backOff(attempt, READ_PAUSE_FIRST_MS, READ_PAUSE_MAX_MS);
    this.timer = setTimeout(() => void this.read(attempt + 1), Math.max(pauseMs, retryDelay(error, attempt) ?? 0));
  }

  private update(change: Partial<BookingView>): void {
    if (this.isShut) return;
    const next: BookingView = { ...this.view, ...change };
    const view = { ...next, connection: change.connection ?? this.connectionWith(next.booking) };
    const isSame =
      view.connection === this.view.connection && view.booking === this.view.booking && view.error === this.view.error;
    if (!isSame) this.show(view);
  }

  private connectionWith(booking: Booking | null): BookingView['connection'] {
    if (booking === null || !this.wasConnected) return 'connecting';
    return this.source.isConnected ? 'live' : 'reconnecting';
  }
}
