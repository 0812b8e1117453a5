// Measures both lines at scale, on its own PostgreSQL with durable commits: joins, admissions, offers, moves sent to
// all waiters, memory, and the lobby. The service and the sockets are separate processes on the same cores.
//   npm run bench:lines [-- --parts joins,admissions,moves,memory,lobby --joins 100000 --callers 64,512 --rounds 3
//     --sockets 2000 --moves 20 --entry 20000 --waiting 10000 --lobby 100000 --cpu-prof DIRECTORY]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../../dist/database/embedded-postgres.js';
import { startChild } from './line-children.mjs';
import { joinsOneByOne, makeShow, seedLine } from './line-shows.mjs';
import { lobby, memory } from './line-memory.mjs';
import { medianBy, migrateDatabase, openPool, percentile, table } from './support.mjs';

const flag = (value) => ({ type: 'string', default: value });
const { values: flags } = parseArgs({
  options: {
    parts: flag('joins,admissions,moves,memory,lobby'),
    joins: flag('100000'),
    callers: flag('64,512'),
    rounds: flag('3'),
    sockets: flag('2000'),
    moves: flag('20'),
    entry: flag('20000'),
    waiting: flag('10000'),
    lobby: flag('100000'),
    'cpu-prof': flag(''),
  },
});
const [joinCount, rounds, socketCount, moveCount, entryCount, waitingCount, lobbyCount] = [
  flags.joins,
  flags.rounds,
  flags.sockets,
  flags.moves,
  flags.entry,
  flags.waiting,
  flags.lobby,
].map(Number);
const secret = 'x'.repeat(32);
const parts = { joins, admissions, moves, memory, lobby };
const seatCount = 2000;
/** Number of lines that each of 512 sockets joins. */
const linesOfSockets = 40;
const socketJoins = 512 * linesOfSockets;

