import { on, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { setUpApp } from '../../support/file-app.js';
import { forwardedFor } from '../../support/limited-app.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const packetsPerSecond = 1000;
const app = setUpApp({ env: { PROXIES: '1', ADDRESS_PACKETS_PER_SECOND_MAX: '100000' } });
const limited = setUpApp({ env: { PROXIES: '1', ADDRESS_PACKETS_PER_SECOND_MAX: String(packetsPerSecond) } });
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
async function connectPlain(url = app.url, address = '192.0.2.1'): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    headers: forwardedFor(address),
  });
  socket.on('error', () => undefined);
  await once(socket, 'message');
  socket.send('40');
  await once(socket, 'message');
  return socket;
}

/** An event of 60 KB. A thousand characters of a message count as a packet. */
const largeEvent = `42["nothing",{"x":[${'{},'.repeat(20_000)}{}]}]`;

describe('a socket that sends at full speed', () => {
  let sentLarge = 0;

  it.each<[string, (socket: WebSocket) => void]>([
    ['events', (socket) => socket.send(`420["show:join",{"showId":${showId}}]`)],
    ['unknown events', (socket) => socket.send('42["nothing"]')],
    ['connections to unknown namespaces', (socket) => socket.send('40/nothing,')],
    [
      'a few large events',
      (socket) => {
        if (sentLarge++ < 200) socket.send(largeEvent);
      },
    ],
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

describe('an address that floods the service over many sockets, each within the limit of a socket', () => {
  const options = (address: string) => ({ extraHeaders: forwardedFor(address), reconnection: false });
  const connect = (address: string) => TestSocket.connect(limited.url, options(address));

  /** Sends packets over eight sockets of an address until the service has closed all of them. */
  async function flood(address: string): Promise<void> {
    const flooders = await Promise.all(Array.from({ length: 8 }, () => connectPlain(limited.url, address)));
    const deadline = AbortSignal.timeout(15_000);
    const sendUntilClosed = async (flooder: WebSocket) => {
      while (flooder.readyState === WebSocket.OPEN) {
        deadline.throwIfAborted();
        for (let count = 0; count < 100; count++) flooder.send('3');
        await new Promise<void>((resolve) => flooder.send('3', () => resolve()));
      }
    };
    await Promise.all(flooders.map(sendUntilClosed));
  }

  it('loses these sockets, and opens no others for a moment, but other addresses notice nothing', async () => {
    const other = await connect('192.0.2.20');
    await flood('192.0.2.10');
    await expect(connect('192.0.2.10')).rejects.toThrow('websocket error');
    expect(other.io.connected).toBe(true);
    (await connect('192.0.2.21')).close();
    other.close();
    // A client of Socket.IO tries again by itself.
    const later = io(limited.url, { ...options('192.0.2.10'), reconnection: true, forceNew: true });
    await new Promise<void>((resolve) => later.once('connect', resolve));
    later.close();
  });

  it('keeps the sockets of viewers behind the same address, and they can still act', async () => {
    const otherShow = { showId: await makeShow(limited.pool) };
    const viewer = await connect('192.0.2.30');
    await flood('192.0.2.30');
    expect(await viewer.ask('show:join', otherShow)).toMatchObject({ version: 0 });
    expect(await viewer.ask('show:sync', { ...otherShow, since: 0 })).toMatchObject({ version: 0 });
    viewer.close();
  });
});
