import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { type Acknowledgement, type ClientAnswer, clientEvents, type ClientPayload } from '@usher/contract';
import { BuyerSources, SellerScoped } from '../../access/index.js';
import type { UsherSocket } from '../../realtime/index.js';
import { PayloadPipe } from '../../transport/payload.pipe.js';
import { SocketErrorFilter } from '../../transport/socket-error.filter.js';
import { AccessCodes } from './access-codes.service.js';

/** Lets sessions use access codes over sockets. */
@WebSocketGateway()
@UseFilters(SocketErrorFilter)
export class AccessCodesGateway {
  constructor(
    private readonly codes: AccessCodes,
    private readonly buyers: BuyerSources,
  ) {}

  @SubscribeMessage('access-code:redeem')
  @SellerScoped({ show: 'body.showId' })
  async redeem(
    @ConnectedSocket() socket: UsherSocket,
    @MessageBody(new PayloadPipe(clientEvents['access-code:redeem'].payload))
    { showId, code }: ClientPayload<'access-code:redeem'>,
  ): Promise<Acknowledgement<ClientAnswer<'access-code:redeem'>>> {
    return { ok: true, ...(await this.codes.redeem(showId, this.buyers.ofSocket(socket), code)) };
  }
}