const directory = await mkdtemp(join(tmpdir(), 'usher-bench-'));
const server = await startEmbeddedPostgres({ directory, password: 'bench', settings: { max_connections: '600' } });
const pool = openPool(server.url, 4);
const bench = { pool, rounds, seatCount, socketCount, lobbyCount, startService, withSockets, fullShow };
try {
  await migrateDatabase(server.url);
  for (const part of flags.parts.split(',')) {
    const { title, head, rows } = await parts[part](bench);
    process.stdout.write(`\n${title}\n\n${table(head, rows)}`);
  }
} finally {
  await pool.end();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

function startService() {
  const profile = flags['cpu-prof'] === '' ? [] : ['--cpu-prof', '--cpu-prof-dir', String(flags['cpu-prof'])];
  return startChild('line-service.mjs', { url: server.url, secret }, profile);
}

async function withSockets(service, count, use) {
  const load = startChild('line-load.mjs', { port: await service.call('listen'), secret });
  await load.call('connect', { count });
  try {
    return await use(load);
  } finally {
    await load.end();
  }
}

/** Makes a show and holds all its seats. */
async function fullShow(service, seats = seatCount) {
  const showId = await makeShow(pool, { seatCount: seats });
  await service.call('sellOut', { showId, seatCount: seats });
  return showId;
}

async function joins() {
  const rows = [];
  for (const callers of flags.callers.split(',').map(Number)) {
    const [base, ours] = [[], []];
    for (let round = 0; round < rounds; round++) {
      base.push(await joinsOneByOne(server.url, callers));
      const service = startService();
      const showId = await fullShow(service);
      ours.push(await service.call('join', { showId, callers, count: joinCount }));
      await service.end();
    }
    const [one, run] = [base, ours].map((runs) => medianBy(runs, 'rate'));
    const { perBatch, lock, decide, write, commit } = run.shares;
    rows.push([callers, 'one transaction each', one.rate, 1, one.p50, one.p99, '', '', '']);
    const phases = [lock, decide, write, commit].map((us) => us.toFixed(0)).join(' + ');
    const slices = `${run.first.toFixed(0)} → ${run.last.toFixed(0)}`;
    const size = `${perBatch.toFixed(0)} per batch`;
    rows.push([callers, `lane, ${size}`, run.rate, run.rate / one.rate, run.p50, run.p99, run.cpuUs, phases, slices]);
  }
  rows.push(...(await joinsOverTransports()));
  return {
    title: `${joinCount} sessions join one seat line (sockets: ${socketJoins} joins, REST as many).`,
    head: [
      'callers',
      'path',
      'joins/s',
      'ratio',
      'p50 ms',
      'p99 ms',
      'CPU µs of the node (transports: of the generator)',
      'µs per join: lock + decide + write + commit',
      'joins/s, first → last tenth',
    ],
    rows,
  };
}

/**
 * Measures joins over sockets and REST. A session can be in a line only once, so each socket joins the lines of many
 * shows in turn, and each REST call has a new session.
 */
async function joinsOverTransports() {
  const service = startService();
  const showIds = [];
  for (let show = 0; show < linesOfSockets; show++) showIds.push(await fullShow(service, 100));
  const runs = await withSockets(service, 512, async (load) => {
    const sockets = await load.call('join', { showIds, atOnce: 512 });
    await load.call('quiet');
    const showId = await fullShow(service);
    return [sockets, await load.call('joinOverRest', { showId, count: socketJoins, connections: 512 })];
  });
  await service.end();
  return runs.map(({ rate, p50, p99, generatorUs }, index) => {
    const path = index === 0 ? 'sockets, end to end' : 'REST, end to end, one line';
    return [512, path, rate, '', p50, p99, generatorUs, '', ''];
  });
}

async function admissions() {
  const rows = [await admitted(30_000), await admitted(null)];
  for (const together of [2000, 100, 1]) rows.push(await offered(together));
  return {
    title: `Admissions from a line of ${entryCount}, offers to a line of ${waitingCount}.`,
    head: [
      'case',
      'count',
      'per second',
      'behind schedule at the end ms',
      'p50 / max lateness ms',
      'longest under the lock ms',
    ],
    rows,
  };
}

async function admitted(admitPerMinute) {
  const count = entryCount;
  const waitingRoom = { mode: 'on', maxShoppers: 1_000_000, admitPerMinute, shopSeconds: 3600 };
  const showId = await makeShow(pool, { seatCount, waitingRoom });
  await seedLine(pool, showId, { line: 'entry', count, seatCount });
  const service = startService();
  const { steps, lockedMs } = await service.call('admissions', { showId, count });
  await service.end();
  if (admitPerMinute === null)
    return ['admissions as fast as possible', count, count / (lockedMs / 1000), '', '', lockedMs];
  const perSecond = admitPerMinute / 60;
  // The schedule admits the sessions of one second at once, and the same number in each later second.
  let before = 0;
  const late = steps.map(({ ms, entered }) => {
    const dueMs = Math.floor(before / perSecond) * 1000;
    before += entered;
    return ms - dueMs;
  });
  const last = steps.at(-1);
  const rate = (count - last.entered) / (last.ms / 1000);
  const gaps = steps.slice(1).map(({ ms }, index) => ms - steps[index].ms - (1000 * steps[index].entered) / perSecond);
  const lateness = `${percentile(gaps, 0.5).toFixed(0)} / ${Math.max(...gaps).toFixed(0)}`;
  return [`admissions at ${perSecond}/s, ${steps.length} batches`, count, rate, late.at(-1), lateness, lockedMs];
}

/** Measures offers to a line. Releases all seats of a sold-out show, `together` holds at once. */
async function offered(together) {
  const count = waitingCount;
  const seats = together === 1 ? 2000 : count * 2;
  const service = startService();
  const showId = await fullShow(service, seats);
  await service.call('join', { showId, callers: 512, count });
  const run = await service.call('offers', { showId, together });
  await service.end();
  const text = `offers, ${together} holds of ten seats released at once, each time in p50 ${run.p50.toFixed(1)} ms`;
  return [text, run.offered, run.rate, '', '', run.longest];
}

async function moves() {
  const count = socketCount;
  const service = startService();
  const showId = await fullShow(service);
  await service.call('join', { showId, callers: 64, count: moveCount * 2 + 10 });
  const rows = await withSockets(service, count, async (load) => {
    await load.call('join', { showIds: [showId], atOnce: 512 });
    await load.call('quiet');
    const idle = await idleShare(service);
    const runs = { one: [], singly: [] };
    for (let round = 0; round < moveCount; round++) {
      for (const way of ['one', 'singly']) runs[way].push(await oneMove(service, load, { showId, way, idle }));
    }
    const row = (name, of) => {
      const all = of.map(({ all: ms }) => ms);
      const [p50, cpu] = [
        percentile(all, 0.5),
        percentile(
          of.map(({ cpu: ms }) => ms),
          0.5,
        ),
      ];
      const us = (cpu / count) * 1000;
      return [count, name, p50, Math.max(...all), cpu, us, (us * 100_000) / 1e6];
    };
    return [row('queue:moved, one message for all', runs.one), row('one message per waiter', runs.singly)];
  });
  await service.end();
  const [one, singly] = rows;
  rows.push([count, 'ratio', singly[2] / one[2], singly[3] / one[3], singly[4] / one[4], singly[5] / one[5], '']);
  return {
    title: `A move sent to all waiting sockets of one node, ${moveCount} times each way in turns.`,
    head: [
      'sockets',
      'message',
      'commit to last socket p50 ms',
      'max ms',
      'CPU ms of the node',
      'µs per socket',
      'CPU s at 100,000 sockets (extrapolated)',
    ],
    rows,
  };
}

/** Returns the share of a CPU core that the idle service uses. */
async function idleShare(service) {
  const before = await service.call('cpu');
  await delay(2000);
  const after = await service.call('cpu');
  return (after.cpuMs - before.cpuMs) / (after.at - before.at);
}

async function oneMove(service, load, { showId, way, idle }) {
  await load.call('expect', { event: way === 'one' ? 'queue:moved' : 'queue:status' });
  const { committed, cpuMs } = await service.call('move', { showId, singly: way === 'singly' });
  const { last } = await load.call('received');
  const after = await service.call('cpu');
  await load.call('quiet');
  return { all: last - committed, cpu: after.cpuMs - cpuMs - idle * (after.at - committed) };
}
