// Measures what a viewer costs a node: the CPU time and the bytes of a page's requests, and of a socket that connects,
// joins a show and disconnects. The service is a separate process with the demo catalog. It reports its own CPU time,
// so other processes on the machine hardly change the figures.
//   npm run bench:views [-- --reads 4000 --visits 1000 --rounds 3]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { io } from 'socket.io-client';
import { percentile, table, unlimitedAddress } from './support.mjs';

const flag = (value) => ({ type: 'string', default: value });
const { values: flags } = parseArgs({ options: { reads: flag('4000'), visits: flag('1000'), rounds: flag('3') } });
const [readCount, visitCount, rounds] = [flags.reads, flags.visits, flags.rounds].map(Number);

const folder = await mkdtemp(join(tmpdir(), 'usher-views-'));
await chmod(folder, 0o755);
const env = {
  PATH: process.env.PATH,
  DATA_DIR: folder,
  PORT: '0',
  LOG_LEVEL: 'fatal',
  CALLS_PER_SECOND_MAX: '1000000',
  ...unlimitedAddress,
};
const service = spawn(process.execPath, ['dist/main.js'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
const ended = once(service, 'exit');
try {
  const url = await listening();
  const { items } = await (await fetch(`${url}/v1/cities?limit=1`)).json();
  const showId = await anyShow(url, items[0].cityId);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const rows = [];
  for (const [what, path] of [
    ['the films of a city', `/v1/cities/${items[0].cityId}/movies`],
    ['a show', `/v1/shows/${showId}`],
    ['its seats', `/v1/shows/${showId}/seats`],
  ]) {
    rows.push([what, ...(await cost(url, readCount, () => read(url + path, agent)))]);
  }
  rows.push([
    'a socket that connects, joins the show and leaves',
    ...(await cost(url, visitCount, () => visit(url, showId))),
  ]);
  agent.destroy();
  process.stdout.write(table(['request', 'CPU ms', 'bytes'], rows));
} finally {
  service.kill('SIGTERM');
  await ended;
  await rm(folder, { recursive: true, force: true });
}

async function listening() {
  let output = '';
  for await (const chunk of service.stdout) {
    output += chunk;
    const [, url] = /Seat maps\s+(\S+)\/\n/.exec(output) ?? [];
    if (url) return url;
  }
  throw new Error('the service exited before it listened on a port');
}

async function anyShow(url, cityId) {
  const movies = await (await fetch(`${url}/v1/cities/${cityId}/movies?limit=1`)).json();
  const { movieId } = movies.items[0];
  const times = await (await fetch(`${url}/v1/movies/${movieId}/showtimes?cityId=${cityId}`)).json();
  return times.items[0].shows.at(-1).showId;
}

/**
 * Returns the service's CPU time per request in ms, and the bytes of one answer. The CPU time is the median of all
 * rounds after a warm-up round.
 */
async function cost(url, count, act) {
  const limit = pLimit(16);
  const figures = [];
  let bytes = 0;
  for (let round = 0; round <= rounds; round++) {
    const before = await cpuSeconds(url);
    const sizes = await Promise.all(Array.from({ length: count }, () => limit(act)));
    figures.push(((await cpuSeconds(url)) - before) * (1000 / count));
    bytes = sizes[0];
  }
  return [percentile(figures.slice(1), 0.5), bytes];
}

async function cpuSeconds(url) {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(metrics)[1]);
}

function read(address, agent) {
  return new Promise((resolve, reject) => {
    http
      .get(address, { agent }, (answer) => {
        let bytes = 0;
        answer.on('data', (chunk) => (bytes += chunk.length));
        answer.on('end', () => (answer.statusCode === 200 ? resolve(bytes) : reject(new Error(address))));
      })
      .on('error', reject);
  });
}

async function visit(url, showId) {
  const socket = io(url, { forceNew: true, transports: ['websocket'], reconnection: false });
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  const joined = await socket.timeout(30_000).emitWithAck('show:join', { showId });
  socket.disconnect();
  return JSON.stringify(joined).length;
}
