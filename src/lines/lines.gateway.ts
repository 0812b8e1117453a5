import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Acknowledgement, type ClientAnswer, clientEvents, type QueueJoin } from '@usher/contract';
import { BuyerSources, KeyScoped, SellerScoped } from '../access/index.js';
import { RealtimeGateway, type UsherSocket } from '../realtime/index.js';
import { ShowsService } from '../shows/index.js';
import { PayloadPipe } from '../transport/payload.pipe.js';
import { SocketErrorFilter } from '../transport/socket-error.filter.js';
import { LineSubscriptions } from './line-subscriptions.service.js';
import { LinesService } from './lines.service.js';
import { WaitResults } from './wait-results.service.js';

type Answer<E extends 'queue:join' | 'queue:leave' | 'queue:status'> = Promise<Acknowledgement<ClientAnswer<E>>>;

/** Serves both lines over sockets. A session that waits receives the moves of its line. */
@WebSocketGateway()
@UseFilters(SocketErrorFilter)
export class LinesGateway {
  constructor(
    private readonly lines: LinesService,
    private readonly subscriptions: LineSubscriptions,
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly results: WaitResults,
    private readonly buyers: BuyerSources,
  ) {}

  @SubscribeMessage('queue:join')
  @SellerScoped({ show: 'body.showId' })
  async join(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['queue:join'].payload)) { showId, key, ...body }: QueueJoin,
  ): Answer<'queue:join'> {
    this.realtime.requireRoom(socket, showId);
    const buyer = this.buyers.ofSocket(socket);
    const origin = { socketId: socket.id };
    const joined = await this.lines.join({ showId, buyer, body, key: key ?? null, origin });
    // The answer contains the present place, because the socket receives all moves from now on. If the wait has ended
    // meanwhile, the answer contains the place that the session had joined with.
    return { ok: true, queue: (await this.subscriptions.subscribeJoiner(socket, joined)) ?? joined };
  }

  @SubscribeMessage('queue:leave')
  @KeyScoped({ show: 'body.showId' })
  async leave(
    @ConnectedSocket() { data: { sessionId } }: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['queue:leave'].payload)) { showId }: { showId: number },
  ): Answer<'queue:leave'> {
    await this.lines.leave(showId, sessionId);
    return { ok: true };
  }

  @SubscribeMessage('queue:status')
  @KeyScoped({ show: 'body.showId' })
  async status(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['queue:status'].payload)) { showId }: { showId: number },
  ): Answer<'queue:status'> {
    await this.shows.catchUp(showId);
    const queue = await this.subscriptions.subscribe(socket, showId);
    if (queue) return { ok: true, queue };
    return { ok: true, queue, outcome: await this.results.of(showId, socket.data.sessionId, null) };
  }
}
