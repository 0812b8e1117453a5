import type { Booking } from '@usher/contract';
import type { AccessCodes } from './access-codes/access-codes-api.js';
import type { Bookings, BookingStore } from './bookings/booking-types.js';
import type { Catalog } from './catalog/catalog-types.js';
import type { ChallengeSolver } from './challenge/challenge-types.js';
import type { CheckIns } from './gate/gate-types.js';
import type { LineEvent, Lines } from './line/line-types.js';
import type { Push } from './line/push.js';
import type { SessionDataApi } from './session/session-data-api.js';
import type { SessionInfo, TokenStorage } from './session/session-types.js';
import type { ShowStore } from './show/show-types.js';

/** Options of {@link createUsher}. */
export interface UsherOptions {
  /** The absolute URL of Usher, for example `https://seats.example.com`. The REST paths and `/socket.io` are below it. */
  url: string;
  /** The token of a session that the caller already has. It takes precedence over the stored token. */
  token?: string;
  /** The API key of a partner, a kiosk or staff. */
  apiKey?: string;
  /**
   * Returns the token of a mailed link to a booking (the text after `#access=`), or null. Calls about this booking then
   * use the link's token. If the link is no longer valid, the calls use the session's token.
   */
  linkToken?: (bookingId: string) => string | null;
  /** Keeps the session's token between visits. Without a storage, the session ends with this client. */
  storage?: TokenStorage;
  /**
   * The transports in the order of preference. By default, the client tries WebSocket first, and uses long polling if
   * WebSocket is blocked.
   */
  transports?: ('websocket' | 'polling')[];
  /**
   * Solves the challenges of shows instead of the SDK. The SDK itself solves only proofs of work (provider `altcha`), so
   * another provider needs this option.
   */
  solveChallenge?: ChallengeSolver;
  /** How long one request may take, including its retries, in milliseconds. The default is 10,000. */
  requestTimeoutMs?: number;
}

/** A client of Usher with one session and one connection. */
export interface Usher {
  /**
   * Resolves with this client's session: the current one, or a new one from the server. Rejects with {@link UsherError} if
   * the client cannot get a session.
   */
  session(): Promise<SessionInfo>;
  /**
   * Opens a show's store. If the store is already open, returns the same store again. Close the store once for each
   * call of this method.
   */
  openShow(showId: number): ShowStore;
  /**
   * Opens a booking's store. If the store is already open, returns the same store again. Close the store once for each
   * call of this method.
   */
  openBooking(bookingId: string): BookingStore;
  readonly bookings: Bookings;
  readonly catalog: Catalog;
  readonly lines: Lines;
  readonly accessCodes: AccessCodes;
  readonly push: Push;
  readonly sessionData: SessionDataApi;
  readonly checkIns: CheckIns;
  /**
   * Calls `listener` after every change to this session's bookings, for any show and by any socket of the session.
   * Returns a function that removes the listener.
   */
  onBooking(listener: (booking: Booking) => void): () => void;
  /**
   * Calls `listener` after every event of this session in the line of any show. The client misses events while it is
   * not connected. Returns a function that removes the listener.
   */
  onLine(listener: (event: LineEvent) => void): () => void;
  /** Returns the server's time in milliseconds since the epoch. It does not depend on this machine's clock. */
  serverNow(): number;
  /** Closes every store and the connection. */
  close(): void;
}
