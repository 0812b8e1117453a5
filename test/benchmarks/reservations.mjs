// Measures reservations per second on one hot show at service level, without a transport. Runs the lane and a baseline
// in turns, on the same embedded PostgreSQL with durable commits. The baseline is one SERIALIZABLE transaction per
// reservation. The hall has 20,000 seats, and each reservation takes two of them.
//   npm run bench:reservations [-- SECONDS [CALLERS …]]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { startEmbeddedPostgres } from '../../dist/database/embedded-postgres.js';
import { hallPlan } from '../../dist/shows/core/seating/index.js';
import { PostgresShowStore } from '../../dist/shows/store/postgres-show-store.js';
import { ShowLane } from '../../dist/shows/lane/show-lane.js';
import { migrateDatabase, openPool, percentile, seatsOfHall, serializableReservations, table } from './support.mjs';

const [seconds = 4, ...callerCounts] = process.argv.slice(2).map(Number);
const callers = callerCounts.length > 0 ? callerCounts : [1, 64, 512];
const seatCount = 20_000;
const rounds = 3;
let shows = 0;

const directory = await mkdtemp(join(tmpdir(), 'usher-bench-'));
const server = await startEmbeddedPostgres({ directory, password: 'bench', settings: { max_connections: '600' } });
try {
  await migrateDatabase(server.url);
  const rows = [];
  for (const count of callers) rows.push(...(await compare(count)));
  process.stdout.write(table(['callers', 'path', 'per second', 'ratio', 'p50 ms', 'p99 ms'], rows));
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

async function compare(count) {
  const runs = { serializable: [], lane: [] };
  for (let round = 0; round < rounds; round++) {
    runs.serializable.push(await measure(count, await serializable(count)));
    runs.lane.push(await measure(count, await lane()));
  }
  const [baseline, ours] = [runs.serializable, runs.lane].map(medianRun);
  const row = (name, run) => [count, name, run.rate, run.rate / baseline.rate, run.p50, run.p99];
  return [row('SERIALIZABLE', baseline), row('lane', ours)];
}

function medianRun(runs) {
  return runs.toSorted((a, b) => a.rate - b.rate)[Math.floor(runs.length / 2)];
}

/** Runs callers that reserve one pair after the other until the time is over or the hall is full. */
async function measure(count, { reserve, close }) {
  const pairs = shuffled(Array.from({ length: seatCount / 2 }, (_, pair) => [pair * 2, pair * 2 + 1]));
  const latencies = [];
  const began = performance.now();
  const until = began + seconds * 1000;
  const call = async () => {
    for (let seats = pairs.pop(); seats && performance.now() < until; seats = pairs.pop()) {
      const at = performance.now();
      await reserve(seats);
      latencies.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: count }, call));
  const rate = latencies.length / ((performance.now() - began) / 1000);
  await close();
  return { rate, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
}

async function serializable(count) {
  const pool = openPool(server.url, count);
  const reserve = await serializableReservations(pool, seatCount);
  return { reserve, close: () => pool.end() };
}

async function lane() {
  const pool = openPool(server.url, 10);
  const showId = 1_000_000 + ++shows;
  const store = new PostgresShowStore(pool);
  const layout = { layoutId: 1, seatCount, width: 202, height: 110, stage: null, ...seatsOfHall(seatCount, 200) };
  await store.createLedger(showId, seatCount);
  const terms = {
    showId,
    layout,
    plan: hallPlan(layout),
    prices: { standard: 1250 },
    currency: 'EUR',
    saleOpensAt: null,
    saleClosesAt: Date.now() + 86_400_000,
    startsAt: Date.now() + 86_400_000,
    calledOff: false,
    rules: { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false },
    holdMs: 300_000,
    paymentGraceMs: 120_000,
    seatsMax: 10,
    waitingRoom: null,
    protection: null,
    challengePolicy: 'risk',
    budgets: {
      addressSeats: { free: seatCount, max: seatCount },
      addressPlaces: null,
      keySeatsMax: null,
      keyPlacesMax: null,
    },
    queueWaitMs: 3_600_000,
    amountStep: () => 1,
    signReceipt: () => '',
  };
  const opened = await ShowLane.open(showId, {
    store,
    readTerms: () => Promise.resolve(terms),
    onAdvance: () => undefined,
    now: Date.now,
    onClockRead: () => undefined,
    onError: (error) => {
      throw error;
    },
  });
  const reserve = async (seats) => {
    const ids = {
      bookingId: uuidv7(),
      sessionId: uuidv7(),
      usedKey: null,
      source: 'a network address',
      hasPassedChallenge: false,
    };
    const outcome = await opened.submit({ type: 'reserve', ...ids, request: { seats, onConflict: 'refuse' } });
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  };
  return { reserve, close: () => pool.end() };
}

function shuffled(items) {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}
