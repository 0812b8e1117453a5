import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Acknowledgement, type ClientAnswer, clientEvents } from '@usher/contract';
import { DatabaseClock } from '../../database/database-clock.js';
import { RealtimeGateway, type UsherSocket } from '../../realtime/index.js';
import { PayloadPipe } from '../../transport/payload.pipe.js';
import { SocketErrorFilter } from '../../transport/socket-error.filter.js';
import { JoinOrigins } from '../lines/join-origins.js';
import { LineListening } from '../lines/line-listening.service.js';
import { ShowsService } from '../lane/shows.service.js';

type Answer<E extends 'show:join' | 'show:leave' | 'show:sync'> = Promise<Acknowledgement<ClientAnswer<E>>>;

/** Coming to a show, leaving it, and closing a gap in what was heard of it. */
@WebSocketGateway()
@UseFilters(SocketErrorFilter)
export class ShowRoomsGateway {
  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly lines: LineListening,
    private readonly clock: DatabaseClock,
    private readonly origins: JoinOrigins,
  ) {}

  @SubscribeMessage('show:join')
  async join(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['show:join'].payload)) { showId }: { showId: number },
  ): Answer<'show:join'> {
    const { sessionId } = socket.data;
    this.realtime.requireRoom(socket, showId);
    // The session's places and bookings may have been made on another node a moment ago.
    await this.shows.catchUpBriefly(showId);
    for (;;) {
      // Before the room is entered: the show may not exist, or not be open to this session.
      const enter = () => this.shows.enter(showId, sessionId);
      const waits = await this.origins.during(showId, sessionId, socket.id, enter);
      if (!waits) break;
      const queue = await this.lines.listen(socket, showId);
      if (queue) {
        const { termsVersion } = (await this.shows.lane(showId)).terms;
        return { ok: true, access: 'waiting', queue, serverTime: this.clock.nowIso(), termsVersion };
      }
      // Let in, or out of the line, while it began to listen.
    }
    await this.lines.listen(socket, showId);
    // In the room before the snapshot is read: a change in between comes as a diff, and cannot be missed.
    await this.realtime.enter(socket, showId);
    const joined = await this.shows.joined(showId, sessionId);
    // Its stay may have ended since, and those who were in the room then were shown out before it came.
    if (!this.shows.maySee(await this.shows.lane(showId), sessionId)) {
      this.realtime.expel(sessionId, showId);
      throw this.shows.notAdmitted(await this.shows.lane(showId), sessionId);
    }
    return { ok: true, ...joined };
  }

  @SubscribeMessage('show:leave')
  async leave(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['show:leave'].payload)) { showId }: { showId: number },
  ): Answer<'show:leave'> {
    await this.realtime.leave(socket, showId);
    return { ok: true };
  }

  @SubscribeMessage('show:sync')
  async sync(
    @ConnectedSocket() { data: { sessionId } }: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['show:sync'].payload))
    { showId, since }: { showId: number; since: number },
  ): Answer<'show:sync'> {
    await this.shows.mayLook(showId, sessionId);
    return { ok: true, ...(await this.shows.synced(showId, since)) };
  }
}
