// Measures reservations per second over sockets, end to end with durable commits. Runs the service and a baseline in
// turns. The baseline has the same gateway, but uses one SERIALIZABLE transaction per reservation. The load generator
// is a separate process on the same cores.
//   npm run bench:sockets [-- SECONDS [SOCKETS …]]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../dist/database/embedded-postgres.js';
import { migrateDatabase, table } from './support.mjs';

const [seconds = 4, ...given] = process.argv.slice(2).map(Number);
const socketCounts = given.length > 0 ? given : [64, 512];
const rounds = 3;

const directory = await mkdtemp(join(tmpdir(), 'usher-bench-'));
const server = await startEmbeddedPostgres({ directory, password: 'bench', settings: { max_connections: '200' } });
try {
  await migrateDatabase(server.url);
  const rows = [];
  for (const sockets of socketCounts) {
    const runs = { serializable: [], lane: [] };
    for (let round = 0; round < rounds; round++) {
      for (const path of ['serializable', 'lane']) runs[path].push(await measure(path, sockets));
    }
    const [baseline, ours] = [median(runs.serializable), median(runs.lane)];
    const row = (name, run) => [sockets, name, run.rate, run.rate / baseline.rate, run.p50, run.p99];
    rows.push(row('SERIALIZABLE', baseline), row('lane', ours));
  }
  process.stdout.write(table(['sockets', 'path', 'per second', 'ratio', 'p50 ms', 'p99 ms'], rows));
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

function median(runs) {
  return runs.toSorted((a, b) => a.rate - b.rate)[Math.floor(runs.length / 2)];
}

async function measure(path, sockets) {
  const service = fork(new URL('socket-service.mjs', import.meta.url), [path, server.url]);
  const [listening] = await once(service, 'message');
  const load = fork(new URL('socket-load.mjs', import.meta.url), [JSON.stringify({ ...listening, sockets, seconds })]);
  const [result] = await once(load, 'message');
  const exited = once(service, 'exit');
  service.kill('SIGTERM');
  await exited;
  return result;
}
