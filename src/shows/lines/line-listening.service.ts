import { Injectable } from '@nestjs/common';
import type { Queue } from '@usher/contract';
import { RealtimeGateway, type UsherSocket } from '../../realtime/index.js';
import { LineBroadcaster } from './line-broadcaster.service.js';
import { ShowsService } from '../lane/shows.service.js';

/** Lets sockets hear how the line moves in which their session stands. */
@Injectable()
export class LineListening {
  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly lines: LineBroadcaster,
  ) {}

  /**
   * From now on the socket hears its line, if its session stands in one.
   *
   * @returns the place as of the last message to those in line, so that it can be counted on from there; or null
   * @throws DomainError `NOT_FOUND`, `RATE_LIMITED`
   */
  async listen(socket: UsherSocket, showId: number): Promise<Queue | null> {
    const place = await this.shows.queueOf(showId, socket.data.sessionId);
    return place && this.listenFrom(socket, place, () => this.lines.told(place));
  }

  /** As {@link listen} for a place that was given just now, without the wait for the last message. */
  listenAsJoiner(socket: UsherSocket, place: Queue): Promise<Queue | null> {
    return this.listenFrom(socket, place, () => this.lines.toldBehind(place));
  }

  private async listenFrom(socket: UsherSocket, place: Queue, told: () => Promise<void>): Promise<Queue | null> {
    const { sessionId } = socket.data;
    await this.realtime.enterLine(socket, place.showId, place.line);
    await told();
    const now = await this.shows.queueOf(place.showId, sessionId);
    // Served or gone while it came: whoever stands in no line hears none.
    if (now?.ticket !== place.ticket || now.line !== place.line)
      this.realtime.leaveLine(sessionId, place.showId, place.line);
    return now;
  }
}
