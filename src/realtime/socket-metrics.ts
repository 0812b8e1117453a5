import { type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import { Gauge } from 'prom-client';
import type { UsherServer } from './socket.js';

// Of the process, not of an app: prom-client's own registry takes each name once, and two apps may share a process.
const socketsOpen = new Gauge({
  name: 'usher_sockets',
  help: 'Sockets that are connected to this node, over WebSocket or long polling',
});

/** Counts the connected sockets into `/metrics`: a node's load goes with them, so an autoscaler looks at them. */
@WebSocketGateway()
export class SocketMetrics implements OnGatewayInit<UsherServer> {
  afterInit(server: UsherServer): void {
    server.on('connection', (socket) => {
      socketsOpen.inc();
      socket.once('disconnect', () => socketsOpen.dec());
    });
  }
}
