import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { Gauge } from 'prom-client';
import type { UsherServer } from './socket.js';

// One gauge per process, because prom-client accepts each name once, and tests run two apps in one process.
const openSockets = new Gauge({
  name: 'usher_sockets',
  help: 'Sockets that are connected to this node, over WebSocket or long polling',
});

/** Counts the connected sockets for `/metrics`. An autoscaler can use this figure, because a node's load follows it. */
@WebSocketGateway()
export class SocketMetrics implements OnGatewayInit<UsherServer> {
  afterInit(server: UsherServer): void {
    server.on('connection', (socket) => {
      openSockets.inc();
      socket.once('disconnect', () => openSockets.dec());
    });
  }
}
