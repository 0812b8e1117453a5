import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { Gauge } from 'prom-client';
import type { UsherServer } from './socket.js';

// There is one gauge per process, because prom-client accepts each name only once and tests run two apps per process.
const openSockets = new Gauge({
  name: 'usher_sockets',
  help: 'Sockets that are connected to this node, over WebSocket or long polling',
});

/**
 * Counts the connected sockets for `/metrics`. An autoscaler can use this figure, because a node's load depends on it.
 */
@WebSocketGateway()
export class SocketMetrics implements OnGatewayInit<UsherServer> {
  afterInit(server: UsherServer): void {
    server.on('connection', (socket) => {
      openSockets.inc();
      socket.once('disconnect', () => openSockets.dec());
    });
  }
}
