import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { createUsher, type Usher } from '@usher/client';
import { startApp } from '../support/app.js';
import { Cluster, type ClusterNode, sumMetric } from '../support/cluster.js';
import { FakeNode, type FakeNodeBehaviour } from '../support/fake-node.js';
import { Nginx } from '../support/nginx.js';
import { RestCaller } from '../support/rest.js';
import { waitForView } from '../support/sdk.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';
import { describeWith, nginx, redisServer } from '../support/describe-with.js';

/** Reads one value from each node, from all nodes at the same time. */
const readEach = async <T>(nodes: readonly ClusterNode[], read: (node: ClusterNode) => Promise<T>): Promise<T[]> =>
  Promise.all(nodes.map(read));

describeWith(redisServer, nginx)('nginx in front of three nodes', () => {
  let cluster: Cluster;
  const sockets: TestSocket[] = [];
  const ushers: Usher[] = [];

  beforeAll(async () => {
    cluster = await Cluster.start();
  }, 190_000);

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    for (const usher of ushers.splice(0)) usher.close();
  });

  afterAll(() => cluster?.stop());

  const countSockets = (nodes = cluster.nodes) => readEach(nodes, (node) => sumMetric(node, 'usher_sockets '));
  const countReads = () =>
    readEach(cluster.nodes, (node) =>
      sumMetric(node, 'usher_http_request_seconds_count{method="GET",route="/v1/shows/:showId/seats"'),
    );

  async function connectFor(showId: number, transport: 'websocket' | 'polling' = 'websocket'): Promise<TestSocket> {
    const socket = await TestSocket.connect(cluster.url, { transports: [transport], query: { showId } });
    sockets.push(socket);
    return socket;
  }

  const read = async (showId: number): Promise<void> => {
    expect((await fetch(`${cluster.url}/v1/shows/${showId}/seats`)).status).toBe(200);
  };

  function openShow(showId: number) {
    const usher = createUsher({ url: cluster.url });
    ushers.push(usher);
    return usher.openShow(showId);
  }

  /** Returns by how much each node's count has increased. */
  const increases = (before: readonly number[], after: readonly number[]) =>
    after.map((count, at) => count - before[at]!);

  it('sends all clients of a show to the same node, whether they use WebSocket, long polling or REST', async () => {
    for (let show = 0; show < 3; show++) {
      const showId = await makeShow(cluster.pool);
      const [socketsBefore, readsBefore] = [await countSockets(), await countReads()];
      await Promise.all([
        connectFor(showId),
        connectFor(showId),
        connectFor(showId, 'polling'),
        openShow(showId).ready,
      ]);
      await Promise.all([read(showId), read(showId), read(showId)]);
      const opened = increases(socketsBefore, await countSockets());
      const home = opened.indexOf(4);
      expect(opened.filter((count) => count > 0)).toEqual([4]);
      expect(increases(readsBefore, await countReads())[home]).toBe(3);
    }
  });

  it('spreads shows over the nodes', async () => {
    const before = await countSockets();
    // In one of a billion runs, all 20 shows have the same node by chance.
    await Promise.all(Array.from({ length: 20 }, (_, showId) => connectFor(showId)));
    expect(increases(before, await countSockets()).filter((count) => count > 0).length).toBeGreaterThan(1);
  });

  it('sends every long-polling request of a socket to the same node during a purchase', async () => {
    const showId = await makeShow(cluster.pool);
    const [buyer, viewer] = [await connectFor(showId, 'polling'), await connectFor(showId, 'polling')];
    await viewer.ask('show:join', { showId });
    const { booking } = await buyer.ask('reservation:create', { showId, seats: [1, 2] });
    expect(await viewer.next('seats:changed')).toMatchObject({ showId, held: [1, 2], version: booking.version });
  });

  it('spreads requests that concern no show over all nodes', async () => {
    const metric = 'usher_http_request_seconds_count{method="GET",route="/v1/cities"';
    const before = await readEach(cluster.nodes, (node) => sumMetric(node, metric));
    await Promise.all(
      Array.from({ length: 60 }, () => fetch(`${cluster.url}/v1/cities`).then((response) => response.text())),
    );
    const after = await readEach(cluster.nodes, (node) => sumMetric(node, metric));
    expect(Math.min(...increases(before, after))).toBeGreaterThan(5);
  });

  it('sends the clients of a killed node to another node, and loses none of their calls', async () => {
    const showId = await makeShow(cluster.pool);
    const before = await countSockets();
    const show = openShow(showId);
    await show.ready;
    const home = increases(before, await countSockets()).indexOf(1);
    const others = cluster.nodes.filter((_, at) => at !== home);
    const held = await show.reserve({ seats: [3, 4] });

    await cluster.nodes[home]!.process.end('SIGKILL');

    await read(showId);
    const caller = await RestCaller.begin(cluster.url);
    const path = `/v1/shows/${showId}/reservations`;
    expect((await caller.call('POST', path, { seats: [5] })).status).toBe(201);
    const view = await waitForView(
      show,
      ({ connection, version }) => connection === 'live' && version === held.version + 1,
    );
    expect(view.bookings).toEqual([held]);
    expect((await countSockets(others)).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
  });

  it('exposes neither the metrics nor the health of its nodes', async () => {
    for (const path of ['/metrics', '/health/live', '/health/ready']) {
      expect((await fetch(cluster.url + path)).status).toBe(404);
    }
  });
});

