import type {
  AccessCodeAllowance,
  Booking,
  Queue,
  QueueBody,
  ReserveBody,
  ServerPayload,
  Show,
  ShowJoined,
} from '@usher/contract';
import { BookingList } from '../bookings/booking-list.js';
import { toUsherError, UsherError } from '../common/errors.js';
import { LiveStore } from '../common/live-store.js';
import { LiveLine } from '../line/live-line.js';
import { GapCloser } from './gap-closer.js';
import type { LiveShowContext } from './live-show-context.js';
import { ReservationRequests } from './reservation-requests.js';
import { RoomMembership } from './room-membership.js';
import { RoomWatch } from './room-watch.js';
import { SeatMapState } from './seat-map.js';
import { ShowTerms } from './show-terms.js';
import type { ReserveOptions, ShowStore, ShowView } from './show-types.js';
import { emptySeatMap, initialView, isSameView, type ViewChange } from './show-view.js';

/** Timeout of a join that also checks whether the connection works. */
const probeTimeoutMs = 3_000;
/** Delay before the next join if the last answer was older than the map. */
const confirmDelayMs = 1_500;

/**
 * The store of one show. It joins the show's room each time the client connects. It passes the server's messages to the
 * seat map, the line, the bookings and the terms.
 */
export class LiveShow extends LiveStore<ShowView> implements ShowStore {
  readonly line: LiveLine;
  readonly terms: ShowTerms;

  private readonly bookings = new BookingList();
  private seatMap = new SeatMapState();
  private readonly requests: ReservationRequests;
  private readonly room: RoomMembership;
  private readonly gapCloser: GapCloser;
  private readonly watch = new RoomWatch();

  constructor(
    readonly showId: number,
    private readonly context: LiveShowContext,
  ) {
    super(initialView(showId));
    const { connection, challenges } = context;
    this.requests = new ReservationRequests(showId, context);
    this.terms = new ShowTerms(
      () => context.readShow(),
      () => this.update({}),
    );
    this.room = new RoomMembership(showId, {
      connection,
      challenges,
      clock: context.clock,
      previousLeave: context.previousLeave,
      isShutDown: () => this.isShutDown,
      onSending: () => {
        this.seatMap.onJoinSent();
        return this.line.mark();
      },
      onJoined: (answer, lineMark) => this.onJoined(answer, lineMark),
      onRetry: (error) => this.update({ error }),
      onCodeRequired: (error) => this.onCodeRequired(error),
      onRefused: (error) => this.shutDown(error),
    });
    this.gapCloser = new GapCloser(showId, {
      connection,
      seatMap: () => this.seatMap,
      isInRoom: () => !this.room.isJoining && this.watch.isInRoom,
      onSyncDone: () => this.afterSeatMessage(),
      onError: (error) => this.onRequestFailed(error),
      joinAgain: () => this.join(),
    });
    this.line = new LiveLine(showId, {
      connection,
      challenges,
      requestTimeoutMs: context.requestTimeoutMs,
      onChanged: () => this.update({}),
      // The session was probably admitted, but the message about that was lost. If the session was not admitted, the
      // join gives it a new place at the end of the line.
      onGone: (line) => line === 'entry' && this.join(),
      onLeft: () => this.view.access === 'waiting' && this.endAccess(),
    });
    if (connection.isConnected) this.join();
  }

  shutDown(error: UsherError | null): void {
    if (this.isShutDown) return;
    this.gapCloser.cancel();
    this.room.cancelScheduledJoin();
    this.line.close();
    this.terms.close();
    this.context.onShutDown(this.room.leave());
    this.settleReady.reject(error ?? UsherError.network('The show was closed before its first map arrived'));
    this.update({ connection: 'closed', error });
  }

  async reserve(body: ReserveBody, options: ReserveOptions = {}): Promise<Booking> {
    const booking = await this.requests.reserve(body, options.key).catch(this.rethrow);
    this.line.addReserved(booking.bookingId);
    this.onBookingUpdated(booking);
    return booking;
  }

  async release(bookingId: string): Promise<Booking> {
    const booking = await this.requests.release(bookingId);
    this.onBookingUpdated(booking);
    return booking;
  }

  async joinLine(body: QueueBody): Promise<Queue | null> {
    const queue = await this.line.join(body).catch(this.rethrow);
    if (queue?.line === 'entry') this.update({ access: 'waiting' });
    return queue;
  }

  async leaveLine(): Promise<void> {
    await this.line.leave();
    if (this.view.access === 'waiting') this.endAccess();
  }

  async redeemAccessCode(code: string): Promise<AccessCodeAllowance> {
    const allowance = await this.context.redeemAccessCode(code);
    if (this.view.error?.code === 'CODE_REQUIRED') {
      this.update({ error: null });
      this.enter();
    }
    return allowance;
  }

