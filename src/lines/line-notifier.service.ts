import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { LineName, ServerEvent, ServerPayload } from '@usher/contract';
import { Subject, type Subscription } from 'rxjs';
import { RealtimeGateway } from '../realtime/index.js';
import {
  type BookingRecord,
  chainLink,
  type LineChange,
  type OpenShow,
  type ShowAdvance,
  ShowRelay,
  ShowsService,
  toBooking,
  type Waiter,
} from '../shows/index.js';
import { LineBroadcaster } from './line-broadcaster.service.js';
import { LinePlaces } from './line-places.service.js';
import { WaitResults } from './wait-results.service.js';

/** Maximum number of sessions that receive their places before the event loop runs other work. */
const placesPerTurnMax = 500;

const iso = (ms: number): string => new Date(ms).toISOString();

/** The data for the notification of one change, besides the change itself. */
interface Context {
  readonly lane: OpenShow;
  readonly advance: ShowAdvance;
  readonly bookings: ReadonlyMap<string, BookingRecord>;
  /** Sessions that were removed from the show's room and have not received `stay:ended` yet. */
  readonly removed: Set<string>;
}

/**
 * Notifies the sessions of this node of what happens to them in lines. Every node does so from its own reading of the log.
 */
@Injectable()
export class LineNotifier implements OnModuleInit, OnModuleDestroy {
  /** Emits a session when its own place changed: it got an offer, was admitted, or left. */
  readonly changedSessions = new Subject<{ readonly showId: number; readonly sessionId: string }>();
  private readonly logger = new Logger(LineNotifier.name);
  private subscription: Subscription | null = null;

  constructor(
    private readonly shows: ShowsService,
    private readonly places: LinePlaces,
    private readonly realtime: RealtimeGateway,
    private readonly relay: ShowRelay,
    private readonly broadcaster: LineBroadcaster,
    private readonly results: WaitResults,
  ) {}

  onModuleInit(): void {
    this.subscription = this.shows.advances.subscribe((advance) => {
      this.catchErrors(advance.showId, () => this.notifyAll(advance.lane, advance));
    });
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
    this.changedSessions.complete();
  }

  private notifyAll(lane: OpenShow, advance: ShowAdvance): void {
    const { lineChanges, showId } = advance;
    if (lineChanges === null) {
      this.notifyOfPresentState(lane);
      return;
    }
    const removed = new Set<string>();
    for (const change of lineChanges) this.leaveRooms(change, lane, removed);
    if (lineChanges.length > 0) {
      // This runs after the answers were sent, so that a session receives its place before the message that the line
      // served it.
      setImmediate(() => {
        const bookings = new Map(advance.bookings.map((booking) => [booking.bookingId, booking]));
        const context = { lane, advance, bookings, removed };
        for (const change of lineChanges) this.catchErrors(showId, () => this.notify(change, context));
      });
    }
    for (const line of ['seats', 'entry'] as const) {
      const links = lineChanges.filter((change) => chainLink(change)?.line === line);
      if (links.length === 0) continue;
      const left = links.flatMap((change) => ('place' in change ? (change.place ?? []) : []));
      this.broadcaster.addMove(lane, line, lane.versionOfLine(line) - links.length, left);
    }
  }

  /** Notifies sessions of their present places, because the lane read the tables and does not know the changes. */
  private notifyOfPresentState(lane: OpenShow): void {
    const { showId } = lane;
    for (const line of ['seats', 'entry'] as const) {
      for (const sessionId of this.realtime.sessionsInLine(showId, line)) {
        const queue = this.places.findIn(lane, sessionId);
        if (queue?.line !== line) this.realtime.leaveLine(sessionId, showId, line);
        if (queue) this.realtime.sendToSession(sessionId, 'queue:placed', { queue });
        else this.notifyOfResult(showId, sessionId);
        this.changedSessions.next({ showId, sessionId });
      }
      this.broadcaster.addMove(lane, line, null, []);
    }
    for (const sessionId of this.realtime.sessionsInShow(showId)) {
      if (this.shows.canSee(lane, sessionId)) continue;
      this.realtime.expel(sessionId, showId);
      this.realtime.sendToSession(sessionId, 'stay:ended', { showId });
    }
  }

  /** Notifies a session of the result of its wait. The tables know it, because the lane did not read the change. */
  private notifyOfResult(showId: number, sessionId: string): void {
    const emit = <E extends ServerEvent>(event: E, payload: ServerPayload<E>) =>
      this.realtime.sendToSession(sessionId, event, payload);
    this.results.of(showId, sessionId, null).then(
      ({ type, line, ticket, reason, booking, until }) => {
        if (booking?.status === 'reserved') emit('queue:offer', { showId, booking });
        else if (type === 'admitted' && until !== null) emit('queue:admitted', { showId, until });
        else if (line !== null && type === 'calledOff') emit('queue:expired', { showId, line, reason: 'saleClosed' });
        else if (line !== null && reason) emit('queue:expired', { showId, line, reason });
        else if (line !== null && ticket !== null) emit('queue:left', { showId, line, ticket });
      },
      (error: unknown) =>
        this.logger.error({ showId, err: error }, 'could not read the result of a wait; the session is not notified'),
    );
  }