describeWith(nginx)('a node behind nginx', () => {
  it('counts sockets by the real address of a client, not by a forged header', async () => {
    const app = await startApp({ demo: false, env: { PROXIES: '1', SOCKETS_PER_ADDRESS_MAX: '2' } });
    const proxy = await Nginx.start([app.url]);
    const sockets: TestSocket[] = [];
    const connectWithForgedAddress = (address: string) =>
      TestSocket.connect(proxy.url, { extraHeaders: { 'X-Forwarded-For': address }, reconnection: false });
    try {
      sockets.push(await connectWithForgedAddress('203.0.113.1'), await connectWithForgedAddress('203.0.113.2'));
      await expect(connectWithForgedAddress('203.0.113.3')).rejects.toThrow('websocket error');
    } finally {
      for (const socket of sockets) socket.close();
      await proxy.stop();
      await app.close();
    }
  });
});

describeWith(nginx)('nginx in front of fake nodes', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  async function startFakeNode(behaviour: FakeNodeBehaviour): Promise<FakeNode> {
    const node = await FakeNode.start(behaviour);
    cleanUps.push(() => node.stop());
    return node;
  }

  async function startProxy(
    nodes: readonly FakeNode[],
    ...options: [limits?: string, site?: string[]]
  ): Promise<Nginx> {
    const proxy = await Nginx.start(
      nodes.map(({ url }) => url),
      ...options,
    );
    cleanUps.push(() => proxy.stop());
    return proxy;
  }

  const forged = {
    'X-Forwarded-For': '203.0.113.7',
    'X-Real-IP': '203.0.113.7',
    Forwarded: 'for=203.0.113.7',
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'https',
  };

  it('forwards the real address of a client, not a forged header', async () => {
    const node = await startFakeNode('answers');
    const proxy = await startProxy([node]);
    for (const path of ['/v1/cities', '/v1/shows/7/seats', '/socket.io/?EIO=4&transport=polling']) {
      await fetch(proxy.url + path, { headers: forged });
    }
    expect(node.calls).toHaveLength(3);
    for (const { headers } of node.calls) {
      expect(headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
      expect(JSON.stringify(headers)).not.toMatch(/203\.0\.113|evil/);
    }
  });

  it('trusts a load balancer that site.conf names, and forwards the last address of the header that is not trusted', async () => {
    const node = await startFakeNode('answers');
    const trust = ['set_real_ip_from 127.0.0.1;', 'real_ip_header X-Forwarded-For;', 'real_ip_recursive on;'];
    const proxy = await startProxy([node], undefined, trust);
    await fetch(`${proxy.url}/v1/cities`, { headers: { 'X-Forwarded-For': '203.0.113.7, 198.51.100.9, 127.0.0.1' } });
    expect(node.calls[0]!.headers['x-forwarded-for']).toBe('198.51.100.9');
  });

  it('repeats a GET on the next node after a broken connection, but never repeats a POST', async () => {
    const [first, second] = [await startFakeNode('hangs up'), await startFakeNode('hangs up')];
    const proxy = await startProxy([first, second], 'max_fails=0');
    const calls = () => first.calls.length + second.calls.length;
    expect((await fetch(`${proxy.url}/v1/shows/7/seats`)).status).toBe(502);
    expect(calls()).toBe(2);
    expect((await fetch(`${proxy.url}/v1/shows/7/reservations`, { method: 'POST', body: '{}' })).status).toBe(502);
    expect(calls()).toBe(3);
  });

  it('sends a POST to the next node if the node of its show does not listen', async () => {
    const [stopped, node] = [await startFakeNode('answers'), await startFakeNode('answers')];
    stopped.server.close();
    const proxy = await startProxy([stopped, node], 'max_fails=0');
    for (let showId = 1; showId <= 8; showId++) {
      const answer = await fetch(`${proxy.url}/v1/shows/${showId}/reservations`, { method: 'POST', body: '{}' });
      expect(answer.status).toBe(200);
    }
    expect(node.calls).toHaveLength(8);
  });

  it('sends calls to the next node if the node of their show has reached max_conns', async () => {
    const nodes = [await startFakeNode('holds'), await startFakeNode('holds')];
    const proxy = await startProxy(nodes, 'max_conns=2');
    const calls = Array.from({ length: 4 }, () => request(`${proxy.url}/v1/shows/7/seats`).end());
    for (const call of calls) call.on('error', () => undefined);
    await Promise.all(nodes.map((node) => node.waitForCalls(2)));
    expect(nodes.map(({ calls: received }) => received.length)).toEqual([2, 2]);
    for (const call of calls) call.destroy();
  });

  it('lets clients upgrade to WebSocket only on the Socket.IO path', async () => {
    const node = await startFakeNode('answers');
    const proxy = await startProxy([node]);
    const { hostname, port } = new URL(proxy.url);
    for (const path of ['/socket.io/?EIO=4&transport=websocket', '/v1/cities']) {
      const client = connect(Number(port), hostname);
      client.write(`GET ${path} HTTP/1.1\r\nHost: usher\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      await once(client, 'data');
      client.destroy();
    }
    const [socket, other] = node.calls;
    expect(socket!.headers).toMatchObject({ upgrade: 'websocket', connection: 'upgrade' });
    expect(other!.headers.upgrade).toBeUndefined();
  });

  it('reuses connections to its nodes, and keeps the ids of sockets out of its log', async () => {
    const node = await startFakeNode('answers');
    let connections = 0;
    node.server.on('connection', () => connections++);
    const proxy = await startProxy([node]);
    for (let call = 0; call < 10; call++) {
      await (await fetch(`${proxy.url}/socket.io/?EIO=4&transport=polling&sid=secret-of-a-socket`)).text();
    }
    expect(connections).toBeLessThan(5); // nginx opens one connection per worker and upstream.
    expect(await proxy.log()).toContain('"GET /socket.io/" 200');
    expect(await proxy.log()).not.toContain('secret-of-a-socket');
  });
});
