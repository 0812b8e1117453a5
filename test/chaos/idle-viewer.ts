import { WebSocket } from 'ws';

/** A viewer that has joined a show and reads none of its messages. */
export interface IdleViewer {
  close(): void;
}

/**
 * Maximum time to connect, in ms. After it the viewer counts as connected, because a fault may keep a node from
 * accepting it.
 */
const connectMsMax = 2000;

/** Joins a show and then stops reading. Writes the Socket.IO protocol by hand, because a library would keep reading. */
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
