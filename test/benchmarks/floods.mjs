// Measures how much an attack slows down one buyer. The buyer reserves seats over its socket at a steady rate, first
// alone and then during each attack, from another address and from the same address as the attack. The latency of a
// reservation counts from the time at which it was due. The service, PostgreSQL and the load generator are separate
// processes on the same cores. The generator has a lower priority.
//   npm run bench:floods [-- --seconds 30 --rate 50 --shows 100000 --only "key guesses" --redis true --dist dist --costs true]
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import getPort from 'get-port';
import { startEmbeddedPostgres } from '../../dist/database/embedded-postgres.js';
import { createAttacks } from './flood-attacks.mjs';
import { reserveAtRate } from './flood-buyer.mjs';
import { createCallers, fillDatabase } from './flood-target.mjs';
import { migrateDatabase, openPool, percentile, requiredSettings, sessionSecret, table } from './support.mjs';

const flag = (value) => ({ type: 'string', default: value });
const { values: flags } = parseArgs({
  options: {
    seconds: flag('30'),
    rate: flag('50'),
    shows: flag('100000'),
    only: flag(''),
    redis: flag('false'),
    dist: flag('dist'),
    costs: flag('false'),
  },
});
const [seconds, rate, shows] = [flags.seconds, flags.rate, flags.shows].map(Number);
const adminKey = 'administers the floods of this benchmark';

const directory = await mkdtemp(join(tmpdir(), 'usher-bench-'));
const server = await startEmbeddedPostgres({ directory, password: 'bench', settings: { shared_buffers: '256MB' } });
const pool = openPool(server.url, 4);
const redis = flags.redis === 'true' ? await startRedis() : null;
try {
  await migrateDatabase(server.url);
  const filled = { ...(await fillDatabase(pool, { shows, hotSeats: 100_000 })), adminKey };
  const service = await startService(redis?.url);
  try {
    const target = { ...filled, ...(await createCallers(service.url, filled)) };
    if (flags.costs === 'true') await measureCosts(service, target);
    else await measureAttacks(service, target);
  } finally {
    await service.stop();
  }
} finally {
  await pool.end();
  redis?.stop();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

async function measureAttacks(service, target) {
  const only = flags.only === '' ? null : flags.only.split(',');
  const attacks = createAttacks(target).filter(({ name }) => only === null || only.includes(name));
  // The first reservations compile the code.
  await buy(service, 5, '192.0.2.1');
  const head = ['attack', 'address', 'sent/s', 'answers', 'cores', 'p50 ms', 'p99 ms', 'ratio of p50', 'ratio of p99'];
  const rows = [];
  for (const [index, { name }] of attacks.entries()) {
    // Each attack has new addresses, because some limits last for a minute.
    const buyerAddress = `198.51.100.${index + 1}`;
    const attackers = { other: `203.0.113.${index + 1}`, same: buyerAddress };
    const alone = await buy(service, seconds, buyerAddress);
    rows.push([name, 'none', 0, '', alone.cores, ...figures(alone, alone)]);
    for (const [from, address] of Object.entries(attackers)) {
      const during = await attack(service, target, { name, address, buyerAddress });
      const { sent, statuses, cpuShare } = during.load;
      const answers = Object.entries(statuses).map(([status, count]) => `${count}× ${status}`);
      rows.push([name, from, sent / seconds, answers.join(', '), during.cores, ...figures(during, alone)]);
      const generator = `generator ${cpuShare.toFixed(2)} cores`;
      process.stderr.write(
        `${rows
          .at(-1)
          .map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell))
          .join(' | ')} | ${generator}\n`,
      );
      // Lets work of this attack end before the next measurement.
      await delay(3000);
    }
  }
  process.stdout.write(table(head, rows));
}

/** Prints the CPU time of one call of each attack, in the service and in PostgreSQL. Nothing else runs meanwhile. */
async function measureCosts(service, target) {
  const rows = [];
  for (const { name, request } of createAttacks(target)) {
    const run = async (count) => {
      for (let n = 0; n < count; n++) {
        const { method, path, headers, body } = request(n);
        const answer = await fetch(service.url + path, { method, headers, body });
        await answer.arrayBuffer();
      }
    };
    await run(50);
    const before = [service.cpuSeconds(), databaseSeconds()];
    await run(200);
    const spent = [service.cpuSeconds() - before[0], databaseSeconds() - before[1]].map((cpu) => (cpu * 1000) / 200);
    rows.push([name, ...spent, spent[0] + spent[1]].map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell)));
  }
  process.stdout.write(table(['call', 'CPU ms in the service', 'CPU ms in PostgreSQL', 'sum'], rows));
}

