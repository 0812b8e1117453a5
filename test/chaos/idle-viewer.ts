import { WebSocket } from 'ws';

/** A viewer that has joined a show and reads none of its messages. */
export interface IdleViewer {
  close(): void;
}

/** Maximum time to connect. A node under a fault need not accept the viewer. */
const connectMsMax = 2000;

/** Joins a show through hand-written Socket.IO protocol, because a library would keep reading. */
export function connectIdle(url: string, showId: number): Promise<IdleViewer> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&showId=${showId}`, {
    handshakeTimeout: connectMsMax,
  });
  const viewer = { close: () => socket.terminate() };
  const { promise, resolve } = Promise.withResolvers<IdleViewer>();
  const timer = setTimeout(() => resolve(viewer), connectMsMax);
  socket.on('close', () => resolve(viewer)).on('error', () => resolve(viewer));
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    if (text.startsWith('0')) socket.send('40');
    else if (text.startsWith('40')) socket.send(`420["show:join",{"showId":${showId}}]`);
    else if (text.startsWith('430')) {
      socket.pause();
      resolve(viewer);
    }
  });
  return promise.finally(() => clearTimeout(timer));
}
