import { Injectable } from '@nestjs/common';
import type { LineName } from '@usher/contract';
import { RealtimeGateway } from '../realtime/index.js';
import {
  type BookingRecord,
  type ChangeOf,
  type LineChange,
  type OpenShow,
  type ShowAdvance,
  ShowRelay,
  ShowsService,
  toBooking,
} from '../shows/index.js';
import { LinePlaces } from './line-places.service.js';

/** Maximum number of sessions that receive their places before the event loop runs other work. */
const placesPerTurnMax = 500;

/** The advance of a lane to whose changes this node reacts. */
export interface LineAdvance {
  readonly lane: OpenShow;
  readonly advance: ShowAdvance;
  /** Sessions that were removed from the show's room and have not received `stay:ended` yet. */
  readonly removed: Set<string>;
  /** Called with each session whose own place changed: it got an offer, was admitted, or left. */
  readonly onChanged: (sessionId: string) => void;
  /** Runs work of a later turn. Its errors must not end the process. */
  readonly defer: (work: () => void) => void;
}

/** A {@link LineAdvance} after the answers to its commands were sent. */
export interface AnsweredLineAdvance extends LineAdvance {
  readonly bookings: ReadonlyMap<string, BookingRecord>;
}

/** Defines what a kind of change means to the sessions of this node. A kind without a method does not affect them. */
interface Reaction<Change> {
  /** Removes the sockets of a session from the rooms that the change closes to it. */
  leaveRooms?(change: Change, advance: LineAdvance): void;
  /** Sends the events about the change. Runs after the answers to the commands were sent. */
  notify?(change: Change, advance: AnsweredLineAdvance): void;
}

/** The reaction of this node to each kind of change of a line or of a stay. */
@Injectable()
export class LineReactions {
  private readonly joined: Reaction<ChangeOf<'joined'>> = {
    /** Sends a new place to the session's other sockets. Sockets of this node that show the line then subscribe to it. */
    notify: ({ waiter: { sessionId, line, lineTicket } }, { lane, advance }) => {
      const queue = this.places.findIn(lane, sessionId);
      // If the same batch also served the place, the session is notified of that instead.
      if (queue?.line !== line || queue.ticket !== lineTicket) return;
      const asker = advance.origins.get(sessionId)?.socketId ?? null;
      this.relay.notifySession(advance, sessionId, 'queue:joined', { queue }, asker);
    },
  };

  private readonly left: Reaction<ChangeOf<'left'>> = {
    leaveRooms: ({ sessionId, line }, advance) => {
      this.leaveLine(sessionId, line, advance);
      if (line === 'seats') this.leaveShow(sessionId, advance);
    },
    notify: (change, { lane, advance, removed, onChanged }) => {
      const { sessionId, line, lineTicket, kind, reason } = change;
      const { showId } = lane;
      onChanged(sessionId);
      // Each node removes its own sockets from the room, so each node also sends this event itself.
      if (removed.delete(sessionId)) this.realtime.sendToSession(sessionId, 'stay:ended', { showId });
      // A session that waits again would take the end of its older offer for the end of its new place.
      if (lane.waiterOf(sessionId)?.line === line) return;
      if (kind !== 'leave' && reason) {
        this.relay.notifySession(advance, sessionId, 'queue:expired', { showId, line, reason });
      } else if (hasWaited(change)) {
        this.relay.notifySession(advance, sessionId, 'queue:left', { showId, line, ticket: lineTicket });
      }
    },
  };

  private readonly offered: Reaction<ChangeOf<'offered'>> = {
    leaveRooms: ({ sessionId }, advance) => {
      this.leaveLine(sessionId, 'seats', advance);
      this.leaveShow(sessionId, advance);
    },
    notify: ({ sessionId, bookingId }, { lane, advance, bookings, removed, onChanged }) => {
      const { showId } = lane;
      onChanged(sessionId);
      const booking = bookings.get(bookingId);
      // If the node read the offer late, the offer may have ended. Another event then tells the session how.
      if (booking?.status === 'reserved') {
        const payload = { showId, booking: toBooking(lane.terms, booking) };
        this.relay.notifySession(advance, sessionId, 'queue:offer', payload);
      }
      if (removed.delete(sessionId)) this.realtime.sendToSession(sessionId, 'stay:ended', { showId });
    },
  };

  private readonly entered: Reaction<ChangeOf<'entered'>> = {
    leaveRooms: ({ stay: { sessionId } }, advance) => this.leaveLine(sessionId, 'entry', advance),
    notify: ({ stay: { sessionId, until, lineTicket } }, { lane, advance, onChanged }) => {
      if (lineTicket === null) return;
      onChanged(sessionId);
      const payload = { showId: lane.showId, until: new Date(until).toISOString() };
      this.relay.notifySession(advance, sessionId, 'queue:admitted', payload);
    },
  };

  private readonly stayEnded: Reaction<ChangeOf<'stayEnded'>> = {
    leaveRooms: ({ sessionId }, { lane }) => {
      if (!this.shows.canSee(lane, sessionId)) this.realtime.expel(sessionId, lane.showId);
    },
    notify: ({ sessionId }, { lane, advance, onChanged }) => {
      onChanged(sessionId);
      // A session that waits for seats may still see the show.
      if (this.shows.canSee(lane, sessionId)) return;
      this.relay.notifySession(advance, sessionId, 'stay:ended', { showId: lane.showId });
    },
  };

  private readonly shuffled: Reaction<ChangeOf<'shuffled'>> = {
    /** Sends the drawn places to the members of the lobby that have sockets on this node. */
    notify: (_, { lane, defer }) => {
      const sessions = [...this.realtime.sessionsInLine(lane.showId, 'entry')];
      const notifySome = (from: number): void => {
        for (const sessionId of sessions.slice(from, from + placesPerTurnMax)) {
          const queue = this.places.findIn(lane, sessionId);
          if (queue) this.realtime.sendToSession(sessionId, 'queue:placed', { queue });
        }
        const next = from + placesPerTurnMax;
        if (next < sessions.length) defer(() => notifySome(next));
      };
      notifySome(0);
    },
  };

  private readonly reactions: { readonly [Type in LineChange['type']]: Reaction<ChangeOf<Type>> } = {
    joined: this.joined,
    left: this.left,
    offered: this.offered,
    entered: this.entered,
    stayEnded: this.stayEnded,
    shuffled: this.shuffled,
    // The line itself did not change.
    keyUsed: {},
  };

  constructor(
    private readonly shows: ShowsService,
    private readonly places: LinePlaces,
    private readonly realtime: RealtimeGateway,
    private readonly relay: ShowRelay,
  ) {}

  /** Returns the reaction to a change. It must be used with that change only. */
  to({ type }: LineChange): Reaction<LineChange> {
    return this.reactions[type];
  }

  private leaveLine(sessionId: string, line: LineName, { lane }: LineAdvance): void {
    // The session may wait in the same line with a newer line ticket.
    if (lane.waiterOf(sessionId)?.line !== line) this.realtime.leaveLine(sessionId, lane.showId, line);
  }

  /** Removes a session from the show's room if it only waited for seats, and so no longer sees the show. */
  private leaveShow(sessionId: string, { lane, removed }: LineAdvance): void {
    if (!this.shows.canSee(lane, sessionId) && this.realtime.expel(sessionId, lane.showId)) removed.add(sessionId);
  }
}

/** Returns true if the session waited until it left. A session that gives offered seats back no longer waits. */
const hasWaited = ({ line, place }: ChangeOf<'left'>): boolean => line === 'entry' || place !== null;
