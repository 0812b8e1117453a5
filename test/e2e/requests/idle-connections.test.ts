import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Service } from '../../../src/service.js';
import { limitConnections } from '../../../src/transport/limit-connections.js';
import { setUpApp } from '../../support/file-app.js';
import { portOf } from '../../support/port-of.js';
import { waitUntil } from '../../support/wait-until.js';

const connectionsMax = 10;
const app = setUpApp({ env: { CONNECTIONS_PER_ADDRESS_MAX: String(connectionsMax), OPERATIONS_PORT: '0' } });
let node: Service;
let behindProxy: Service;
const open: Socket[] = [];

beforeAll(async () => {
  node = await app.startNode();
  behindProxy = await app.startNode({ PROXIES: '1' });
});

const closeAll = () => {
  for (const socket of open.splice(0)) socket.destroy();
};

afterEach(closeAll);
afterAll(closeAll);

/** Opens a connection, and sends a text over it. */
async function openConnection(url: string, text = ''): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  open.push(socket);
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

/** Opens connections one after another, so that the node accepts them in this order. */
async function openConnections(url: string, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index++) sockets.push(await openConnection(url));
  return sockets;
}

/** Waits until the service has closed a connection. @returns true, or false if the connection stays open for 20 s */
async function isClosed(socket: Socket): Promise<boolean> {
  if (socket.destroyed) return true;
  return once(socket, 'close', { signal: AbortSignal.timeout(20_000) }).then(
    () => true,
    () => false,
  );
}

/** Sends a request over a connection of its own. @returns the status of the answer */
async function requestFrom(localAddress: string, url: string): Promise<number | undefined> {
  const request = get(url, { localAddress, agent: false });
  const [answer]: IncomingMessage[] = await once(request, 'response', { signal: AbortSignal.timeout(10_000) });
  answer!.resume();
  return answer!.statusCode;
}

describe('a connection on which no whole request arrives', () => {
  it('is closed within 20 s', async () => {
    const silent = await openConnection(node.url);
    const slow = await openConnection(node.url, 'GET /v1/cities HTTP/1.1\r\nHost: ush');
    expect(await Promise.all([isClosed(silent), isClosed(slow)])).toEqual([true, true]);
  }, 30_000);

  it('is closed even if only the end of the body is missing', async () => {
    const server = createServer((request) => request.resume());
    const timeouts = { headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 100 };
    limitConnections(server, { proxyCount: 0, connectionsPerAddressMax: 10 }, timeouts);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const head = 'POST / HTTP/1.1\r\nHost: usher\r\nContent-Length: 100\r\n\r\n{"best":';
    const socket = await openConnection(`http://127.0.0.1:${portOf(server)}`, head);
    expect(await isClosed(socket)).toBe(true);
    server.close();
  });
});

describe('many connections of one address', () => {
  it('are closed beyond the limit, while other addresses and the operations port are served', async () => {
    const sockets = await openConnections(node.url, connectionsMax + 5);
    expect(await Promise.all(sockets.slice(connectionsMax).map(isClosed))).toEqual(Array(5).fill(true));
    expect(sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(connectionsMax);
    expect(await requestFrom('127.0.0.2', `${node.url}/v1/cities`)).toBe(200);
    expect(await requestFrom('127.0.0.1', `${node.operationsUrl}/health/live`)).toBe(200);
  });

  it('make room for others when they end', async () => {
    for (let round = 0; round < 3; round++) {
      const sockets = await openConnections(node.url, connectionsMax);
      for (const socket of sockets) socket.destroy();
      // The node notices the end of the connections a moment later.
      const isServed = async () => (await requestFrom('127.0.0.1', `${node.url}/v1/cities`).catch(() => 0)) === 200;
      await expect(waitUntil(isServed)).resolves.toBeUndefined();
    }
  });

  it('do not count if they are WebSockets', async () => {
    const viewers = [];
    for (let index = 0; index < connectionsMax + 5; index++) viewers.push(await app.connect({}, node.url));
    expect(viewers.filter(({ io }) => io.connected)).toHaveLength(connectionsMax + 5);
    expect(await requestFrom('127.0.0.1', `${node.url}/v1/cities`)).toBe(200);
  });

  it('are not limited behind a proxy, because they all have the address of the proxy', async () => {
    const sockets = await openConnections(behindProxy.url, 2 * connectionsMax);
    expect(await requestFrom('127.0.0.1', `${behindProxy.url}/v1/cities`)).toBe(200);
    expect(sockets.some(({ destroyed }) => destroyed)).toBe(false);
  });
});
