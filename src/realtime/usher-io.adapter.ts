import { IoAdapter } from '@nestjs/platform-socket.io';
import type { MessageMappingProperties } from '@nestjs/websockets';
import type { ServerOptions, Socket } from 'socket.io';

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

  /**
   * Acknowledges each event with what its handler answers. Nest's own version makes a stream of every event, which cost
   * a node a quarter of what a whole reservation does.
   */
  override bindMessageHandlers(socket: Socket, handlers: MessageMappingProperties[]): void {
    for (const handler of handlers) {
      socket.on(handler.message, (...sent: unknown[]) => void answer(handler, sent));
    }
  }
}

type Acknowledge = (answer: unknown) => void;

const isAcknowledge = (sent: unknown): sent is Acknowledge => typeof sent === 'function';

async function answer({ callback }: MessageMappingProperties, sent: readonly unknown[]): Promise<void> {
  const acknowledge = sent.find(isAcknowledge);
  const payload = isAcknowledge(sent[0]) ? undefined : sent[0];
  // Failures are acknowledged by the gateway's filter, and there is no answer then.
  const answered: unknown = await callback(payload, acknowledge);
  if (acknowledge && answered !== undefined) acknowledge(answered);
}
