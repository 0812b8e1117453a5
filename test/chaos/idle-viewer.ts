import { WebSocket } from 'ws';

/** A viewer that joined a show and reads nothing of what it is told. */
export interface IdleViewer {
  close(): void;
}

/** How long it tries: a node that is being broken meanwhile need not take it. */
const connectMsMax = 2000;

/** Joins a show by Socket.IO's protocol, written by hand: a library would read on. */
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
