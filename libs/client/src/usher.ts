import type { Booking } from '@usher/contract';
import { type AccessCodes, createAccessCodes } from './access-codes/access-codes-api.js';
import { BookingApi, readBooking } from './bookings/booking-api.js';
import type { BookingStore } from './bookings/booking-types.js';
import { LiveBooking } from './bookings/live-booking.js';
import { createCatalog } from './catalog/catalog.js';
import type { Catalog } from './catalog/catalog-types.js';
import { ChallengeGate } from './challenge/challenge-gate.js';
import { solveAltcha } from './challenge/solve-altcha.js';
import { UsherError } from './common/errors.js';
import { Listeners } from './common/listeners.js';
import { Connection } from './connection/connection.js';
import { ServerClock } from './connection/server-clock.js';
import { watchForWake } from './connection/wake-watcher.js';
import { routeEvents } from './event-router.js';
import { createCheckIns } from './gate/check-ins.js';
import { RestClient, type WithToken } from './http/rest-client.js';
import { baseUrlOf } from './http/url.js';
import type { LineEvent } from './line/line-types.js';
import { createLines } from './line/lines-api.js';
import { createPush } from './line/push.js';
import { SessionAccess } from './session/session-access.js';
import { createSessionData, type SessionDataApi } from './session/session-data-api.js';
import { SessionKeeper } from './session/session-keeper.js';
import { LiveShow } from './show/live-show.js';
import type { ShowStore } from './show/show-types.js';
import type { Usher, UsherOptions } from './usher-types.js';

const defaultRequestTimeoutMs = 10_000;

/**
 * Creates a client of Usher. The client sends nothing before the first call that needs the server.
 *
 * @throws TypeError if `url` is not an absolute URL
 */
export function createUsher(options: UsherOptions): Usher {
  const client = new UsherClient(options);
  const withToken = client.access.withToken.bind(client.access);
  return {
    session: () => client.access.session(),
    openShow: (showId) => client.openShow(showId),
    openBooking: (bookingId) => client.openBooking(bookingId),
    bookings: client.bookings,
    catalog: client.catalog,
    lines: createLines(client.rest, withToken, client.challenges),
    accessCodes: client.accessCodes,
    push: createPush(client.rest, withToken),
    sessionData: client.sessionData,
    checkIns: createCheckIns(client.rest),
    onBooking: (listener) => client.onBooking(listener),
    onLine: (listener) => client.lineListeners.add(listener),
    serverNow: () => client.clock.serverNow(),
    close: () => client.close(),
  };
}

/** Creates the parts of the SDK, connects them, and keeps the open stores. */
class UsherClient {
  readonly rest: RestClient;
  readonly access: SessionAccess;
  readonly challenges: ChallengeGate;
  readonly catalog: Catalog;
  readonly accessCodes: AccessCodes;
  readonly bookings: BookingApi;
  readonly sessionData: SessionDataApi;
  readonly clock = new ServerClock();
  readonly lineListeners = new Listeners<[LineEvent]>();
  private readonly bookingListeners = new Listeners<[Booking]>();
  private readonly requestTimeoutMs: number;
  private readonly connection: Connection;
  private readonly linkToken: (bookingId: string) => string | null;
  private readonly shows = new Map<number, LiveShow>();
  /** For each show that was just closed, a promise that resolves when the server has processed its `show:leave`. */
  private readonly pendingLeaves = new Map<number, Promise<void>>();
  private readonly openBookings = new Map<string, LiveBooking>();
  private stopWakeWatch: (() => void) | null = null;
  private isClosed = false;

  constructor(options: UsherOptions) {
    this.requestTimeoutMs = options.requestTimeoutMs ?? defaultRequestTimeoutMs;
    this.rest = new RestClient({
      baseUrl: baseUrlOf(options.url),
      apiKey: options.apiKey,
      timeoutMs: this.requestTimeoutMs,
      onDate: (date, sentAt) => this.clock.learnFromDateHeader(date, sentAt),
      onRenewalDue: () => void this.access.renewToken(),
    });
    this.catalog = createCatalog(this.rest);
    this.linkToken = options.linkToken ?? (() => null);
    const keeper = new SessionKeeper(options.storage, options.token);
    this.access = new SessionAccess({
      rest: this.rest,
      keeper,
      requestTimeoutMs: this.requestTimeoutMs,
      isSocketStarted: () => this.connection.isStarted,
      isClosed: () => this.isClosed,
    });
    this.challenges = new ChallengeGate({
      rest: this.rest,
      withToken: (call) => this.access.withToken(call),
      requestTimeoutMs: this.requestTimeoutMs,
      solve: options.solveChallenge ?? solveAltcha,
      onChanged: (showId) => this.shows.get(showId)?.onChallengeChanged(),
    });
    this.bookings = new BookingApi({
      rest: this.rest,
      withToken: (call) => this.access.withToken(call),
      linkToken: this.linkToken,
      requestTimeoutMs: this.requestTimeoutMs,
      onChanged: (booking) => this.updateStores(booking),
      onOutdated: (bookingId) => this.openBookings.get(bookingId)?.refresh(),
    });
    this.connection = this.createConnection(options, keeper);
    const { rest, access, connection } = this;
    const withToken: WithToken = (call) => access.withToken(call);
    this.accessCodes = createAccessCodes(rest, withToken);
    const whileDisconnected = <T>(work: () => Promise<T>) => connection.whileDisconnected(work);
    this.sessionData = createSessionData({ rest, withToken, access, keeper, whileDisconnected });
  }

