// A Socket.IO server that has the service's settings but does nothing. It shows what a connection costs without Usher.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { answerCalls, memory } from './line-children.mjs';

const server = createServer();
const sockets = new Server();
sockets.attach(server, { perMessageDeflate: false, maxHttpBufferSize: 64 * 1024, cors: { origin: '*' } });

answerCalls({
  listen: () => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port))),
  usage: memory,
  end: () => process.exit(0),
});