  enter(): void {
    if (this.view.access !== 'out') return;
    this.update({ access: 'waiting', error: null });
    this.join();
  }

  retryChallenge(): void {
    if (this.view.challenge === 'failed') void this.room.retryChallenge(() => this.view.access !== 'out');
  }

  follow(show: Show): void {
    this.terms.follow(show);
  }

  /** Handles a new connection, the first or a later one. */
  onConnected(): void {
    this.watch.onLeft();
    if (this.view.access !== 'out') {
      this.join();
      return;
    }
    this.update({ connection: 'live' });
    // A session that is not inside may still wait in the line for seats.
    this.line.refresh();
  }

  onDisconnected(): void {
    this.watch.onLeft();
    this.line.onDisconnected();
    this.gapCloser.cancel();
    if (this.view.connection === 'live') this.update({ connection: 'reconnecting' });
  }

  /** Handles the beginning and the end of a challenge. */
  onChallengeChanged(): void {
    this.update({ challenge: this.context.challenges.stateOf(this.showId) });
  }

  /** Handles a refused connection. The connection retries by itself. */
  onConnectionRefused(error: UsherError): void {
    this.update({ error });
  }

  /** Handles `seats:changed`. */
  onSeatsChanged(message: ServerPayload<'seats:changed'>): void {
    this.seatMap.applyChange(message, performance.now());
    this.afterSeatMessage();
  }

  /** Handles `show:version`. */
  onVersion({ version, termsVersion }: ServerPayload<'show:version'>): void {
    this.terms.onTermsVersion(termsVersion);
    const now = performance.now();
    this.watch.onVersion(now);
    this.seatMap.applyVersion(version, now);
    if (this.seatMap.hasServerRolledBack(now)) this.join();
    this.afterSeatMessage();
  }

  /** Handles `show:reset`: the server's history differs from the history that this client has received. */
  onReset(snapshot: ServerPayload<'show:reset'>): void {
    if (this.isShutDown || this.view.access !== 'open') return;
    this.seatMap.applyReset(snapshot);
    this.bookings.clear();
    this.update({});
    // The answer to a join that is in progress may be from before the reset. The answer to a new join has the session's
    // current bookings and its place in line.
    this.room.scheduleJoin(0);
  }

  /** Handles `booking:updated` and the answer to a request about a booking. */
  onBookingUpdated(booking: Booking): void {
    if (booking.showId !== this.showId || this.isShutDown) return;
    this.bookings.put(booking);
    this.update({});
  }

  /** Handles `queue:joined`: this session joined the line by another socket or over REST. */
  onLineJoined(queue: Queue): void {
    // If a join of the room is in progress, its answer has the same place.
    if (this.isShutDown || !this.hasJoined) return;
    this.line.onJoinedElsewhere(queue);
    if (queue.line === 'entry' && this.view.access === 'out') this.update({ access: 'waiting' });
  }

  /** Handles `queue:left`: this session left the line by any of its sockets or over REST. */
  onLineLeft(message: ServerPayload<'queue:left'>): void {
    if (!this.canWaitHaveEnded()) return;
    if (this.line.onLeft(message) && this.view.access === 'waiting') this.endAccess();
  }

  /** Handles `queue:offer`. */
  onOffer(booking: Booking): void {
    if (this.isShutDown) return;
    this.line.onOffer(booking);
    this.onBookingUpdated(booking);
    if (this.view.access === 'waiting') this.join();
  }

  /** Handles `queue:admitted`. */
  onAdmitted(): void {
    if (this.isShutDown || (this.hasJoined && this.view.access === 'open')) return;
    this.line.onAdmitted();
    this.join();
  }

  /** Handles `queue:expired`. */
  onLineExpired(message: ServerPayload<'queue:expired'>): void {
    if (!this.canWaitHaveEnded()) return;
    this.line.onExpired(message);
    if (message.line === 'entry') this.endAccess();
  }

  /** Handles `stay:ended`. */
  onStayEnded(): void {
    if (!this.canWaitHaveEnded()) return;
    this.line.onStayEnded();
    this.endAccess();
  }

  /** Called about every second. */
  onTick(): void {
    this.line.onTick();
    const now = performance.now();
    if (this.view.access !== 'open' || !this.watch.isCheckDue(now)) return;
    this.update({ connection: 'reconnecting' });
    void this.room.join(0, probeTimeoutMs);
  }

  /** Called after the machine slept or the network returned. The client may have missed messages without noticing. */
  onWake(): void {
    const now = performance.now();
    if (this.view.access === 'out' || !this.watch.isWakeCheckDue(now)) return;
    void this.room.join(0, probeTimeoutMs);
  }