function figures({ latencies }, { latencies: alone }) {
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return [p50, p99, p50 / percentile(alone, 0.5), p99 / percentile(alone, 0.99)].map(
    (figure) => Math.round(figure * 100) / 100,
  );
}

/** Reserves for some time. Also returns the cores that the service and PostgreSQL used meanwhile. */
async function buy({ port, showId, cpuSeconds }, during, address) {
  const before = cpuSeconds() + databaseSeconds();
  const bought = await reserveAtRate({ port, showId, address, rate, seconds: during });
  if (bought.errors > 0) throw new Error(`${bought.errors} reservations failed, so the latencies mean nothing`);
  return { ...bought, cores: Math.round(((cpuSeconds() + databaseSeconds() - before) / during) * 100) / 100 };
}

/** Runs an attack while the buyer reserves. */
async function attack(service, target, { name, address, buyerAddress }) {
  const options = { port: service.port, name, seconds: seconds + 1, address, target };
  const child = fork(new URL('flood-load.mjs', import.meta.url), [JSON.stringify(options)]);
  setPriority(child.pid, 10);
  const finished = once(child, 'message');
  await delay(1000);
  const bought = await buy(service, seconds, buyerAddress);
  const [load] = await finished;
  return { ...bought, load };
}

async function startService(redisUrl) {
  const env = {
    PATH: process.env.PATH,
    ...requiredSettings,
    // The buyer holds many seats without paying.
    BOT_PROTECTION: 'false',
    DATABASE_URL: server.url,
    SESSION_SECRET: sessionSecret,
    ADMIN_API_KEY: adminKey,
    PORT: '0',
    HOST: '127.0.0.1',
    PROXIES: '1',
    DEMO: 'false',
    LOG_LEVEL: 'fatal',
    ...(flags.costs === 'true' && { CALLS_PER_SECOND_MAX: '1000000' }),
    ...(redisUrl && { REDIS_URL: redisUrl }),
  };
  const child = spawn(process.execPath, [join(flags.dist, 'main.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await once(child.stdout, 'data');
  const url = /http:\/\/[0-9.:]+/.exec(String(output))?.[0];
  if (!url) throw new Error(`the service did not start: ${output}`);
  const { rows } = await pool.query('select id from show order by id desc limit 2');
  return {
    url,
    port: Number(new URL(url).port),
    showId: rows[1].id,
    cpuSeconds: () => cpuSecondsOf(child.pid),
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** CPU time of a process so far. The kernel counts it in ticks of 10 ms. */
function cpuSecondsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  // The last two count the processes that this process started and that have ended, such as closed connections.
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/** CPU time so far of the processes of this PostgreSQL. */
function databaseSeconds() {
  const [postmaster] = readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n');
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').trim().split(' ');
  return [postmaster, ...children].map(cpuSecondsOf).reduce((sum, cpu) => sum + cpu, 0);
}

async function startRedis() {
  const port = await getPort({ host: '127.0.0.1' });
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', options, { stdio: 'ignore' });
  return { url: `redis://127.0.0.1:${port}`, stop: () => child.kill('SIGTERM') };
}
