import { on, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { setUpApp } from '../../support/file-app.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const app = setUpApp();
let showId: number;
let buyer: TestSocket;

beforeAll(async () => {
  showId = await makeShow(app.pool);
  buyer = await TestSocket.connect(app.url);
});

afterAll(() => {
  buyer.close();
});

/** Connects with Socket.IO's protocol over a plain WebSocket. */
async function connectPlain(): Promise<WebSocket> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  socket.on('error', () => undefined);
  await once(socket, 'message');
  socket.send('40');
  await once(socket, 'message');
  return socket;
}

describe('a socket that sends at full speed', () => {
  it.each<[string, (socket: WebSocket) => void]>([
    ['events', (socket) => socket.send(`420["show:join",{"showId":${showId}}]`)],
    ['unknown events', (socket) => socket.send('42["nothing"]')],
    ['connections to unknown namespaces', (socket) => socket.send('40/nothing,')],
    ['heartbeats', (socket) => socket.send('3')],
    ['pings of WebSocket', (socket) => socket.ping()],
  ])('loses its connection, because each message costs the node time even if it is refused: %s', async (_, send) => {
    const flooder = await connectPlain();
    const closed = once(flooder, 'close', { signal: AbortSignal.timeout(25_000) });
    for (let count = 0; count < 30_000; count++) send(flooder);
    await closed;
    expect(await buyer.ask('show:join', { showId })).toMatchObject({ version: 0 });
  });

  it('keeps its connection if it stays within the limits', async () => {
    const socket = await connectPlain();
    for (let count = 0; count < 1000; count++) socket.send('3');
    const messages = on(socket, 'message', { signal: AbortSignal.timeout(10_000) });
    socket.send(`420["show:join",{"showId":${showId}}]`);
    for await (const [message] of messages) if (String(message).startsWith('430[{"ok":true')) break;
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });
});
