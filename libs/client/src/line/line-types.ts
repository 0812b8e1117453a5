import type { Booking, LineName, Queue, QueueBody, QueueExpiredReason, QueueWithOutcome } from '@usher/contract';

/**
 * Why this session left a line or a metered show. `reason` is the server's reason or one of these two values.
 *
 * - `stayEnded`: the session's time in the metered show is over.
 * - `unseen`: the session left while the client received no messages, so the client does not know the reason.
 */
export interface LineEnd {
  readonly line: LineName;
  readonly reason: QueueExpiredReason | 'stayEnded' | 'unseen';
}

/** The part of a show's view that concerns its lines. */
export interface LineView {
  /**
   * This session's place in the show's line, or null if it is in no line. If `access` is `open`, the line is the line for
   * seats. If `access` is `waiting`, the line is the line for entry. `ahead` is exact as of the line's last broadcast. If
   * `queue` is null while `access` is `waiting`, the session was admitted and the map is on its way.
   */
  readonly queue: Queue | null;
  /**
   * The hold that the server offered to this session in the line for seats, or null if there is no such hold now.
   * `bookings` also contains this hold.
   */
  readonly offer: Booking | null;
  /**
   * Why this session left the line. Null if it has not left, or left by its own choice. It also becomes null when the
   * session gets its next place, map or offer.
   */
  readonly lineEnd: LineEnd | null;
}

/** An event of this session in a line of any show. The show need not be open in this client. */
export type LineEvent =
  /** The server made a hold for the session. The hold ends at `booking.expiresAt`. */
  | { readonly type: 'offer'; readonly showId: number; readonly booking: Booking }
  /** The server admitted the session to the show. Open the show soon, because the stay ends at `until`. */
  | { readonly type: 'admitted'; readonly showId: number; readonly until: string }
  /** The session left the line or the metered show. */
  | { readonly type: 'ended'; readonly showId: number; readonly end: LineEnd };

/**
 * Calls about the lines of shows over REST, for clients without sockets. Every call rejects with {@link UsherError}.
 */
export interface Lines {
  /**
   * Joins the line, and resolves with the session's place. A session that is already in line keeps its place. See
   * {@link ShowStore.joinLine} for the choice of the line and the errors.
   *
   * @param options `key` is the idempotency key. With the same key, the server returns the same place, even if this
   *   place was served in the meantime. By default, the SDK generates a key for each call
   */
  join(showId: number, body: QueueBody, options?: { key?: string }): Promise<Queue>;
  /** Reads the session's place. Resolves with null if the session is not in line. */
  read(showId: number, options?: LineReadOptions): Promise<Queue | null>;
  /** Reads the session's place and the outcome of its last wait, for example `offered`, `admitted` or `calledOff`. */
  readOutcome(showId: number, options?: LineReadOptions): Promise<QueueWithOutcome>;
  /** Leaves the line. If the session is inside a metered show, it leaves the show. */
  leave(showId: number): Promise<void>;
}

/** Options of {@link Lines.read} and {@link Lines.readOutcome}. */
export interface LineReadOptions {
  /** How long the server keeps the request open if nothing changes, in seconds (0 to 60, default 0). */
  wait?: number;
  /** The `ahead` of the last answer. The server answers at once if the value has changed since then. */
  ahead?: number;
  /** Aborts the request. */
  signal?: AbortSignal;
}
