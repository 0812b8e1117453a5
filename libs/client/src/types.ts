import type {
  Booking,
  Cinema,
  CinemaShowtimes,
  City,
  Layout,
  Movie,
  MovieShowtimes,
  Page,
  Queue,
  ReserveBody,
  SeatCounts,
  SeatMapWithCounts,
  Show,
} from '@usher/contract';
import type { UsherError } from './errors.js';

/** Where the session's token is kept between visits, e.g. over `localStorage`. */
export interface TokenStorage {
  /** The kept token, or null. */
  get(): string | null;
  /** Keeps a token; the empty string says that the kept one is no good any more. */
  set(token: string): void;
}

/** What {@link createUsher} takes. */
export interface UsherOptions {
  /** Where Usher is, e.g. `https://seats.example.com`; the REST paths and `/socket.io` are looked for under its origin. */
  url: string;
  /** A session's token that the caller already has; wins over the stored one. */
  token?: string;
  /** The key of a partner, a kiosk or staff. */
  apiKey?: string;
  /** Keeps the token between visits; without it a session lives as long as this object. */
  storage?: TokenStorage;
  /** Default: WebSocket first, long polling where that is blocked. */
  transports?: ('websocket' | 'polling')[];
  /** How long one request may take altogether, retries included; milliseconds, default 10,000. */
  requestTimeoutMs?: number;
}

/** Who we are to the server. */
export interface SessionInfo {
  /** Null where only the token is known: one that was kept or given, whose inside is the server's own. */
  readonly sessionId: string | null;
  readonly token: string;
}

/** How much of a list to answer: `limit` 1–100 (default 20) from `cursor` on, which is the last answer's `nextCursor`. */
export interface ListQuery {
  limit?: number;
  cursor?: string;
}

/** {@link ListQuery} of one calendar day (`2026-11-23`) of the city in question; without it today and later. */
export interface DayQuery extends ListQuery {
  date?: string;
}

/** The catalog over REST. Every call rejects with {@link UsherError}, e.g. `NOT_FOUND`. */
export interface Catalog {
  /** Cities; `q` is part of a name, `country` an ISO-3166 alpha-2 code. */
  cities(query?: ListQuery & { q?: string; country?: string }): Promise<Page<City>>;
  /** The cinemas of a city. */
  cinemas(cityId: number, query?: ListQuery): Promise<Page<Cinema>>;
  /** The movies playing in a city. */
  movies(cityId: number, query?: DayQuery): Promise<Page<Movie>>;
  /** One movie. */
  movie(movieId: number): Promise<Movie>;
  /** A movie's shows in a city, by cinema. */
  movieShowtimes(movieId: number, query: DayQuery & { cityId: number }): Promise<Page<CinemaShowtimes>>;
  /** One cinema. */
  cinema(cinemaId: number): Promise<Cinema>;
  /** A cinema's shows, by movie. */
  cinemaShowtimes(cinemaId: number, query?: DayQuery): Promise<Page<MovieShowtimes>>;
  /** One show: movie, cinema, hall, times, price tiers, sale window. */
  show(showId: number): Promise<Show>;
  /** The hall's layout; a seat's number is its position in `seats`. Never changes for a `layoutId`. */
  layout(showId: number): Promise<Layout>;
  /** The seat map as it is now, for those who do not want it live. */
  seats(showId: number): Promise<SeatMapWithCounts>;
}

/**
 * `connecting` until the first map; `live` while the server's room is heard; `reconnecting` while it is not and what is
 * shown may be old; `closed` after the last `close()`, or when the show cannot be opened (see {@link ShowView.error}).
 */
export type ShowConnection = 'connecting' | 'live' | 'reconnecting' | 'closed';

/** What is known of a show at one moment. Never changed once given out; a change makes a new one. */
export interface ShowView {
  readonly showId: number;
  readonly connection: ShowConnection;
  /** `waiting`: the show's waiting room is on and this session is not through it; there is no map then. */
  readonly access: 'open' | 'waiting';
  /** This session's place in the show's line (for seats when `open`, for entry when `waiting`), or null. */
  readonly queue: Queue | null;
  /** The show's version that `seats` is at; 0 before the first map. */
  readonly version: number;
  /** 0 before the first map. */
  readonly seatCount: number;
  /** One {@link SeatStatus} a seat (0 free, 1 held, 2 sold, 3 blocked). Do not write; every change makes a new array. */
  readonly seats: Uint8Array;
  readonly counts: SeatCounts;
  /** This session's bookings of this show, newest first: the live ones, and those that ended while the store was open. */
  readonly bookings: readonly Booking[];
  /** Why there is no map, or why the last attempt to join again failed; null when all is well. */
  readonly error: UsherError | null;
}

/** What {@link ShowStore.reserve} takes besides the wish. */
export interface ReserveOptions {
  /** The idempotency key; without one it is generated. The same key and wish give the same answer, however often sent. */
  key?: string;
}

/** A show's live seat map. `getSnapshot` and `subscribe` fit React's `useSyncExternalStore` and can be passed unbound. */
export interface ShowStore {
  readonly showId: number;
  /** What is known now; the same reference until something changed. */
  readonly getSnapshot: () => ShowView;
  /** Calls `listener` after every change; the answer ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  /**
   * Fulfilled when the first map is there, or the place in the waiting room; rejected with {@link UsherError} when the
   * show cannot be opened (`NOT_FOUND`) or the store was closed before (`NETWORK`). Not being able to reach the server
   * rejects nothing: it is tried until `close()`.
   */
  readonly ready: Promise<void>;
  /**
   * Holds seats, all or none. Sent with an idempotency key, and again with the same key after a lost connection, `BUSY`
   * or `RATE_LIMITED`, until answered or `requestTimeoutMs` is over: one call never makes two bookings.
   *
   * @throws UsherError the server's refusal (`SEATS_TAKEN` …), or `TIMEOUT`: then the booking may still have come to be
   *   and appears in `bookings` once the connection is back
   */
  reserve(wish: ReserveBody, options?: ReserveOptions): Promise<Booking>;
  /**
   * Gives a held booking back.
   *
   * @throws UsherError `BOOKING_STATE` when it is not held any more, `NOT_FOUND`, `TIMEOUT` …
   */
  release(bookingId: string): Promise<Booking>;
  /** Undoes one `openShow`; the last one leaves the room. */
  close(): void;
}

/** One connection to Usher: a session, the shows it watches, the catalog. */
export interface Usher {
  /** This client's session: the kept one, or a new one. Rejects with {@link UsherError} when none can be had. */
  session(): Promise<SessionInfo>;
  /** Opens a show's live map. The same show gives the same store while open; each call wants one `close()`. */
  openShow(showId: number): ShowStore;
  readonly catalog: Catalog;
  /** Hears every change of the session's bookings, of any show, whichever of its sockets made it; the answer ends it. */
  onBooking(listener: (booking: Booking) => void): () => void;
  /** Milliseconds since the epoch by the server's clock, whatever this machine's clock says or is set to. */
  serverNow(): number;
  /** Closes every show and the connection. */
  close(): void;
}
