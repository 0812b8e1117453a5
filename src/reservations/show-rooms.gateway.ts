import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Acknowledged, type ClientAnswer, clientEvents } from '@usher/contract';
import { RealtimeGateway } from '../realtime/realtime.gateway.js';
import { PayloadPipe } from '../realtime/payload.pipe.js';
import { showRoom } from '../realtime/rooms.js';
import { SocketErrorFilter } from '../realtime/socket-error.filter.js';
import type { UsherSocket } from '../realtime/socket.js';
import { ShowsService } from '../shows/shows.service.js';

type Answer<E extends 'show:join' | 'show:leave' | 'show:sync'> = Promise<Acknowledged<ClientAnswer<E>>>;

/** Coming to a show, leaving it, and closing a gap in what was heard of it. */
@WebSocketGateway()
@UseFilters(SocketErrorFilter)
export class ShowRoomsGateway {
  constructor(
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
  ) {}

  @SubscribeMessage('show:join')
  async join(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['show:join'].payload)) { showId }: { showId: number },
  ): Answer<'show:join'> {
    await this.shows.lane(showId); // NOT_FOUND before the room of a show that does not exist is entered
    // In the room before the snapshot is read: a change in between comes as a diff, and cannot be missed.
    await this.realtime.enter(socket, showId);
    return { ok: true, ...(await this.shows.joined(showId, socket.data.sessionId)) };
  }

  @SubscribeMessage('show:leave')
  async leave(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['show:leave'].payload)) { showId }: { showId: number },
  ): Answer<'show:leave'> {
    await socket.leave(showRoom(showId));
    return { ok: true };
  }

  @SubscribeMessage('show:sync')
  async sync(
    @MessageBody(new PayloadPipe(clientEvents['show:sync'].payload))
    { showId, since }: { showId: number; since: number },
  ): Answer<'show:sync'> {
    return { ok: true, ...(await this.shows.synced(showId, since)) };
  }
}
