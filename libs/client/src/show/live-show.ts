import type {
  Booking,
  Queue,
  QueueBody,
  QueueExpired,
  QueueLeft,
  ReserveBody,
  SeatMapSnapshot,
  SeatsChanged,
  Show,
  ShowChanged,
  ShowJoined,
  ShowVersion,
} from '@usher/contract';
import { BookingList } from '../bookings/booking-list.js';
import { toUsherError, UsherError, type UsherErrorCode } from '../common/errors.js';
import { GapCloser } from './gap-closer.js';
import { LiveLine } from '../line/live-line.js';
import { LiveStore } from '../common/live-store.js';
import { LiveTerms } from './live-terms.js';
import { backOff, retryDelay } from '../common/retry.js';
import { type RequestSurroundings, Requests } from './reservation-requests.js';
import { SeatMapState } from './seat-map.js';
import type { ServerClock } from '../connection/server-clock.js';
import type { ReserveOptions, ShowStore, ShowView } from '../types.js';
import { firstView, isSame, noSeats, type ViewChange } from './show-view.js';

const JOIN_MS = 5_000;
/** The same, where the connection itself is in doubt. */
const PROBE_MS = 3_000;
const JOIN_PAUSE_FIRST_MS = 500;
const JOIN_PAUSE_MAX_MS = 15_000;
/** While the server's word is older than ours. */
const CONFIRM_PAUSE_MS = 1_500;
/** The room hears a version at least every 5 s; two missing and some grace, and we are not in it. */
const SILENCE_MS = 12_000;
const WAKE_PAUSE_MS = 5_000;

/** Answers to a join that another try will not change. */
const final: ReadonlySet<UsherErrorCode> = new Set(['NOT_FOUND', 'INVALID_REQUEST', 'FORBIDDEN', 'SALE_CLOSED']);

/** What a show's store needs of the client that opened it. */
export interface ShowSurroundings extends RequestSurroundings {
  readonly clock: ServerClock;
  readShow(): Promise<Show>;
  /** Fulfilled when the server has heard that this show was left before; a join must not overtake that. */
  readonly left: Promise<void>;
  /** The last `close()`, or the show cannot be opened. `left` is fulfilled once the server has heard, or cannot. */
  closed(left: Promise<void>): void;
}

/** A show's map, kept right over one connection after another: joins, feeds {@link SeatMapState}, asks for what is missing. */
export class LiveShow extends LiveStore<ShowView> implements ShowStore {
  readonly line: LiveLine;

