// A Socket.IO server without a task, with the service's settings. It shows the cost of a connection without Usher.
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
