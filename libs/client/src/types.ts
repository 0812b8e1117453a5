import type {
  Booking,
  Cinema,
  CinemaShowtimes,
  City,
  FoundMovies,
  Layout,
  LineName,
  Movie,
  MovieShowtimes,
  Page,
  PushSubscription,
  Queue,
  QueueBody,
  QueueExpiredReason,
  QueueWithOutcome,
  ReserveBody,
  SearchSort,
  SeatCounts,
  SeatMapWithCounts,
  Show,
} from '@usher/contract';
import type { Bookings, BookingStore } from './bookings/booking-types.js';
import type { UsherError } from './common/errors.js';
import type { ShowConnection } from './common/show-connection.js';
import type { CheckIns } from './gate/gate-types.js';

/** Where the session's token is kept between visits, e.g. over `localStorage`. */
export interface TokenStorage {
  /** The kept token, or null. */
  get(): string | null;
  /**
   * Keeps a token, and may note whose it is. The empty string, of no session, says that the kept one is no good any more.
   */
  set(token: string, sessionId: string | null): void;
}

/** What {@link createUsher} takes. */
export interface UsherOptions {
  /** Where Usher is, e.g. `https://seats.example.com`; the REST paths and `/socket.io` are looked for under its origin. */
  url: string;
  /** A session's token that the caller already has; wins over the stored one. */
  token?: string;
  /** The key of a partner, a kiosk or staff. */
  apiKey?: string;
  /**
   * The token of a mailed link to a booking (what follows `#access=`), or null. Calls about this booking then use it
   * instead of the session's token. If the link is no longer valid, they use the session's token.
   */
  linkToken?: (bookingId: string) => string | null;
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

/** What is searched for; all filters must fit. Times are ISO-8601; `sort: 'distance'` needs `lat` and `lon`. */
export interface MovieSearchQuery extends ListQuery {
  /** Title, person or genre, as far as typed, misspelt if need be. */
  keyword?: string;
  /** A city's id or name. */
  city?: string | number;
  lat?: number;
  lon?: number;
  radiusKm?: number;
  from?: string;
  to?: string;
  postalCode?: string;
  /** `false`: a misspelt keyword finds nothing. */
  spellcheck?: 'true' | 'false';
  sort?: SearchSort;
}

/** The catalog over REST. Every call rejects with {@link UsherError}, e.g. `NOT_FOUND`. */
export interface Catalog {
  /** Cities; `q` is part of a name, `country` an ISO-3166 alpha-2 code. */
  cities(query?: ListQuery & { q?: string; country?: string }): Promise<Page<City>>;
  /** One city. */
  city(cityId: number): Promise<City>;
  /** Movies with a coming show, by keyword, place and time; `didYouMean` says what was searched for instead. */
  search(query: MovieSearchQuery, signal?: AbortSignal): Promise<FoundMovies>;
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
 * Why this session stands in a line no longer, or in the show: the server's reason; `stayEnded`, its time in a metered
 * show is over; `unseen`, it happened while nobody could tell.
 */
export interface LineEnd {
  readonly line: LineName;
  readonly reason: QueueExpiredReason | 'stayEnded' | 'unseen';
}

/** What is known of this session and a show's lines. */
export interface LineView {
  /**
   * This session's place in the show's line (for seats when `open`, for entry when `waiting`), or null. `ahead` is exact
   * as of the line's last broadcast. Null while `waiting`: it is our turn, and the map is on its way.
   */
  readonly queue: Queue | null;
  /** A hold that was found for who waited for seats, as long as it is held; it is among the bookings too. */
  readonly offer: Booking | null;
  /** Why we stand in line no longer when it was not our wish; null again with the next place, map or offer. */
  readonly lineEnd: LineEnd | null;
}

/** What is known of a show at one moment. Never changed once given out; a change makes a new one. */
export interface ShowView extends LineView {
  readonly showId: number;
  readonly connection: ShowConnection;
  /**
   * `waiting`: the show's waiting room is on and this session is not through it; there is no map then, and the show
   * opens by itself when it is our turn. `out`: neither inside nor in line, until {@link ShowStore.enter}.
   */
  readonly access: 'open' | 'waiting' | 'out';
  /** The show's version that `seats` is at; 0 before the first map. */
  readonly version: number;
  /** 0 before the first map. */
  readonly seatCount: number;
  /** One {@link SeatStatus} a seat (0 free, 1 held, 2 sold, 3 blocked). Do not write; every change makes a new array. */
  readonly seats: Uint8Array;
  readonly counts: SeatCounts;
  /** This session's bookings of this show, newest first: the live ones, and those that ended while the store was open. */
  readonly bookings: readonly Booking[];
  /** The show that was given to {@link ShowStore.follow}, as it is now; null: none was given. */
  readonly show: Show | null;
  /** The last change of its terms since then; null: none. */
  readonly change: TermsChange | null;
  /** Why there is no map, or why the last attempt to join again failed; null when all is well. */
  readonly error: UsherError | null;
}

/** What changed of a show while it was open: it moved, is sold by other terms, or was called off. */
export interface TermsChange {
  readonly before: Show;
  readonly after: Show;
  /** The fields of which `before` and `after` differ. */
  readonly changed: readonly (keyof Show)[];
  /** Why, in the words of the organiser; null: nothing was said. */
  readonly reason: string | null;
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
  /**
   * Stands in the line for seats (for entry, where the waiting room is on and this session is not through it); who
   * stands in line already keeps that place. What comes of it shows in `queue`, then in `offer` or `lineEnd`.
   *
   * @returns the place, or null when seats were offered before it could be told
   * @throws UsherError `HOLD_LIMIT`, `INVALID_REQUEST` (the hall has no such seats), `SALE_CLOSED`, `TIMEOUT` …
   */
  joinLine(wish: QueueBody): Promise<Queue | null>;
  /** Leaves the line; where access is `waiting` it is `out` afterwards. @throws UsherError `TIMEOUT` … */
  leaveLine(): Promise<void>;
  /** Where access is `out`: asks to be let in again, at once or by standing in line. */
  enter(): void;
  /**
   * Keeps a show that `catalog.show` answered right, in the view's `show`: its time, prices, sale window, rules and call-off.
   * What this client missed is read again.
   */
  follow(show: Show): void;
  /** Undoes one `openShow`; the last one leaves the room. */
  close(): void;
}

/** What happened to this session in the line of a show, whether the show is open here or not. */
export type LineEvent =
  /** Seats were found and are held until `booking.expiresAt`. */
  | { readonly type: 'offer'; readonly showId: number; readonly booking: Booking }
  /** Let in: the show has to be opened soon. The stay ends at `until`. */
  | { readonly type: 'admitted'; readonly showId: number; readonly until: string }
  /** In line, or inside, no longer. */
  | { readonly type: 'ended'; readonly showId: number; readonly end: LineEnd };

/** A show's lines over REST, for clients without sockets. Every call rejects with {@link UsherError}. */
export interface Lines {
  /**
   * Stands in line; again: the same place. Which line, and what it throws: {@link ShowStore.joinLine}. With the same
   * `key` it answers the same place, also once that was served.
   */
  join(showId: number, wish: QueueBody, options?: { key?: string }): Promise<Queue>;
  /** The session's place, or null: not in line. */
  read(showId: number, options?: LineReadOptions): Promise<Queue | null>;
  /** As {@link read}, with what became of the wait: seats were offered, it was let in, the show was called off … */
  readOutcome(showId: number, options?: LineReadOptions): Promise<QueueWithOutcome>;
  /** Leaves the line, or the show where entry is metered and the session is inside. */
  leave(showId: number): Promise<void>;
}

/** What {@link Lines.read} takes. */
export interface LineReadOptions {
  /** Seconds (0 to 60, default 0) to wait for something to change, where it has not since `ahead`. */
  wait?: number;
  /** How many were ahead by the last answer. */
  ahead?: number;
  /** Ends a read that waits. */
  signal?: AbortSignal;
}

/** Web Push: offers and admissions reach the browser while the page is closed. */
export interface Push {
  /** What to subscribe with: `pushManager.subscribe({ applicationServerKey })`. */
  key(): Promise<string>;
  /** Pushes to this browser from now on; `subscription` is what its `toJSON()` answers. */
  subscribe(subscription: PushSubscription): Promise<void>;
  /** Pushes to it no longer. */
  unsubscribe(subscription: PushSubscription): Promise<void>;
}

/** One connection to Usher: a session, the shows it watches, the catalog. */
export interface Usher {
  /** This client's session: the kept one, or a new one. Rejects with {@link UsherError} when none can be had. */
  session(): Promise<SessionInfo>;
  /** Opens a show's live map. The same show gives the same store while open; each call wants one `close()`. */
  openShow(showId: number): ShowStore;
  /** Follows one booking of this session, paid or not. Each call wants one `close()`. */
  openBooking(bookingId: string): BookingStore;
  readonly bookings: Bookings;
  readonly catalog: Catalog;
  readonly lines: Lines;
  readonly push: Push;
  readonly checkIns: CheckIns;
  /** Hears every change of the session's bookings, of any show, whichever of its sockets made it; the answer ends it. */
  onBooking(listener: (booking: Booking) => void): () => void;
  /** Hears what becomes of the session's places in line, of any show, while connected; the answer ends it. */
  onLine(listener: (event: LineEvent) => void): () => void;
  /** Milliseconds since the epoch by the server's clock, whatever this machine's clock says or is set to. */
  serverNow(): number;
  /** Closes every show and the connection. */
  close(): void;
}
