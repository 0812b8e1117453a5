import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { ServerEvent, ServerPayload } from '@usher/contract';
import { Subject, type Subscription } from 'rxjs';
import { RealtimeGateway } from '../realtime/index.js';
import { chainLink, type OpenShow, type ShowAdvance, ShowsService } from '../shows/index.js';
import { LineBroadcaster } from './line-broadcaster.service.js';
import { LinePlaces } from './line-places.service.js';
import { LineReactions } from './line-reactions.service.js';
import { WaitResults } from './wait-results.service.js';

/**
 * Tells the sessions on this node what happens to them in lines. Each node does this for its own sessions, from its own
 * reading of the log.
 */
@Injectable()
export class LineNotifier implements OnModuleInit, OnModuleDestroy {
  /** Emits each session whose own place has changed, because it got an offer, was admitted, or left. */
  readonly changedSessions = new Subject<{ readonly showId: number; readonly sessionId: string }>();
  private readonly logger = new Logger(LineNotifier.name);
  private subscription: Subscription | null = null;

  constructor(
    private readonly shows: ShowsService,
    private readonly places: LinePlaces,
    private readonly realtime: RealtimeGateway,
    private readonly reactions: LineReactions,
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
    const scope = {
      lane,
      advance,
      removed: new Set<string>(),
      onChanged: (sessionId: string) => this.changedSessions.next({ showId, sessionId }),
      defer: (work: () => void) => void setImmediate(() => this.catchErrors(showId, work)),
    };
    for (const change of lineChanges) this.reactions.to(change).leaveRooms?.(change, scope);
    if (lineChanges.length > 0) {
      // This runs after the answers were sent. So a session that joins receives its place before the message that the
      // line has served it.
      setImmediate(() => {
        const bookings = new Map(advance.bookings.map((booking) => [booking.bookingId, booking]));
        const answered = { ...scope, bookings };
        for (const change of lineChanges) {
          this.catchErrors(showId, () => this.reactions.to(change).notify?.(change, answered));
        }
      });
    }
    for (const line of ['seats', 'entry'] as const) {
      const links = lineChanges.filter((change) => chainLink(change)?.line === line);
      if (links.length === 0) continue;
      const left = links.flatMap((change) => ('place' in change ? (change.place ?? []) : []));
      this.broadcaster.addMove(lane, line, lane.versionOfLine(line) - links.length, left);
    }
  }

  /**
   * Tells sessions their present places. This is for a lane that has read the tables and so does not know the single
   * changes.
   */
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

  /**
   * Tells a session the result of its wait. The result comes from the tables, because the lane has not read the change.
   */
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

  // The change is committed, so a failed notification must not end the process. Sessions see the change when they ask.
  private catchErrors(showId: number, notify: () => void): void {
    try {
      notify();
    } catch (error) {
      this.logger.error({ showId, err: error }, 'could not notify the sessions in a line');
    }
  }
}
