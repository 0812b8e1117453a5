import type { Booking } from '@usher/contract';
import { BookingRequests } from './bookings/booking-api.js';
import type { BookingStore } from './bookings/booking-types.js';
import { Connection } from './connection/connection.js';
import { toUsherError, UsherError } from './common/errors.js';
import { Listeners } from './common/listeners.js';
import { LiveBooking } from './bookings/live-booking.js';
import { baseOf, Rest } from './http/rest-client.js';
import { ServerClock } from './connection/server-clock.js';
import { SessionKeeper } from './session/session-keeper.js';
import { LiveShow } from './show/live-show.js';
import type { LineEvent, SessionInfo, ShowStore, Usher, UsherOptions } from './types.js';
import { watch } from './connection/wake-watcher.js';

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * A client of Usher. Nothing is sent before the first call that needs the server.
 *
 * @throws TypeError when `url` is not an absolute URL
 */
export function createUsher(options: UsherOptions): Usher {
  const client = new Client(options);
  return {
    session: () => client.session(),
    openShow: (showId) => client.openShow(showId),
    openBooking: (bookingId) => client.openBooking(bookingId),
    bookings: client.bookings,
    catalog: client.rest.catalog(),
    lines: client.rest.lines((call) => client.withToken(call)),
    push: client.rest.push((call) => client.withToken(call)),
    checkIns: client.rest.checkIns(),
    onBooking: (listener) => client.onBooking(listener),
    onLine: (listener) => client.lineListeners.add(listener),
    serverNow: () => client.clock.serverNow(),
    close: () => client.close(),
  };
}

/** Ties the parts together: routes what comes over the one connection to the shows it is about. */
class Client {
  readonly rest: Rest;
  readonly bookings: BookingRequests;
  readonly clock = new ServerClock();
  readonly lineListeners = new Listeners<[LineEvent]>();
  private readonly requestTimeoutMs: number;
  private readonly keeper: SessionKeeper;
  private readonly connection: Connection;
  private readonly shows = new Map<number, LiveShow>();
  /** Shows that were closed, with when the server knows of it. */
  private readonly leaving = new Map<number, Promise<void>>();
  private readonly openBookings = new Map<string, LiveBooking>();
  private readonly bookingListeners = new Listeners<[Booking]>();
  private unwatch: (() => void) | null = null;
  private isClosed = false;
  private isRenewing = false;
  private readonly linkToken: (bookingId: string) => string | null;

  constructor(options: UsherOptions) {
    this.requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    this.rest = new Rest({
      base: baseOf(options.url),
      apiKey: options.apiKey,
      timeoutMs: this.requestTimeoutMs,
      dated: (date, sentAt) => this.clock.learnRoughly(date, sentAt),
      renewalDue: () => void this.renewToken(),
    });
    this.linkToken = options.linkToken ?? (() => null);
    this.keeper = new SessionKeeper(options.storage, options.token);
    this.bookings = new BookingRequests({
      rest: this.rest,
      withToken: (call) => this.withToken(call),
      linkToken: this.linkToken,
      requestTimeoutMs: this.requestTimeoutMs,
      changed: (booking) => this.bookingChanged(booking),
      outdated: (bookingId) => this.openBookings.get(bookingId)?.refresh(),
    });
    const listener = {
      up: () => this.eachStore((store) => store.up()),
      down: () => this.eachStore((store) => store.down()),
      refused: (error: UsherError) => this.eachShow((show) => show.refused(error)),
    };
    // Of several shows the one that was opened first: it stays the same for longest.
    this.connection = new Connection(options, this.keeper, listener, () => this.shows.keys().next().value ?? null);
    this.connection.events.on('seats:changed', (message) => this.shows.get(message.showId)?.seatsChanged(message));
    this.connection.events.on('show:version', (message) => {
      this.clock.learn(message.serverTime, null);
      this.shows.get(message.showId)?.versionAnnounced(message);
    });
    this.connection.events.on('show:changed', (message) => this.shows.get(message.showId)?.termsChanged(message));
    this.connection.events.on('show:reset', (snapshot, acknowledge) => {
      this.shows.get(snapshot.showId)?.reset(snapshot);
      acknowledge({ ok: true });
    });
    this.connection.events.on('booking:updated', ({ booking }) => {
      this.bookingChanged(booking);
      this.bookingListeners.tell(booking);
    });
    this.routeLines();
  }

  private bookingChanged(booking: Booking): void {
    this.shows.get(booking.showId)?.bookingChanged(booking);
    this.openBookings.get(booking.bookingId)?.heard(booking);
  }

