import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Acknowledgement, type ClientAnswer, clientEvents, type QueueJoin } from '@usher/contract';
import { PayloadPipe } from '../transport/payload.pipe.js';
import { RealtimeGateway, type UsherSocket } from '../realtime/index.js';
import { SocketErrorFilter } from '../transport/socket-error.filter.js';
import { JoinOrigins, LineListening, ShowsService } from '../shows/index.js';
import { QueueService } from './lines.service.js';
import { WaitOutcomes } from './wait-outcomes.service.js';

type Answer<E extends 'queue:join' | 'queue:leave' | 'queue:status'> = Promise<Acknowledgement<ClientAnswer<E>>>;

/** Both lines over sockets. Whoever stands in one hears how it moves. */
@WebSocketGateway()
@UseFilters(SocketErrorFilter)
export class QueueGateway {
  constructor(
    private readonly queue: QueueService,
    private readonly lines: LineListening,
    private readonly shows: ShowsService,
    private readonly realtime: RealtimeGateway,
    private readonly origins: JoinOrigins,
    private readonly outcomes: WaitOutcomes,
  ) {}

  @SubscribeMessage('queue:join')
  async join(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['queue:join'].payload)) { showId, key, ...body }: QueueJoin,
  ): Answer<'queue:join'> {
    this.realtime.requireRoom(socket, showId);
    const { sessionId } = socket.data;
    const join = () => this.queue.join(showId, sessionId, body, key ?? null);
    const joined = await this.origins.during(showId, sessionId, socket.id, join);
    // As it is now that every move is heard; where the place is gone already, as it was.
    return { ok: true, queue: (await this.lines.listenAsJoiner(socket, joined)) ?? joined };
  }

  @SubscribeMessage('queue:leave')
  async leave(
    @ConnectedSocket() { data: { sessionId } }: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['queue:leave'].payload)) { showId }: { showId: number },
  ): Answer<'queue:leave'> {
    await this.queue.leave(showId, sessionId);
    return { ok: true };
  }

  @SubscribeMessage('queue:status')
  async status(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['queue:status'].payload)) { showId }: { showId: number },
  ): Answer<'queue:status'> {
    await this.shows.readOn(showId);
    const queue = await this.lines.listen(socket, showId);
    if (queue) return { ok: true, queue };
    return { ok: true, queue, outcome: await this.outcomes.of(showId, socket.data.sessionId, null) };
  }
}
