// Measures several nodes. First, reservations per second with 1, 2 and 3 nodes, on one hot show and on one show per
// node. Second, the delay until another node shows an acknowledged change. Third, the time until clients are up to date
// again after a node was killed. Nodes, PostgreSQL, Redis and the load generator share the machine's cores.
//   npm run bench:nodes [-- SECONDS [SOCKETS]]
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUsher } from '@usher/client';
import { io } from 'socket.io-client';
import getPort from 'get-port';
import { startEmbeddedPostgres } from '../../dist/database/embedded-postgres.js';
import {
  requiredSettings,
  sessionSecret,
  makeHotShow,
  migrateDatabase,
  openPool,
  percentile,
  table,
  unlimitedAddress,
} from './support.mjs';

const [seconds = 4, sockets = 192] = process.argv.slice(2).map(Number);
const rounds = 3;
const seatCount = 100_000;

const directory = await mkdtemp(join(tmpdir(), 'usher-bench-'));
const server = await startEmbeddedPostgres({ directory, password: 'bench', settings: { max_connections: '200' } });
const redisPort = await getPort({ host: '127.0.0.1' });
const redis = spawn('redis-server', ['--port', redisPort, '--save', '', '--dir', directory], { stdio: 'ignore' });
const pool = openPool(server.url, 2);
const running = new Set();
try {
  await migrateDatabase(server.url);
  process.stdout.write(await throughput());
  process.stdout.write(await crossing());
  process.stdout.write(await failover());
} finally {
  for (const node of running) node.kill('SIGKILL');
  redis.kill('SIGKILL');
  await pool.end();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

async function startNode() {
  const env = { DATABASE_URL: server.url, REDIS_URL: `redis://127.0.0.1:${redisPort}`, SESSION_SECRET: sessionSecret };
  const listening = { PATH: process.env.PATH, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'fatal' };
  const node = spawn(process.execPath, ['dist/main.js'], {
    env: { ...env, ...listening, ...requiredSettings, ...unlimitedAddress },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(node);
  node.once('exit', () => running.delete(node));
  for await (const chunk of node.stdout) {
    const [, port] = /Seat maps\s+http:\/\/127\.0\.0\.1:(\d+)\//.exec(chunk.toString()) ?? [];
    if (port) return { process: node, port: Number(port), url: `http://127.0.0.1:${port}` };
  }
  throw new Error('a node exited before it listened on a port');
}

async function stop(nodes) {
  await Promise.all(
    nodes.map(({ process: node }) => {
      const exited = once(node, 'exit');
      node.kill('SIGKILL');
      return exited;
    }),
  );
}

async function throughput() {
  const rows = [];
  const rates = { hot: [[], [], []], own: [[], [], []] };
  for (let round = 0; round < rounds; round++) {
    for (const count of [1, 2, 3]) {
      for (const kind of ['hot', 'own']) rates[kind][count - 1].push(await rate(count, kind));
    }
  }
  for (const kind of ['hot', 'own']) {
    const medians = rates[kind].map((some) => percentile(some, 0.5));
    const name = kind === 'hot' ? 'one hot show' : 'one show per node';
    medians.forEach((median, index) => rows.push([name, index + 1, median, median / medians[0]]));
  }
  return table(['shows', 'nodes', 'per second', 'ratio'], rows);
}

async function rate(count, kind) {
  const nodes = await Promise.all(Array.from({ length: count }, startNode));
  const hot = await makeHotShow(pool, seatCount);
  const loads = await Promise.all(
    nodes.map(async ({ port, url }, index) => {
      const showId = kind === 'hot' ? hot : await makeHotShow(pool, seatCount);
      await fetch(`${url}/v1/shows/${showId}/seats`); // the node loads the show before the measurement
      const share = Math.floor(seatCount / count);
      const firstSeat = kind === 'hot' ? index * share : 0;
      const part = { firstSeat, seatCount: kind === 'hot' ? firstSeat + share : seatCount };
      return { port, showId, ...part, sockets: Math.floor(sockets / count), seconds };
    }),
  );
  const results = await Promise.all(
    loads.map(async (load) => {
      const [result] = await once(fork(new URL('socket-load.mjs', import.meta.url), [JSON.stringify(load)]), 'message');
      return result;
    }),
  );
  await stop(nodes);
  return results.reduce((sum, result) => sum + result.rate, 0);
}

async function crossing() {
  const nodes = await Promise.all([startNode(), startNode()]);
  const showId = await makeHotShow(pool, 2000);
  const [buyer, viewer] = nodes.map(({ url }) => io(url, { transports: ['websocket'] }));
  const ask = (socket, event, payload) => socket.timeout(10_000).emitWithAck(event, payload);
  await Promise.all([once(buyer, 'connect'), once(viewer, 'connect')]);
  await ask(viewer, 'show:join', { showId });
  const lags = [];
  for (let seat = 0; seat < 400; seat++) {
    const seen = once(viewer, 'seats:changed').then(() => performance.now());
    await ask(buyer, 'reservation:create', { showId, seats: [seat] });
    const acknowledged = performance.now();
    lags.push((await seen) - acknowledged);
    await new Promise((go) => setTimeout(go, 60)); // after such a pause, the node sends the next change at once
  }
  buyer.disconnect();
  viewer.disconnect();
  await stop(nodes);
  return `\nseen on another node after the acknowledgement: p50 ${percentile(lags, 0.5).toFixed(2)} ms, p99 ${percentile(lags, 0.99).toFixed(2)} ms\n`;
}

/**
 * Measures how long clients of the SDK are without a connection after a node was killed. They use a load balancer that
 * picks the first node that accepts the connection.
 */
async function failover() {
  const nodes = await Promise.all([startNode(), startNode()]);
  const showId = await makeHotShow(pool, 2000);
  const balancer = net.createServer((client) =>
    forward(
      client,
      nodes.map(({ port }) => port),
    ),
  );
  balancer.listen(0, '127.0.0.1');
  await once(balancer, 'listening');
  const url = `http://127.0.0.1:${balancer.address().port}`;
  const clients = Array.from({ length: 100 }, () => createUsher({ url }));
  const shows = clients.map((client) => client.openShow(showId));
  await Promise.all(shows.map((show) => show.ready));
  const again = shows.map(
    (show) =>
      new Promise((done) => {
        let isLost = false;
        show.subscribe(() => {
          const { connection } = show.getSnapshot();
          if (connection !== 'live') isLost = true;
          else if (isLost) done(performance.now());
        });
      }),
  );
  const killedAt = performance.now();
  await stop([nodes[0]]);
  const outages = (await Promise.all(again)).map((at) => at - killedAt);
  for (const client of clients) client.close();
  balancer.close();
  await stop([nodes[1]]);
  return `right again after a node was killed, 100 clients: p50 ${Math.round(percentile(outages, 0.5))} ms, p99 ${Math.round(percentile(outages, 0.99))} ms\n`;
}

function forward(client, [port, ...others]) {
  const node = net.connect(port, '127.0.0.1');
  client.on('error', () => node.destroy()).on('close', () => node.destroy());
  node.once('connect', () => {
    node.on('close', () => client.destroy());
    client.pipe(node).pipe(client);
  });
  node.on('error', () => {
    if (!node.connecting && node.bytesRead > 0) client.destroy();
    else if (others.length > 0) forward(client, others);
    else client.destroy();
  });
}
