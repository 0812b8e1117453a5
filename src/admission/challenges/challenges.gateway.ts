import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Acknowledgement, type ClientAnswer, clientEvents, type ClientPayload } from '@usher/contract';
import { BuyerSources, KeyScoped } from '../../access/index.js';
import type { UsherSocket } from '../../realtime/index.js';
import { PayloadPipe } from '../../transport/payload.pipe.js';
import { SocketErrorFilter } from '../../transport/socket-error.filter.js';
import { Challenges } from './challenges.service.js';

type Answer<E extends 'challenge:get' | 'challenge:solve'> = Promise<Acknowledgement<ClientAnswer<E>>>;

/** Serves the challenges of shows over sockets. */
@WebSocketGateway()
@UseFilters(SocketErrorFilter)
export class ChallengesGateway {
  constructor(
    private readonly challenges: Challenges,
    private readonly buyers: BuyerSources,
  ) {}

  @SubscribeMessage('challenge:get')
  @KeyScoped({ show: 'body.showId' })
  async get(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['challenge:get'].payload))
    { showId }: ClientPayload<'challenge:get'>,
  ): Answer<'challenge:get'> {
    const challenge = await this.challenges.create({ showId, buyer: this.buyers.ofSocket(socket) });
    return { ok: true, challenge };
  }

  @SubscribeMessage('challenge:solve')
  @KeyScoped({ show: 'body.showId' })
  async solve(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['challenge:solve'].payload))
    { showId, solution }: ClientPayload<'challenge:solve'>,
  ): Answer<'challenge:solve'> {
    return { ok: true, ...(await this.challenges.solve({ showId, buyer: this.buyers.ofSocket(socket) }, solution)) };
  }
}
