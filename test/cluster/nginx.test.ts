import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { createUsher, type Usher } from '@usher/client';
import { startApp } from '../support/app.js';
import { Cluster, type ClusterNode, metricOf } from '../support/cluster.js';
import { Nginx } from '../support/nginx.js';
import { RestCaller } from '../support/rest.js';
import { until } from '../support/sdk.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';
import { describeWith, nginx, redisServer } from '../support/tool.js';

/** What is looked at on each node. */
const each = async <T>(nodes: readonly ClusterNode[], look: (node: ClusterNode) => Promise<T>): Promise<T[]> =>
  Promise.all(nodes.map(look));

describeWith(redisServer, nginx)('three nodes behind nginx', () => {
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

  const socketsOn = (nodes = cluster.nodes) => each(nodes, (node) => metricOf(node, 'usher_sockets '));
  const readsOn = () =>
    each(cluster.nodes, (node) =>
      metricOf(node, 'usher_http_request_seconds_count{method="GET",route="/v1/shows/:showId/seats"'),
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

  /** Each node's count of the calls that only it had. */
  const grown = (before: readonly number[], after: readonly number[]) => after.map((count, at) => count - before[at]!);

  it('brings everyone who looks at a show to the same node, over sockets, long polling and REST', async () => {
    for (let show = 0; show < 3; show++) {
      const showId = await makeShow(cluster.pool);
      const [socketsBefore, readsBefore] = [await socketsOn(), await readsOn()];
      await Promise.all([
        connectFor(showId),
        connectFor(showId),
        connectFor(showId, 'polling'),
        openShow(showId).ready,
      ]);
      await Promise.all([read(showId), read(showId), read(showId)]);
      const opened = grown(socketsBefore, await socketsOn());
      const home = opened.indexOf(4);
      expect(opened.filter((count) => count > 0)).toEqual([4]);
      expect(grown(readsBefore, await readsOn())[home]).toBe(3);
    }
  });

  it('spreads shows over the nodes', async () => {
    const before = await socketsOn();
    // All on one of three nodes by chance: once in a billion runs.
    await Promise.all(Array.from({ length: 20 }, (_, showId) => connectFor(showId)));
    expect(grown(before, await socketsOn()).filter((count) => count > 0).length).toBeGreaterThan(1);
  });

  it('carries a whole purchase over long polling, whose every request meets the node of its session', async () => {
    const showId = await makeShow(cluster.pool);
    const [buyer, viewer] = [await connectFor(showId, 'polling'), await connectFor(showId, 'polling')];
    await viewer.ask('show:join', { showId });
    const { booking } = await buyer.ask('reservation:create', { showId, seats: [1, 2] });
    expect(await viewer.next('seats:changed')).toMatchObject({ showId, held: [1, 2], version: booking.version });
  });

  it('spreads what names no show over all nodes', async () => {
    const beginning = 'usher_http_request_seconds_count{method="GET",route="/v1/cities"';
    const before = await each(cluster.nodes, (node) => metricOf(node, beginning));
    await Promise.all(Array.from({ length: 60 }, () => fetch(`${cluster.url}/v1/cities`).then((one) => one.text())));
    const after = await each(cluster.nodes, (node) => metricOf(node, beginning));
    expect(Math.min(...grown(before, after))).toBeGreaterThan(5);
  });

  it('brings the clients of a node that is killed to another, and their calls arrive meanwhile', async () => {
    const showId = await makeShow(cluster.pool);
    const before = await socketsOn();
    const show = openShow(showId);
    await show.ready;
    const home = grown(before, await socketsOn()).indexOf(1);
    const others = cluster.nodes.filter((_, at) => at !== home);
    const held = await show.reserve({ seats: [3, 4] });

    await cluster.nodes[home]!.process.end('SIGKILL');

    await read(showId);
    const caller = await RestCaller.begin(cluster.url);
    const path = `/v1/shows/${showId}/reservations`;
    expect((await caller.call('POST', path, { seats: [5] })).status).toBe(201);
    const view = await until(show, ({ connection, version }) => connection === 'live' && version === held.version + 1);
    expect(view.bookings).toEqual([held]);
    expect((await socketsOn(others)).reduce((sum, count) => sum + count)).toBeGreaterThan(0);
  });

  it('keeps the metrics of its nodes to itself', async () => {
    expect((await fetch(`${cluster.url}/metrics`)).status).toBe(404);
  });
});

describeWith(nginx)('a node behind nginx', () => {
  it('counts the sockets of the address that a client has, not of the one that it claims', async () => {
    const app = await startApp({ demo: false, env: { PROXIES: '1', SOCKETS_PER_ADDRESS_MAX: '2' } });
    const proxy = await Nginx.start([app.url]);
    const sockets: TestSocket[] = [];
    const claim = (address: string) =>
      TestSocket.connect(proxy.url, { extraHeaders: { 'X-Forwarded-For': address }, reconnection: false });
    try {
      sockets.push(await claim('203.0.113.1'), await claim('203.0.113.2'));
      await expect(claim('203.0.113.3')).rejects.toThrow('websocket error');
    } finally {
      for (const socket of sockets) socket.close();
      await proxy.stop();
      await app.close();
    }
  });
});

/** A node that only remembers what came. */
interface Listener {
  readonly url: string;
  readonly server: Server;
  readonly calls: { method: string; path: string; headers: IncomingHttpHeaders }[];
}

describeWith(nginx)('nginx before nodes that only listen', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  /** @param behaviour answers, hangs up in the middle of a call, or holds it open */
  async function listen(behaviour: 'answers' | 'hangs up' | 'holds'): Promise<Listener> {
    const calls: Listener['calls'] = [];
    const server = createServer(({ method = '', url = '', headers, socket }, response) => {
      calls.push({ method, path: url, headers });
      if (behaviour === 'hangs up') socket.destroy();
      if (behaviour === 'answers') response.end('answered');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, calls };
  }

  async function before(nodes: readonly Listener[], ...more: [limits?: string, site?: string[]]): Promise<Nginx> {
    const proxy = await Nginx.start(
      nodes.map(({ url }) => url),
      ...more,
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

  it('hands on the address that a client has, not the one that it claims', async () => {
    const node = await listen('answers');
    const proxy = await before([node]);
    for (const path of ['/v1/cities', '/v1/shows/7/seats', '/socket.io/?EIO=4&transport=polling']) {
      await fetch(proxy.url + path, { headers: forged });
    }
    expect(node.calls).toHaveLength(3);
    for (const { headers } of node.calls) {
      expect(headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
      expect(JSON.stringify(headers)).not.toMatch(/203\.0\.113|evil/);
    }
  });

  it('believes a balancer that site.conf names, and of what it says only the last address that is not its own', async () => {
    const node = await listen('answers');
    const trust = ['set_real_ip_from 127.0.0.1;', 'real_ip_header X-Forwarded-For;', 'real_ip_recursive on;'];
    const proxy = await before([node], undefined, trust);
    await fetch(`${proxy.url}/v1/cities`, { headers: { 'X-Forwarded-For': '203.0.113.7, 198.51.100.9, 127.0.0.1' } });
    expect(node.calls[0]!.headers['x-forwarded-for']).toBe('198.51.100.9');
  });

  it('asks the next node where doing it twice is harmless, and never hands on a POST twice', async () => {
    const [one, two] = [await listen('hangs up'), await listen('hangs up')];
    const proxy = await before([one, two], 'max_fails=0');
    const calls = () => one.calls.length + two.calls.length;
    expect((await fetch(`${proxy.url}/v1/shows/7/seats`)).status).toBe(502);
    expect(calls()).toBe(2);
    expect((await fetch(`${proxy.url}/v1/shows/7/reservations`, { method: 'POST', body: '{}' })).status).toBe(502);
    expect(calls()).toBe(3);
  });

  it('hands a POST to the next node where its own does not even listen', async () => {
    const [gone, node] = [await listen('answers'), await listen('answers')];
    gone.server.close();
    const proxy = await before([gone, node], 'max_fails=0');
    for (let showId = 1; showId <= 8; showId++) {
      const answer = await fetch(`${proxy.url}/v1/shows/${showId}/reservations`, { method: 'POST', body: '{}' });
      expect(answer.status).toBe(200);
    }
    expect(node.calls).toHaveLength(8);
  });

  it('sends those for whom the node of their show has no room to the next one', async () => {
    const nodes = [await listen('holds'), await listen('holds')];
    const proxy = await before(nodes, 'max_conns=2');
    const calls = Array.from({ length: 4 }, () => request(`${proxy.url}/v1/shows/7/seats`).end());
    for (const call of calls) call.on('error', () => undefined);
    await Promise.all(nodes.map((node) => hasCalls(node, 2)));
    expect(nodes.map(({ calls: had }) => had.length)).toEqual([2, 2]);
    for (const call of calls) call.destroy();
  });

  it('upgrades sockets and nothing else', async () => {
    const node = await listen('answers');
    const proxy = await before([node]);
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

  it('keeps connections to its nodes, and the ids of sockets out of its log', async () => {
    const node = await listen('answers');
    let connections = 0;
    node.server.on('connection', () => connections++);
    const proxy = await before([node]);
    for (let call = 0; call < 10; call++) {
      await (await fetch(`${proxy.url}/socket.io/?EIO=4&transport=polling&sid=secret-of-a-socket`)).text();
    }
    expect(connections).toBeLessThan(5); // one for each of its workers and upstreams
    expect(await proxy.log()).toContain('"GET /socket.io/" 200');
    expect(await proxy.log()).not.toContain('secret-of-a-socket');
  });
});

async function hasCalls({ server, calls }: Listener, count: number): Promise<void> {
  const signal = AbortSignal.timeout(5000);
  while (calls.length < count) await once(server, 'request', { signal });
}