  /**
   * Removes the sockets of a session from the rooms that a change closes to it.
   *
   * @param removed receives each session that only waited for seats and so no longer sees the show
   */
  private leaveRooms(change: LineChange, lane: OpenShow, removed: Set<string>): void {
    const { showId } = lane;
    const leaveLine = (sessionId: string, line: LineName) => {
      // The session may wait in the same line with a newer line ticket.
      if (lane.waiterOf(sessionId)?.line !== line) this.realtime.leaveLine(sessionId, showId, line);
    };
    const leaveShow = (sessionId: string) => {
      if (!this.shows.canSee(lane, sessionId) && this.realtime.expel(sessionId, showId)) removed.add(sessionId);
    };
    switch (change.type) {
      case 'left':
        leaveLine(change.sessionId, change.line);
        if (change.line === 'seats') leaveShow(change.sessionId);
        break;
      case 'offered':
        leaveLine(change.sessionId, 'seats');
        leaveShow(change.sessionId);
        break;
      case 'entered':
        leaveLine(change.stay.sessionId, 'entry');
        break;
      case 'stayEnded':
        if (!this.shows.canSee(lane, change.sessionId)) this.realtime.expel(change.sessionId, showId);
        break;
      case 'joined':
      case 'shuffled':
      case 'keyUsed':
        break;
    }
  }

  private notify(change: LineChange, context: Context): void {
    switch (change.type) {
      case 'joined':
        this.notifyJoined(change.waiter, context);
        return;
      case 'left':
        this.notifyLeft(change, context);
        return;
      case 'offered':
        this.notifyOffered(change, context);
        return;
      case 'entered': {
        const { sessionId, until, lineTicket } = change.stay;
        if (lineTicket === null) return;
        const { showId } = context.lane;
        this.changedSessions.next({ showId, sessionId });
        this.relay.notifySession(context.advance, sessionId, 'queue:admitted', { showId, until: iso(until) });
        return;
      }
      case 'shuffled':
        this.notifyPlaces(context.lane);
        return;
      case 'stayEnded': {
        const { sessionId } = change;
        const { showId } = context.lane;
        this.changedSessions.next({ showId, sessionId });
        // A session that waits for seats may still see the show.
        if (this.shows.canSee(context.lane, sessionId)) return;
        this.relay.notifySession(context.advance, sessionId, 'stay:ended', { showId });
        return;
      }
      case 'keyUsed':
        return;
    }
  }

  /** Sends a new place to the session's other sockets. Sockets of this node that show the line then subscribe to it. */
  private notifyJoined({ sessionId, line, lineTicket }: Waiter, { lane, advance }: Context): void {
    const queue = this.places.findIn(lane, sessionId);
    // If the same batch also served the place, the session is notified of that instead.
    if (queue?.line !== line || queue.ticket !== lineTicket) return;
    const asker = advance.origins.get(sessionId)?.socketId ?? null;
    this.relay.notifySession(advance, sessionId, 'queue:joined', { queue }, asker);
  }

  private notifyLeft(change: Extract<LineChange, { type: 'left' }>, { lane, advance, removed }: Context): void {
    const { sessionId, line, lineTicket, kind, reason } = change;
    const { showId } = lane;
    this.changedSessions.next({ showId, sessionId });
    // Each node removes its own sockets from the room, so each node also sends this event itself.
    if (removed.delete(sessionId)) this.realtime.sendToSession(sessionId, 'stay:ended', { showId });
    // A session that waits again would take the end of its older offer for the end of its new place.
    if (lane.waiterOf(sessionId)?.line === line) return;
    if (kind !== 'leave' && reason) {
      this.relay.notifySession(advance, sessionId, 'queue:expired', { showId, line, reason });
    } else if (hasWaited(change)) {
      this.relay.notifySession(advance, sessionId, 'queue:left', { showId, line, ticket: lineTicket });
    }
  }

  private notifyOffered(change: Extract<LineChange, { type: 'offered' }>, context: Context): void {
    const { lane, advance, bookings, removed } = context;
    const { sessionId, bookingId } = change;
    const { showId } = lane;
    this.changedSessions.next({ showId, sessionId });
    const booking = bookings.get(bookingId);
    // If the node read the offer late, the offer may have ended. Another event then tells the session how.
    if (booking?.status === 'reserved') {
      const payload = { showId, booking: toBooking(lane.terms, booking) };
      this.relay.notifySession(advance, sessionId, 'queue:offer', payload);
    }
    if (removed.delete(sessionId)) this.realtime.sendToSession(sessionId, 'stay:ended', { showId });
  }

  /** Sends the drawn places to the members of the lobby that have sockets on this node. */
  private notifyPlaces(lane: OpenShow): void {
    const { showId } = lane;
    const sessions = [...this.realtime.sessionsInLine(showId, 'entry')];
    const notifySome = (from: number): void => {
      for (const sessionId of sessions.slice(from, from + placesPerTurnMax)) {
        const queue = this.places.findIn(lane, sessionId);
        if (queue) this.realtime.sendToSession(sessionId, 'queue:placed', { queue });
      }
      const next = from + placesPerTurnMax;
      if (next < sessions.length) setImmediate(() => this.catchErrors(showId, () => notifySome(next)));
    };
    notifySome(0);
  }

  // The commit has happened, so a failed notification must not end the process. Sessions see the change when they ask.
  private catchErrors(showId: number, notify: () => void): void {
    try {
      notify();
    } catch (error) {
      this.logger.error({ showId, err: error }, 'could not notify the sessions in a line');
    }
  }
}

/** Returns true if the session waited until it left. A session that gives offered seats back no longer waits. */
const hasWaited = ({ line, place }: Extract<LineChange, { type: 'left' }>): boolean =>
  line === 'entry' || place !== null;
