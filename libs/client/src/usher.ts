import type { Booking } from '@usher/contract';
import { Connection } from './connection.js';
import { UsherError } from './errors.js';
import { Listeners } from './listeners.js';
import { Rest } from './rest.js';
import { ServerClock } from './server-clock.js';
import { SessionKeeper } from './session.js';
import { LiveShow } from './show-store.js';
import type { SessionInfo, ShowStore, Usher, UsherOptions } from './types.js';
import { watch } from './wake.js';

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
    catalog: client.rest.catalog(),
    onBooking: (listener) => client.onBooking(listener),
    serverNow: () => client.clock.serverNow(),
    close: () => client.close(),
  };
}

/** Ties the parts together: routes what comes over the one connection to the shows it is about. */
class Client {
  readonly rest: Rest;
  readonly clock = new ServerClock();
  private readonly requestTimeoutMs: number;
  private readonly keeper: SessionKeeper;
  private readonly connection: Connection;
  private readonly shows = new Map<number, LiveShow>();
  /** Shows that were closed, with when the server knows of it. */
  private readonly leaving = new Map<number, Promise<void>>();
  private readonly bookingListeners = new Listeners<[Booking]>();
  private unwatch: (() => void) | null = null;
  private isClosed = false;

  constructor(options: UsherOptions) {
    this.requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
    const url = new URL(options.url);
    const base = url.origin + url.pathname.replace(/\/+$/, '');
    this.rest = new Rest({ base, apiKey: options.apiKey, timeoutMs: this.requestTimeoutMs });
    this.keeper = new SessionKeeper(options.storage, options.token);
    this.connection = new Connection(options, this.keeper, {
      up: () => this.eachShow((show) => show.up()),
      down: () => this.eachShow((show) => show.down()),
      refused: (error) => this.eachShow((show) => show.refused(error)),
    });
    this.connection.events.on('seats:changed', (message) => this.shows.get(message.showId)?.seatsChanged(message));
    this.connection.events.on('show:version', (message) => {
      this.clock.learn(message.serverTime, null);
      this.shows.get(message.showId)?.versionAnnounced(message);
    });
    this.connection.events.on('booking:updated', ({ booking }) => {
      this.shows.get(booking.showId)?.bookingChanged(booking);
      this.bookingListeners.tell(booking);
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

  openShow(showId: number): ShowStore {
    if (this.isClosed) throw UsherError.network('The client is closed');
    const open = this.shows.get(showId);
    if (open) return open.use();
    this.connect();
    const show = new LiveShow(showId, {
      connection: this.connection,
      clock: this.clock,
      requestTimeoutMs: this.requestTimeoutMs,
      readBooking: async (bookingId) => this.rest.booking(bookingId, (await this.session()).token),
      left: this.leaving.get(showId) ?? Promise.resolve(),
      closed: (left) => {
        this.shows.delete(showId);
        this.leaving.set(showId, left);
        void left.then(() => this.leaving.get(showId) === left && this.leaving.delete(showId));
      },
    });
    this.shows.set(showId, show);
    return show.use();
  }

  onBooking(listener: (booking: Booking) => void): () => void {
    this.connect();
    return this.bookingListeners.add(listener);
  }

  close(): void {
    this.isClosed = true;
    this.eachShow((show) => show.shut(null));
    this.unwatch?.();
    this.unwatch = null;
    this.connection.close();
  }

  private connect(): void {
    if (this.isClosed) return;
    this.connection.start();
    this.unwatch ??= watch({
      tick: () => this.eachShow((show) => show.tick()),
      woke: () => {
        this.connection.wake();
        this.eachShow((show) => show.woke());
      },
    });
  }

  private eachShow(tell: (show: LiveShow) => void): void {
    for (const show of Array.from(this.shows.values())) tell(show);
  }
}