  /** Whether the server has answered a join at least once. */
  private get hasJoined(): boolean {
    return this.view.connection !== 'connecting';
  }

  /**
   * Returns whether an event that ended a wait or a stay applies to this store. If this store is still joining, the
   * wait may belong to an earlier store of the same show that was just closed. In that case, this method marks the
   * answers in progress as out of date.
   */
  private canWaitHaveEnded(): boolean {
    if (this.isShutDown) return false;
    if (!this.hasJoined) this.line.invalidatePendingAnswers();
    return this.hasJoined;
  }

  private join(): void {
    void this.room.join();
  }

  private onJoined(answer: ShowJoined, lineMark: number): void {
    if (this.isShutDown) return;
    // The session left the line, or its stay ended, after the server wrote this answer.
    if (this.view.access === 'out') return;
    const now = performance.now();
    this.watch.onJoined(now);
    this.terms.onTermsVersion(answer.termsVersion);
    if (answer.access === 'waiting') this.onMustWait(answer.queue, lineMark);
    else this.onInside(answer, lineMark, now);
    this.settleReady.resolve();
    this.afterSeatMessage();
  }

  private onMustWait(queue: Queue, lineMark: number): void {
    this.seatMap = new SeatMapState();
    const isUpToDate = this.line.applyJoin(queue, [], lineMark);
    this.update({ connection: 'live', access: 'waiting', error: null });
    // The server admitted the session after it wrote this answer.
    if (!isUpToDate) this.join();
  }

  private onInside(answer: ShowJoined & { access: 'open' }, lineMark: number, now: number): void {
    const versionBefore = this.seatMap.map?.version ?? 0;
    const isConfirmed = this.seatMap.applyJoin(answer, now);
    // The server has rolled back to an older state. Its bookings now have a different history, so their versions cannot
    // be compared with the known versions.
    if ((this.seatMap.map?.version ?? 0) < versionBefore) this.bookings.clear();
    const isUpToDate = this.line.applyJoin(answer.queue, answer.bookings, lineMark);
    this.reconcileBookings(answer.bookings, answer.version);
    this.update({ connection: 'live', access: 'open', error: null });
    if (!isUpToDate) this.room.scheduleJoin(0);
    if (isConfirmed) return;
    this.room.scheduleJoin(confirmDelayMs);
    void this.gapCloser.sync();
  }

  /**
   * Handles the end of the session's stay or wait. Until {@link enter} is called, the store receives nothing about the
   * show.
   */
  private endAccess(): void {
    this.gapCloser.cancel();
    this.room.cancelScheduledJoin();
    this.watch.onLeft();
    this.seatMap = new SeatMapState();
    this.update({ access: 'out' });
  }

  /** Handles a refused join. The store does not join again before the session has used a code or asks for entry. */
  private onCodeRequired(error: UsherError): void {
    this.endAccess();
    this.update({ connection: 'live', error });
  }

  /** Handles the error of a call and passes it on to the caller. */
  private readonly rethrow = (error: unknown): never => {
    this.onRequestFailed(toUsherError(error));
    throw error;
  };

  /**
   * Handles an error that a request returned. The error may be the first sign that the session is not inside the show.
   */
  private onRequestFailed(error: UsherError): void {
    if (error.code === 'CODE_REQUIRED') this.update({ error });
    if (this.isShutDown || error.body?.code !== 'NOT_ADMITTED' || this.view.access !== 'open') return;
    this.line.onNotAdmitted(error.body.queue);
    this.endAccess();
    if (error.body.queue !== null) this.enter();
  }

  private reconcileBookings(live: readonly Booking[], version: number): void {
    for (const { bookingId } of this.bookings.reconcile(live, version)) {
      // The client reads the booking to show how it ended. If the read fails, the view just no longer has the booking.
      const update = (booking: Booking) => this.onBookingUpdated(booking);
      this.context.readBooking(bookingId).then(update, () => undefined);
    }
  }

  private afterSeatMessage(): void {
    this.update({});
    if (!this.isShutDown) this.gapCloser.schedule();
  }

  /** Builds the next view. Publishes it if it differs from the current view. */
  private update(change: ViewChange): void {
    if (this.isShutDown) return;
    const next: ShowView = {
      ...this.view,
      ...(this.seatMap.map ?? emptySeatMap),
      bookings: this.bookings.items,
      ...this.line.view(this.bookings.items),
      show: this.terms.show,
      termsChange: this.terms.termsChange,
      ...change,
    };
    if (!isSameView(this.view, next)) this.publish(next);
  }
}
