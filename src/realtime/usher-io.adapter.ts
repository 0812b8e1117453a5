import { IoAdapter } from '@nestjs/platform-socket.io';
import type { ServerOptions } from 'socket.io';

/** The longest message that a client may send: ten seats take a few hundred bytes. A longer one ends its connection. */
const payloadBytesMax = 64 * 1024;

/** Socket.IO as Usher runs it: WebSocket and HTTP long-polling on the service's own port. */
export class UsherIoAdapter extends IoAdapter {
  override createIOServer(port: number, options?: ServerOptions) {
    return super.createIOServer(port, {
      ...options,
      maxHttpBufferSize: payloadBytesMax,
      // Diffs are a few dozen bytes; a deflate context would cost each connection more memory than it saves traffic.
      perMessageDeflate: false,
      // Seat maps live on the pages of cinemas and partners. There are no cookies for another site to ride on.
      cors: { origin: '*' },
    } as ServerOptions);
  }
}