  private readonly bookings = new BookingList();
  private map = new SeatMapState();
  private readonly requests: Requests;
  private readonly gap: GapCloser;
  private readonly terms: LiveTerms;
  private isJoining = false;
  /** When the server last showed that we are in the room, on the monotonic clock; null while we are not. */
  private heardAt: number | null = null;
  private wokeAt = -Infinity;
  private joinTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly showId: number,
    private readonly around: ShowSurroundings,
  ) {
    super(firstView(showId));
    this.requests = new Requests(showId, around);
    this.terms = new LiveTerms(
      () => around.readShow(),
      () => this.update({}),
    );
    this.gap = new GapCloser(showId, {
      connection: around.connection,
      map: () => this.map,
      isListening: () => !this.isJoining && this.heardAt !== null,
      synced: () => this.afterNews(),
      refused: (error) => this.hearRefusal(error),
      join: () => void this.join(),
    });
    this.line = new LiveLine(showId, {
      connection: around.connection,
      requestTimeoutMs: around.requestTimeoutMs,
      changed: () => this.update({}),
      // Let in, most likely, and the word of it got lost. Else a join is a new place at the line's end.
      missing: (line) => line === 'entry' && void this.join(),
      left: () => this.view.access === 'waiting' && this.goOut(),
    });
    if (around.connection.isConnected) void this.join();
  }

  shut(error: UsherError | null): void {
    if (this.isShut) return;
    this.gap.rest();
    clearTimeout(this.joinTimer);
    this.line.close();
    this.terms.close();
    this.around.closed(this.leave());
    this.settle.reject(error ?? UsherError.network('The show was closed before it was there'));
    this.update({ connection: 'closed', error });
  }

  private async leave(): Promise<void> {
    const { connection } = this.around;
    if (!connection.isConnected) return;
    // If it gets lost, the server forgets us with the connection.
    await connection.send((socket) => socket.emitWithAck('show:leave', { showId: this.showId })).catch(() => undefined);
  }

  async reserve(wish: ReserveBody, options: ReserveOptions = {}): Promise<Booking> {
    try {
      const booking = await this.requests.reserve(wish, options.key);
      this.line.reserved(booking.bookingId);
      this.bookingChanged(booking);
      return booking;
    } catch (error) {
      this.hearRefusal(toUsherError(error));
      throw error;
    }
  }

  async release(bookingId: string): Promise<Booking> {
    const booking = await this.requests.release(bookingId);
    this.bookingChanged(booking);
    return booking;
  }

  async joinLine(wish: QueueBody): Promise<Queue | null> {
    const queue = await this.line.join(wish);
    if (queue?.line === 'entry') this.update({ access: 'waiting' });
    return queue;
  }

  async leaveLine(): Promise<void> {
    await this.line.leave();
    if (this.view.access === 'waiting') this.goOut();
  }

  /** This session joined the line by another socket or over REST. */
  lineJoined(queue: Queue): void {
    // The answer to the join that is under way says the same.
    if (this.isShut || !this.isJoined) return;
    this.line.joinedElsewhere(queue);
    if (queue.line === 'entry' && this.view.access === 'out') this.update({ access: 'waiting' });
  }

  /** This session left the line, by this socket, another one or over REST. */
  lineLeft(message: QueueLeft): void {
    if (this.isShut) return;
    if (!this.isJoined) {
      this.line.outdate();
      return;
    }
    if (this.line.left(message) && this.view.access === 'waiting') this.goOut();
  }

  enter(): void {
    if (this.view.access !== 'out') return;
    this.update({ access: 'waiting' });
    void this.join();
  }

  /** The connection is there, for the first time or again. */
  up(): void {
    this.heardAt = null;
    if (this.view.access !== 'out') {
      void this.join();
      return;
    }
    this.update({ connection: 'live' });
    // Seats can be waited for from outside.
    this.line.refresh();
  }

  down(): void {
    this.heardAt = null;
    this.line.down();
    this.gap.rest();
    if (this.view.connection === 'live') this.update({ connection: 'reconnecting' });
  }

  /** The connection is refused; it will be tried again. */
  refused(error: UsherError): void {
    this.update({ error });
  }

  seatsChanged(message: SeatsChanged): void {
    this.map.changed(message, performance.now());
    this.afterNews();
  }

  follow(show: Show): void {
    this.terms.follow(show);
  }

  termsChanged(message: ShowChanged): void {
    this.terms.heard(message);
  }

  versionAnnounced({ version, termsVersion }: ShowVersion): void {
    this.terms.announced(termsVersion);
    const now = performance.now();
    if (this.heardAt !== null) this.heardAt = now;
    this.map.announced(version, now);
    if (this.map.isDoubtRipe(now)) void this.join();
    this.afterNews();
  }

  /** The server has another history than the one that we were told of. */
  reset(snapshot: SeatMapSnapshot): void {
    if (this.isShut || this.view.access !== 'open') return;
    this.map.reset(snapshot);
    this.bookings.clear();
    this.update({});
    // For our bookings and our place in line. The answer to a join that is under way may be from before.
    this.joinLater(0);
  }

  bookingChanged(booking: Booking): void {
    if (booking.showId !== this.showId || this.isShut) return;
    this.bookings.put(booking);
    this.update({});
  }

  /** Seats were found for us. */
  offered(booking: Booking): void {
    if (this.isShut) return;
    this.line.offer(booking);
    this.bookingChanged(booking);
    if (this.view.access === 'waiting') void this.join();
  }

  /** It is our turn to come in. */
  admitted(): void {
    if (this.isShut || (this.isJoined && this.view.access === 'open')) return;
    this.line.admitted();
    void this.join();
  }

  lineExpired(message: QueueExpired): void {
    if (this.isShut) return;
    if (!this.isJoined) {
      this.line.outdate();
      return;
    }
    this.line.expired(message);
    if (message.line === 'entry') this.goOut();
  }

  stayEnded(): void {
    if (this.isShut) return;
    // The stay of a store that was closed a moment ago: this one is on its way in.
    if (!this.isJoined) {
      this.line.outdate();
      return;
    }
    this.line.stayEnded();
    this.goOut();
  }

  /** About every second. */
  tick(): void {
    this.line.tick();
    const now = performance.now();
    if (this.heardAt === null || this.view.access !== 'open' || now - this.heardAt <= SILENCE_MS) return;
    this.heardAt = now;
    this.update({ connection: 'reconnecting' });
    void this.join(0, PROBE_MS);
  }

  /** The machine slept, or the network is back: what the server sent meanwhile may be gone without a sign. */
  woke(): void {
    const now = performance.now();
    if (now - this.wokeAt < WAKE_PAUSE_MS || this.view.access === 'out') return;
    this.wokeAt = now;
    void this.join(0, PROBE_MS);
  }

  /** Whether the server has said at least once where we stand. */
  private get isJoined(): boolean {
    return this.view.connection !== 'connecting';
  }

  private async join(attempt = 0, timeoutMs = JOIN_MS): Promise<void> {
    const { connection, clock } = this.around;
    if (this.isJoining || this.isShut || !connection.isConnected) return;
    clearTimeout(this.joinTimer);
    this.isJoining = true;
    try {
      await this.around.left;
      if (this.isShut) return;
      const sentAt = performance.now();
      const mark = this.line.mark();
      const answer = await connection.send((socket) => {
        this.map.joinSent();
        return socket.emitWithAck('show:join', { showId: this.showId });
      }, timeoutMs);
      clock.learn(answer.serverTime, sentAt);
      this.isJoining = false;
      this.joined(answer, mark);
    } catch (error) {
      this.isJoining = false;
      this.joinFailed(toUsherError(error), attempt);
    }
  }

  private joined(answer: ShowJoined, mark: number): void {
    if (this.isShut) return;
    // We left, or our time was over, since that was written.
    if (this.view.access === 'out') return;
    const now = performance.now();
    this.heardAt = now;
    this.terms.announced(answer.termsVersion);
    if (answer.access === 'waiting') this.joinedLine(answer.queue, mark);
    else this.joinedRoom(answer, mark, now);
    this.settle.resolve();
    this.afterNews();
  }

  private joinedLine(queue: Queue, mark: number): void {
    this.map = new SeatMapState();
    const isUpToDate = this.line.joined(queue, [], mark);
    this.update({ connection: 'live', access: 'waiting', error: null });
    // Let in since that was written.
    if (!isUpToDate) void this.join();
  }

  private joinedRoom(answer: ShowJoined & { access: 'open' }, mark: number, now: number): void {
    const before = this.map.map?.version ?? 0;
    const isConfirmed = this.map.joined(answer, now);
    // A server that went back has other bookings, and their versions say nothing beside the ones we have.
    if ((this.map.map?.version ?? 0) < before) this.bookings.clear();
    const isUpToDate = this.line.joined(answer.queue, answer.bookings, mark);
    this.reconcile(answer.bookings, answer.version);
    this.update({ connection: 'live', access: 'open', error: null });
    if (!isUpToDate) this.joinLater(0);
    if (isConfirmed) return;
    this.joinLater(CONFIRM_PAUSE_MS);
    void this.gap.sync();
  }

  /** Neither inside nor in line any more: nothing is heard of the show until {@link enter}. */
  private goOut(): void {
    this.gap.rest();
    clearTimeout(this.joinTimer);
    this.heardAt = null;
    this.map = new SeatMapState();
    this.update({ access: 'out' });
  }

  /** A refusal may be the first we hear of not being inside. */
  private hearRefusal({ body }: UsherError): void {
    if (this.isShut || body?.code !== 'NOT_ADMITTED' || this.view.access !== 'open') return;
    this.line.notAdmitted(body.queue);
    this.goOut();
    if (body.queue !== null) this.enter();
  }

  private joinFailed(error: UsherError, attempt: number): void {
    if (this.isShut) return;
    if (final.has(error.code)) {
      this.shut(error);
      return;
    }
    const { connection } = this.around;
    // Connected, but nobody answers, and not for the first time: another node may.
    if (error.code === 'TIMEOUT' && attempt > 0 && connection.isConnected) connection.restart();
    // Lost: `up` will join again.
    if (!connection.isConnected) return;
    this.update({ error });
    const pauseMs = backOff(attempt, JOIN_PAUSE_FIRST_MS, JOIN_PAUSE_MAX_MS);
    this.joinLater(Math.max(pauseMs, retryDelay(error, attempt) ?? 0), attempt + 1);
  }

  private joinLater(ms: number, attempt = 0): void {
    clearTimeout(this.joinTimer);
    this.joinTimer = setTimeout(() => void this.join(attempt), ms);
  }

  private reconcile(live: readonly Booking[], version: number): void {
    for (const { bookingId } of this.bookings.reconcile(live, version)) {
      // What became of it is worth showing, where it can still be learnt; it is not live in any case.
      this.around.readBooking(bookingId).then(
        (booking) => this.bookingChanged(booking),
        () => undefined,
      );
    }
  }

  private afterNews(): void {
    this.update({});
    if (!this.isShut) this.gap.watch();
  }

  /** Makes the next view out of what is known now, if it differs, and tells the listeners. */
  private update(change: ViewChange): void {
    if (this.isShut) return;
    const next: ShowView = {
      ...this.view,
      ...(this.map.map ?? noSeats),
      bookings: this.bookings.items,
      ...this.line.view(this.bookings.items),
      show: this.terms.show,
      change: this.terms.change,
      ...change,
    };
    if (!isSame(this.view, next)) this.show(next);
  }
}
