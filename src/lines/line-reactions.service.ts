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

/** An advance of a lane. This node reacts to its changes. */
export interface LineAdvance {
  readonly lane: OpenShow;
  readonly advance: ShowAdvance;
  /** Sessions that were removed from the show's room and have not received `stay:ended` yet. */
  readonly removed: Set<string>;
  /** Called with each session whose own place has changed, because it got an offer, was admitted, or left. */
  readonly onChanged: (sessionId: string) => void;
  /**
   * Runs work in a later turn of the event loop. Catches the errors of that work, because they must not end the
   * process.
   */
  readonly defer: (work: () => void) => void;
}

/** A {@link LineAdvance} after the answers to its commands were sent. */
export interface AnsweredLineAdvance extends LineAdvance {
  readonly bookings: ReadonlyMap<string, BookingRecord>;
}

/**
 * What this node does for its sessions after one kind of change. A kind that has no methods here does not affect the
 * sessions.
 */
interface Reaction<Change> {
  /** Removes a session's sockets from the rooms that the session must leave because of the change. */
  leaveRooms?(change: Change, advance: LineAdvance): void;
  /** Sends the events about the change. Runs after the answers to the commands were sent. */
  notify?(change: Change, advance: AnsweredLineAdvance): void;
}

/** How this node reacts to each kind of change to a line or to a stay. */
@Injectable()
export class LineReactions {
  private readonly joined: Reaction<ChangeOf<'joined'>> = {
    /** Sends a new place to all sockets of the session except the one that asked for the place. */
    notify: ({ waiter: { sessionId, line, lineTicket } }, { lane, advance }) => {
      const queue = this.places.findIn(lane, sessionId);
      // If the same batch has also served this place, another event tells the session so.
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
      // Each node removes its own sockets from the room. So each node also sends this event to its own sockets.
      if (removed.delete(sessionId)) this.realtime.sendToSession(sessionId, 'stay:ended', { showId });
      // If the session waits in this line again, it would mistake the end of its older offer for the end of its new
      // place.
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
      // If this node read the offer late, the offer may have ended already. Another event then tells the session how it
      // ended.
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
    // A passed challenge or a used idempotency key does not change the place of the session.
    challengePassed: {},
    keyUsed: {},
  };

  constructor(
    private readonly shows: ShowsService,
    private readonly places: LinePlaces,
    private readonly realtime: RealtimeGateway,
    private readonly relay: ShowRelay,
  ) {}

  /** Returns the reaction to a change. Its methods must be called with that change only. */
  to({ type }: LineChange): Reaction<LineChange> {
    return this.reactions[type];
  }

  private leaveLine(sessionId: string, line: LineName, { lane }: LineAdvance): void {
    // The session may already wait in the same line again, with a newer line ticket.
    if (lane.waiterOf(sessionId)?.line !== line) this.realtime.leaveLine(sessionId, lane.showId, line);
  }

  /** Removes a session from the show's room if it could see the show only while it waited for seats. */
  private leaveShow(sessionId: string, { lane, removed }: LineAdvance): void {
    if (!this.shows.canSee(lane, sessionId) && this.realtime.expel(sessionId, lane.showId)) removed.add(sessionId);
  }
}

/** Returns true if the session waited until it left. A session that gives offered seats back no longer waits. */
const hasWaited = ({ line, place }: ChangeOf<'left'>): boolean => line === 'entry' || place !== null;
