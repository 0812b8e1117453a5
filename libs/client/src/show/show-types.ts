import type { AccessCodeAllowance, Booking, Queue, QueueBody, ReserveBody, SeatCounts, Show } from '@usher/contract';
import type { ChallengeState } from '../challenge/challenge-types.js';
import type { UsherError } from '../common/errors.js';
import type { ConnectionState } from '../common/live-store.js';
import type { LineView } from '../line/line-types.js';

/** The state of a {@link ShowStore} at one moment. It is immutable. Every change creates a new view. */
export interface ShowView extends LineView {
  readonly showId: number;
  readonly connection: ConnectionState;
  /**
   * Whether this session may see and reserve seats.
   *
   * - `open`: the session is inside the show.
   * - `waiting`: the session waits in the line for entry, so there is no map. The store opens the show by itself when the
   *   server admits the session.
   * - `out`: the session is neither inside nor in line. {@link ShowStore.enter} asks for entry. If `error` is
   *   `CODE_REQUIRED`, the session must use an access code first, see {@link ShowStore.redeemAccessCode}.
   */
  readonly access: 'open' | 'waiting' | 'out';
  /** The show's version that `seats` represents. 0 until the first map arrives. */
  readonly version: number;
  /** Number of seats. 0 until the first map arrives. */
  readonly seatCount: number;
  /**
   * One {@link SeatStatus} per seat: 0 free, 1 held, 2 sold, 3 blocked. Do not write to this array. Every change creates a
   * new one.
   */
  readonly seats: Uint8Array;
  readonly counts: SeatCounts;
  /**
   * This session's bookings for the show, newest first. These are the live bookings and the bookings that ended while
   * the store was open.
   */
  readonly bookings: readonly Booking[];
  /** The current state of the show that was passed to {@link ShowStore.follow}, or null if none was passed. */
  readonly show: Show | null;
  /** The last change to the followed show, or null if the show has not changed. */
  readonly termsChange: TermsChange | null;
  /** Whether the show asks this session for a challenge. The client solves it by itself. */
  readonly challenge: ChallengeState;
  /**
   * Why there is no map, or why the last attempt to join again failed. It is also the refusal of a call for which the
   * session needs an access code. Null if there is no error.
   */
  readonly error: UsherError | null;
}

/** A change to a show that this client follows, for example a new time, new terms of sale or a call-off. */
export interface TermsChange {
  readonly before: Show;
  readonly after: Show;
  /** The fields that differ between `before` and `after`. */
  readonly changedFields: readonly (keyof Show)[];
  /** The reason in the organiser's own words, or null if the organiser gave none. */
  readonly reason: string | null;
}

/** Options of {@link ShowStore.reserve}. */
export interface ReserveOptions {
  /**
   * The idempotency key. The same key and body always give the same answer. By default, the SDK generates a key for each
   * call.
   */
  key?: string;
}

/**
 * A store that keeps a show's seat map up to date. `getSnapshot` and `subscribe` fit React's `useSyncExternalStore`,
 * and can be passed to it without `bind`.
 */
export interface ShowStore {
  readonly showId: number;
  /** Returns the current view. It is the same object until something changes. */
  readonly getSnapshot: () => ShowView;
  /** Calls `listener` after every change. Returns a function that ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Resolves when the first map or the session's place in the waiting room has arrived. If the show requires an access
   * code before that, the promise stays pending until the session has used one. Rejects with {@link UsherError}
   * if the show cannot be opened (`NOT_FOUND`) or the store is closed before that (`NETWORK`). As long as the server
   * cannot be reached, the store keeps trying and the promise stays pending.
   */
  readonly ready: Promise<void>;
  /**
   * Holds either all of the seats or none. Resolves with the booking when the server has answered. After a lost
   * connection, `BUSY` or `RATE_LIMITED`, the SDK sends the request again with the same idempotency key until
   * `requestTimeoutMs` is over. So one call never makes two bookings.
   *
   * @param body `{ seats }` for chosen seats, or `{ best: { count, tier?, kind? } }` for the best seats together
   * @throws UsherError the server's refusal (`SEATS_TAKEN` …), or `TIMEOUT`. After `TIMEOUT`, the server may still have
   *   made the booking. If it has, the booking appears in `bookings` once the connection is back
   */
  reserve(body: ReserveBody, options?: ReserveOptions): Promise<Booking>;
  /**
   * Releases a hold. Resolves with the released booking.
   *
   * @throws UsherError `BOOKING_STATE` if the booking is no longer held, `NOT_FOUND`, `TIMEOUT` …
   */
  release(bookingId: string): Promise<Booking>;
  /**
   * Joins the line for seats. If the show's waiting room is on and this session is not inside, joins the line for entry. A
   * session that is already in line keeps its place. The view's `queue` shows the place, and `offer` or `lineEnd` shows the
   * outcome.
   *
   * @returns the place, or null if the server offered seats before its answer arrived
   * @throws UsherError `HOLD_LIMIT`, `INVALID_REQUEST` (the hall has no such seats), `SALE_CLOSED`, `TIMEOUT` …
   */
  joinLine(body: QueueBody): Promise<Queue | null>;
  /**
   * Leaves the line. Resolves when the server has answered. If `access` was `waiting`, it is `out` afterwards.
   *
   * @throws UsherError `TIMEOUT` …
   */
  leaveLine(): Promise<void>;
  /**
   * Uses an access code. If the server refused entry because the session had none, the store then enters the show.
   *
   * @returns what all codes of the session allow in this show
   * @throws UsherError `NOT_FOUND` (the show has no such code), `CODE_UNUSABLE` (with the `reason`), `RATE_LIMITED` …
   */
  redeemAccessCode(code: string): Promise<AccessCodeAllowance>;
  /** Asks for entry if `access` is `out`. The session enters at once or joins the line for entry. */
  enter(): void;
  /** Tries the challenge again if `challenge` is `failed`, and joins the show if that challenge kept this session out. */
  retryChallenge(): void;
  /**
   * Keeps the view's `show` up to date: its time, prices, sale window, rules and call-off. If the client misses a change,
   * it reads the show again.
   *
   * @param show an answer of `catalog.show`
   */
  follow(show: Show): void;
  /** Ends one use of this store. Call it once for each call of `openShow`. The last call leaves the show's room. */
  close(): void;
}