  private routeLines(): void {
    const { events } = this.connection;
    events.on('queue:moved', (message) => this.shows.get(message.showId)?.line.moved(message));
    events.on('queue:placed', ({ queue }) => this.shows.get(queue.showId)?.line.placed(queue));
    events.on('queue:joined', ({ queue }) => this.shows.get(queue.showId)?.lineJoined(queue));
    events.on('queue:left', (message) => this.shows.get(message.showId)?.lineLeft(message));
    events.on('queue:offer', ({ showId, booking }) => {
      this.shows.get(showId)?.offered(booking);
      this.lineListeners.tell({ type: 'offer', showId, booking });
    });
    events.on('queue:admitted', ({ showId, until }) => {
      this.shows.get(showId)?.admitted();
      this.lineListeners.tell({ type: 'admitted', showId, until });
    });
    events.on('queue:expired', (message) => {
      const { showId, line, reason } = message;
      this.shows.get(showId)?.lineExpired(message);
      this.lineListeners.tell({ type: 'ended', showId, end: { line, reason } });
    });
    events.on('stay:ended', ({ showId }) => {
      this.shows.get(showId)?.stayEnded();
      this.lineListeners.tell({ type: 'ended', showId, end: { line: 'entry', reason: 'stayEnded' } });
    });
  }

  async session(): Promise<SessionInfo> {
    if (this.keeper.current) return this.keeper.current;
    if (this.isClosed) throw UsherError.network('The client is closed');
    // A socket that is on its way without a token brings a session; making another would be one too many.
    if (!this.connection.isStarted) return this.keeper.obtain(() => this.rest.createSession());
    return new Promise((resolve, reject) => {
      const late = (): void => reject(UsherError.timeout(`No session within ${this.requestTimeoutMs} ms`));
      const timer = setTimeout(late, this.requestTimeoutMs);
      void this.keeper.next().then((session) => {
        clearTimeout(timer);
        resolve(session);
      });
    });
  }

  /** Renews the session's token. If that fails, the answer to a later call asks for it again. */
  private async renewToken(): Promise<void> {
    const current = this.keeper.current;
    if (current === null || this.isRenewing || this.isClosed) return;
    this.isRenewing = true;
    try {
      const renewed = await this.rest.createSession(current.token);
      if (this.keeper.current?.token === current.token) this.keeper.adopt(renewed);
    } catch {
      // The token in use is still valid.
    } finally {
      this.isRenewing = false;
    }
  }

  /** Calls with the session's token; once more with a new session's, where the server knows the kept one no longer. */
  async withToken<T>(call: (token: string) => Promise<T>): Promise<T> {
    const { token } = await this.session();
    try {
      return await call(token);
    } catch (thrown) {
      if (toUsherError(thrown).code !== 'UNAUTHENTICATED') throw thrown;
      this.keeper.drop(token);
      return call((await this.session()).token);
    }
  }

  openShow(showId: number): ShowStore {
    if (this.isClosed) throw UsherError.network('The client is closed');
    const open = this.shows.get(showId);
    if (open) return open.use();
    const show = new LiveShow(showId, {
      connection: this.connection,
      clock: this.clock,
      requestTimeoutMs: this.requestTimeoutMs,
      readShow: () => this.rest.catalog().show(showId),
      readBooking: async (bookingId) => this.rest.booking(bookingId, (await this.session()).token),
      left: this.leaving.get(showId) ?? Promise.resolve(),
      closed: (left) => {
        this.shows.delete(showId);
        this.leaving.set(showId, left);
        void left.then(() => this.leaving.get(showId) === left && this.leaving.delete(showId));
      },
    });
    this.shows.set(showId, show);
    this.connect(); // only now: the connection says which show it is for
    return show.use();
  }

  openBooking(bookingId: string): BookingStore {
    if (this.isClosed) throw UsherError.network('The client is closed');
    const open = this.openBookings.get(bookingId);
    if (open) return open.use();
    const { connection } = this;
    this.connect();
    const booking = new LiveBooking(bookingId, {
      get isConnected() {
        return connection.isConnected;
      },
      isByLink: () => this.linkToken(bookingId) !== null,
      read: (id) => this.bookings.read(id),
      serverNow: () => this.clock.serverNow(),
      closed: () => this.openBookings.delete(bookingId),
    });
    this.openBookings.set(bookingId, booking);
    return booking.use();
  }

  onBooking(listener: (booking: Booking) => void): () => void {
    this.connect();
    return this.bookingListeners.add(listener);
  }

  close(): void {
    this.isClosed = true;
    this.eachStore((store) => store.shut(null));
    this.unwatch?.();
    this.unwatch = null;
    this.connection.close();
  }

  private connect(): void {
    if (this.isClosed) return;
    this.connection.start();
    this.unwatch ??= watch({
      tick: () => this.eachStore((store) => store.tick()),
      woke: () => {
        this.connection.wake();
        this.eachShow((show) => show.woke());
        for (const booking of Array.from(this.openBookings.values())) booking.refresh();
      },
    });
  }

  private eachStore(tell: (store: LiveShow | LiveBooking) => void): void {
    for (const store of [...this.shows.values(), ...this.openBookings.values()]) tell(store);
  }

  private eachShow(tell: (show: LiveShow) => void): void {
    for (const show of Array.from(this.shows.values())) tell(show);
  }
}