  private createConnection(options: UsherOptions, keeper: SessionKeeper): Connection {
    const listener = {
      onConnected: () => this.forEachStore((store) => store.onConnected()),
      onDisconnected: () => this.forEachStore((store) => store.onDisconnected()),
      onRefused: (error: UsherError) => this.forEachShow((show) => show.onConnectionRefused(error)),
    };
    // If several shows are open, the connection names the show that was opened first, because this choice changes least
    // often.
    const viewedShow = () => this.shows.keys().next().value ?? null;
    const connection = new Connection(options, keeper, listener, viewedShow);
    routeEvents(connection.events, {
      clock: this.clock,
      show: (showId) => this.shows.get(showId),
      onBookingUpdated: (booking) => {
        this.updateStores(booking);
        this.bookingListeners.notify(booking);
      },
      onLineEvent: (event) => this.lineListeners.notify(event),
    });
    return connection;
  }

  private updateStores(booking: Booking): void {
    this.shows.get(booking.showId)?.onBookingUpdated(booking);
    this.openBookings.get(booking.bookingId)?.onBookingUpdated(booking);
  }

  openShow(showId: number): ShowStore {
    if (this.isClosed) throw UsherError.network('The client is closed');
    const open = this.shows.get(showId);
    if (open) return open.addUser();
    const show = new LiveShow(showId, {
      connection: this.connection,
      clock: this.clock,
      challenges: this.challenges,
      requestTimeoutMs: this.requestTimeoutMs,
      readShow: () => this.catalog.show(showId),
      redeemAccessCode: (code) => this.accessCodes.redeem(showId, code),
      readBooking: async (bookingId) => readBooking(this.rest, bookingId, (await this.access.session()).token),
      previousLeave: this.pendingLeaves.get(showId) ?? Promise.resolve(),
      onShutDown: (left) => {
        this.shows.delete(showId);
        this.pendingLeaves.set(showId, left);
        void left.then(() => this.pendingLeaves.get(showId) === left && this.pendingLeaves.delete(showId));
      },
    });
    this.shows.set(showId, show);
    this.connect(); // The connection names the show that is viewed, so the show must be in `shows` first.
    return show.addUser();
  }

  openBooking(bookingId: string): BookingStore {
    if (this.isClosed) throw UsherError.network('The client is closed');
    const open = this.openBookings.get(bookingId);
    if (open) return open.addUser();
    const { connection } = this;
    this.connect();
    const booking = new LiveBooking(bookingId, {
      get isConnected() {
        return connection.isConnected;
      },
      isReadByLink: () => this.linkToken(bookingId) !== null,
      read: (id) => this.bookings.read(id),
      serverNow: () => this.clock.serverNow(),
      onShutDown: () => this.openBookings.delete(bookingId),
    });
    this.openBookings.set(bookingId, booking);
    return booking.addUser();
  }

  onBooking(listener: (booking: Booking) => void): () => void {
    this.connect();
    return this.bookingListeners.add(listener);
  }

  close(): void {
    this.isClosed = true;
    this.forEachStore((store) => store.shutDown(null));
    this.stopWakeWatch?.();
    this.stopWakeWatch = null;
    this.connection.close();
  }

  private connect(): void {
    if (this.isClosed) return;
    this.connection.start();
    this.stopWakeWatch ??= watchForWake({
      onTick: () => this.forEachStore((store) => store.onTick()),
      onWake: () => {
        this.connection.reconnectAfterWake();
        this.forEachShow((show) => show.onWake());
        for (const booking of Array.from(this.openBookings.values())) booking.refresh();
      },
    });
  }

  // A store may close itself during the call, so both methods iterate over a copy.
  private forEachStore(call: (store: LiveShow | LiveBooking) => void): void {
    for (const store of [...this.shows.values(), ...this.openBookings.values()]) call(store);
  }

  private forEachShow(call: (show: LiveShow) => void): void {
    for (const show of Array.from(this.shows.values())) call(show);
  }
}
