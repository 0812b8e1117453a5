import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Subscription, Subject } from 'rxjs';
import { RealtimeGateway } from '../realtime/index.js';
import type { LineName, ServerEvent, ServerPayload } from '@usher/contract';
import {
  type BookingRecord,
  chainLink,
  JoinOrigins,
  LineBroadcaster,
  type LineChange,
  type ShowAdvance,
  type ShowLane,
  ShowRelay,
  ShowsService,
  toBooking,
  type Waiter,
} from '../shows/index.js';
import { WaitOutcomes } from './wait-outcomes.service.js';

const iso = (ms: number): string => new Date(ms).toISOString();

/** What telling of a change needs beside it. */
interface About {
  readonly advance: ShowAdvance;
  readonly bookings: ReadonlyMap<string, BookingRecord>;
  /** Sessions that the show was closed to, and that have not been told so. */
  readonly shownOut: Set<string>;
  /** The sockets that asked for the places of joiners, by session. */
  readonly origins: ReadonlyMap<string, string | null>;
}

/** Tells sessions of this node what happens to them in line: each node does so from its own reading of the log. */
@Injectable()
export class LineNotifier implements OnModuleInit, OnModuleDestroy {
  /** Sessions whose own place changed: offered, admitted, gone. */
  readonly touched = new Subject<{ readonly showId: number; readonly sessionId: string }>();
  private readonly logger = new Logger(LineNotifier.name);
  private subscription: Subscription | null = null;

  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly relay: ShowRelay,
    private readonly broadcaster: LineBroadcaster,
    private readonly origins: JoinOrigins,
    private readonly outcomes: WaitOutcomes,
  ) {}

  onModuleInit(): void {
    this.subscription = this.shows.advances.subscribe((advance) => {
      this.orLogged(advance.showId, () => this.tell(advance, advance.lane));
    });
  }

  onModuleDestroy(): void {
    this.subscription?.unsubscribe();
    this.touched.complete();
  }

  private tell(advance: ShowAdvance, lane: ShowLane): void {
    const { lineChanges, showId } = advance;
    if (lineChanges === null) {
      this.tellAnew(lane);
      return;
    }
    const shownOut = new Set<string>();
    for (const change of lineChanges) this.leaveRooms(change, lane, shownOut);
    if (lineChanges.length > 0) {
      // Read now: as soon as the calls are answered, nobody knows whose they were.
      const joiners = lineChanges.flatMap((change) => (change.type === 'joined' ? change.waiter.sessionId : []));
      const origins = new Map(joiners.map((sessionId) => [sessionId, this.origins.get(showId, sessionId)]));
      // After the answers: who asks for a place hears of it before they hear that it was served.
      setImmediate(() => {
        const bookings = new Map(advance.bookings.map((booking) => [booking.bookingId, booking]));
        const about = { advance, bookings, shownOut, origins };
        for (const change of lineChanges) this.orLogged(showId, () => this.tellOne(change, about, lane));
      });
    }
    for (const line of ['seats', 'entry'] as const) {
      const links = lineChanges.filter((change) => chainLink(change)?.line === line);
      if (links.length === 0) continue;
      const left = links.flatMap((change) => ('place' in change ? (change.place ?? []) : []));
      this.broadcaster.moved(lane, line, lane.state.lines[line].version - links.length, left);
    }
  }

  /** The show was read anew: what happened in between is not known, only how things are. */
  private tellAnew(lane: ShowLane): void {
    const { showId } = lane.terms;
    for (const line of ['seats', 'entry'] as const) {
      for (const sessionId of this.realtime.sessionsInLine(showId, line)) {
        const queue = this.shows.queueIn(lane, sessionId);
        if (queue?.line !== line) this.realtime.leaveLine(sessionId, showId, line);
        if (queue) this.realtime.sendToSession(sessionId, 'queue:placed', { queue });
        else this.tellEnd(showId, sessionId);
        this.touched.next({ showId, sessionId });
      }
      this.broadcaster.moved(lane, line, null, []);
    }
    for (const sessionId of this.realtime.sessionsInShow(showId)) {
      if (this.shows.maySee(lane, sessionId)) continue;
      this.realtime.expel(sessionId, showId);
      this.realtime.sendToSession(sessionId, 'stay:ended', { showId });
    }
  }

  /** A place is gone, and the change that ended it was not read: the tables know what became of it. */
  private tellEnd(showId: number, sessionId: string): void {
    const tell = <E extends ServerEvent>(event: E, payload: ServerPayload<E>) =>
      this.realtime.sendToSession(sessionId, event, payload);
    this.outcomes.of(showId, sessionId, null).then(
      ({ type, line, ticket, reason, booking, until }) => {
        if (booking?.status === 'reserved') tell('queue:offer', { showId, booking });
        else if (type === 'admitted' && until !== null) tell('queue:admitted', { showId, until });
        else if (line !== null && type === 'calledOff') tell('queue:expired', { showId, line, reason: 'saleClosed' });
        else if (line !== null && reason) tell('queue:expired', { showId, line, reason });
        else if (line !== null && ticket !== null) tell('queue:left', { showId, line, ticket });
      },
      (error: unknown) =>
        this.logger.error({ showId, err: error }, 'the end of a wait could not be read; not notified'),
    );
  }

  /** @param shownOut takes the sessions that only waited for seats, and with the wait lost the sight of them */
  private leaveRooms(change: LineChange, lane: ShowLane, shownOut: Set<string>): void {
    const { showId } = lane.terms;
    const leave = (sessionId: string, line: LineName) => {
      // An older ticket may end while the session stands there with a new one.
      if (lane.state.standing.get(sessionId)?.line !== line) this.realtime.leaveLine(sessionId, showId, line);
    };
    const showOut = (sessionId: string) => {
      if (!this.shows.maySee(lane, sessionId) && this.realtime.expel(sessionId, showId)) shownOut.add(sessionId);
    };
    switch (change.type) {
      case 'left':
        leave(change.sessionId, change.line);
        if (change.line === 'seats') showOut(change.sessionId);
        break;
      case 'offered':
        leave(change.sessionId, 'seats');
        showOut(change.sessionId);
        break;
      case 'entered':
        leave(change.shopper.sessionId, 'entry');
        break;
      case 'stayEnded':
        if (!this.shows.maySee(lane, change.sessionId)) this.realtime.expel(change.sessionId, showId);
        break;
      case 'joined':
      case 'shuffled':
      case 'keyUsed':
        break;
    }
  }

  private tellOne(change: LineChange, about: About, lane: ShowLane): void {
    const { advance, bookings, shownOut } = about;
    const { showId } = lane.terms;
    const tell = <E extends ServerEvent>(sessionId: string, event: E, payload: ServerPayload<E>) =>
      this.relay.tellSession(advance, sessionId, event, payload);
    switch (change.type) {
      case 'joined':
        this.tellJoined(change.waiter, about, lane);
        return;
      case 'keyUsed':
        return;
      case 'left': {
        const { sessionId, line, ticket, kind, reason } = change;
        this.touched.next({ showId, sessionId });
        // Who stands there anew would take the end of an older offer for the end of the new place.
        const standsAnew = lane.state.standing.get(sessionId)?.line === line;
        // Each node shows out its own sockets.
        if (shownOut.delete(sessionId)) this.realtime.sendToSession(sessionId, 'stay:ended', { showId });
        if (standsAnew) return;
        if (kind !== 'leave' && reason) tell(sessionId, 'queue:expired', { showId, line, reason });
        else if (hasWaited(change)) tell(sessionId, 'queue:left', { showId, line, ticket });
        return;
      }
      case 'offered': {
        const { sessionId } = change;
        this.touched.next({ showId, sessionId });
        const booking = bookings.get(change.bookingId);
        // Read late and over already: what became of it is told as well.
        if (booking?.status === 'reserved') {
          tell(sessionId, 'queue:offer', { showId, booking: toBooking(lane.terms, booking) });
        }
        if (shownOut.delete(sessionId)) this.realtime.sendToSession(sessionId, 'stay:ended', { showId });
        return;
      }
      case 'entered': {
        const { sessionId, until, ticket } = change.shopper;
        if (ticket === null) return;
        this.touched.next({ showId, sessionId });
        tell(sessionId, 'queue:admitted', { showId, until: iso(until) });
        return;
      }
      case 'shuffled':
        this.tellPlaces(lane);
        return;
      case 'stayEnded': {
        const { sessionId } = change;
        this.touched.next({ showId, sessionId });
        // Who waits for seats may go on looking.
        if (!this.shows.maySee(lane, sessionId)) tell(sessionId, 'stay:ended', { showId });
        return;
      }
    }
  }

  /** The other sockets of a session learn where it stands; those on this node that show the line ask to hear it. */
  private tellJoined({ sessionId, line, ticket }: Waiter, { advance, origins }: About, lane: ShowLane): void {
    const queue = this.shows.queueIn(lane, sessionId);
    // Served in the batch that it came with: what it was served is told.
    if (queue?.line !== line || queue.ticket !== ticket) return;
    this.relay.tellSession(advance, sessionId, 'queue:joined', { queue }, origins.get(sessionId) ?? null);
  }

  /** Everybody who was in the lobby has a place now; told once, and only to those who have a socket here. */
  private tellPlaces(lane: ShowLane): void {
    const { showId } = lane.terms;
    const sessions = [...this.realtime.sessionsInLine(showId, 'entry')];
    const tellSome = (from: number): void => {
      for (const sessionId of sessions.slice(from, from + placesAtOnce)) {
        const queue = this.shows.queueIn(lane, sessionId);
        if (queue) this.realtime.sendToSession(sessionId, 'queue:placed', { queue });
      }
      const next = from + placesAtOnce;
      if (next < sessions.length) setImmediate(() => this.orLogged(showId, () => tellSome(next)));
    };
    tellSome(0);
  }

  // What cannot be told must not undo what is committed, nor end the process: those concerned see it when they ask.
  private orLogged(showId: number, tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.logger.error({ showId, err: error }, 'those in line could not be told');
    }
  }
}

/** Sessions told of their place before others have their turn on this node. */
const placesAtOnce = 500;

/** Whether a session that left stood in line until then: whoever gives offered seats back does not. */
const hasWaited = ({ line, place }: Extract<LineChange, { type: 'left' }>): boolean =>
  line === 'entry' || place !== null;
