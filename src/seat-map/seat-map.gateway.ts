import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Acknowledgement, type ClientAnswer, clientEvents } from '@usher/contract';
import { BuyerSources, KeyScoped } from '../access/index.js';
import { ViewerAdmission } from '../admission/index.js';
import { DatabaseClock } from '../database/database-clock.js';
import { LinePlaces, LineSubscriptions } from '../lines/index.js';
import { RealtimeGateway, type UsherSocket } from '../realtime/index.js';
import { ShowsService } from '../shows/index.js';
import { PayloadPipe } from '../transport/payload.pipe.js';
import { SocketErrorFilter } from '../transport/socket-error.filter.js';
import { SeatMapService } from './seat-map.service.js';

type Answer<E extends 'show:join' | 'show:leave' | 'show:sync'> = Promise<Acknowledgement<ClientAnswer<E>>>;

/** Serves the seat map over sockets. A client joins a show, leaves it, and asks for versions that it missed. */
@WebSocketGateway()
@UseFilters(SocketErrorFilter)
export class SeatMapGateway {
  constructor(
    private readonly seatMap: SeatMapService,
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly lines: LineSubscriptions,
    private readonly places: LinePlaces,
    private readonly clock: DatabaseClock,
    private readonly buyers: BuyerSources,
    private readonly viewers: ViewerAdmission,
  ) {}

  @SubscribeMessage('show:join')
  @KeyScoped({ show: 'body.showId' })
  async join(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['show:join'].payload)) { showId }: { showId: number },
  ): Answer<'show:join'> {
    const { sessionId } = socket.data;
    this.realtime.requireRoom(socket, showId);
    await this.viewers.admit(socket, showId);
    // Another node may have changed the session's places and bookings a moment ago.
    await this.shows.catchUpBriefly(showId);
    // The session must be admitted before its socket enters the room.
    while (!(await this.seatMap.enter(showId, this.buyers.ofSocket(socket), { socketId: socket.id }))) {
      const queue = await this.lines.subscribe(socket, showId);
      if (queue) {
        const { termsVersion } = (await this.shows.lane(showId)).terms;
        return { ok: true, access: 'waiting', queue, serverTime: this.clock.nowIso(), termsVersion };
      }
      // The wait ended during the subscription, so the session tries again to enter.
    }
    await this.lines.subscribe(socket, showId);
    // The socket enters the room before the snapshot is read, so a change in between reaches it as a diff.
    await this.realtime.enter(socket, showId);
    const answer = await this.seatMap.join(showId, sessionId);
    if (answer) return { ok: true, ...answer };
    // The stay ended before the socket entered the room, so the end of the stay did not remove this socket from the
    // room.
    this.realtime.expel(sessionId, showId);
    throw this.places.notAdmitted(await this.shows.lane(showId), sessionId);
  }

  @SubscribeMessage('show:leave')
  @KeyScoped({ show: 'body.showId' })
  async leave(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['show:leave'].payload)) { showId }: { showId: number },
  ): Answer<'show:leave'> {
    await this.realtime.leave(socket, showId);
    return { ok: true };
  }

  @SubscribeMessage('show:sync')
  @KeyScoped({ show: 'body.showId' })
  async sync(
    @ConnectedSocket() { data: { sessionId } }: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['show:sync'].payload))
    { showId, since }: { showId: number; since: number },
  ): Answer<'show:sync'> {
    return { ok: true, ...(await this.seatMap.sync(showId, sessionId, since)) };
  }
}
