import { Injectable } from '@nestjs/common';
import type { Queue } from '@usher/contract';
import { RealtimeGateway, type UsherSocket } from '../realtime/index.js';
import { LineBroadcaster } from './line-broadcaster.service.js';
import { LinePlaces } from './line-places.service.js';

/** Subscribes sockets to the moves of the line in which their session waits. */
@Injectable()
export class LineSubscriptions {
  constructor(
    private readonly places: LinePlaces,
    private readonly realtime: RealtimeGateway,
    private readonly broadcaster: LineBroadcaster,
  ) {}

  /**
   * Subscribes a socket to its session's line, if the session waits in a line.
   *
   * @returns the place as of the last broadcast, so that the client can continue to count from that place; null if the
   * session does not wait
   * @throws DomainError `NOT_FOUND`, `RATE_LIMITED`
   */
  async subscribe(socket: UsherSocket, showId: number): Promise<Queue | null> {
    const place = await this.places.find(showId, socket.data.sessionId);
    return place && this.subscribeFrom(socket, place, () => this.broadcaster.allSent(place));
  }

  /**
   * Subscribes a socket to a line in which its session has just received a place. Unlike {@link subscribe}, this does
   * not wait for the next broadcast if the place is new.
   */
  subscribeJoiner(socket: UsherSocket, place: Queue): Promise<Queue | null> {
    return this.subscribeFrom(socket, place, () => this.broadcaster.departuresBehindSent(place));
  }

  private async subscribeFrom(socket: UsherSocket, place: Queue, sent: () => Promise<void>): Promise<Queue | null> {
    const { showId, line, ticket } = place;
    const { sessionId } = socket.data;
    await this.realtime.enterLine(socket, showId, line);
    await sent();
    const current = await this.places.find(showId, sessionId);
    // The line may have served the session meanwhile. Only waiting sessions receive the moves of a line.
    if (current?.ticket !== ticket || current.line !== line) this.realtime.leaveLine(sessionId, showId, line);
    return current;
  }
}
