import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Acknowledgement, type ClientAnswer, clientEvents, type ReservationCreate } from '@usher/contract';
import { BuyerSources, KeyScoped, SellerScoped } from '../access/index.js';
import { PayloadPipe } from '../transport/payload.pipe.js';
import { SocketErrorFilter } from '../transport/socket-error.filter.js';
import type { UsherSocket } from '../realtime/index.js';
import { ReservationsService } from './reservations.service.js';

type Answer<E extends 'reservation:create' | 'reservation:release'> = Promise<Acknowledgement<ClientAnswer<E>>>;

/** Serves reservations over sockets. */
@WebSocketGateway()
@UseFilters(SocketErrorFilter)
export class ReservationsGateway {
  constructor(
    private readonly reservations: ReservationsService,
    private readonly buyers: BuyerSources,
  ) {}

  @SubscribeMessage('reservation:create')
  @SellerScoped({ show: 'body.showId' })
  async create(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['reservation:create'].payload))
    { showId, key, ...body }: ReservationCreate,
  ): Answer<'reservation:create'> {
    const buyer = this.buyers.ofSocket(socket);
    const call = { buyer, showId, body, key: key ?? null, origin: { socketId: socket.id } };
    return { ok: true, booking: await this.reservations.reserve(call) };
  }

  @SubscribeMessage('reservation:release')
  @KeyScoped({ booking: 'body.bookingId' })
  async release(
    @ConnectedSocket() { data: { sessionId } }: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['reservation:release'].payload)) { bookingId }: { bookingId: string },
  ): Answer<'reservation:release'> {
    return { ok: true, booking: await this.reservations.release({ by: 'session', sessionId }, bookingId) };
  }
}
