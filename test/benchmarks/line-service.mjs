// The service that bench:lines measures. It also answers calls that use the service from inside its process, without a
// transport, for example to join a line or to release seats.
import { createApp } from '../../dist/service.js';
import { readConfig } from '../../dist/config/config.js';
import { createId } from '../../dist/common/ids.js';
import { LinesService } from '../../dist/lines/lines.service.js';
import { RealtimeGateway } from '../../dist/realtime/realtime.gateway.js';
import { PostgresShowStore } from '../../dist/shows/store/postgres-show-store.js';
import { ShowsService } from '../../dist/shows/lane/shows.service.js';
import { answerCalls, cpuMs, memory, sharedNow } from './line-children.mjs';
import { percentile, requiredSettings, unlimitedAddress } from './support.mjs';

const { url, secret } = JSON.parse(process.argv[2]);
const listening = { PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'error' };
const env = { ...requiredSettings, ...unlimitedAddress, ...listening, DATABASE_URL: url, SESSION_SECRET: secret };
const app = await createApp(readConfig(env), url);
const [shows, lines, realtime] = [ShowsService, LinesService, RealtimeGateway].map((of) => app.get(of));
const batches = watchBatches(app.get(PostgresShowStore));
const sendMoved = realtime.sendMoved.bind(realtime);
/** Sessions that wait without a socket, by show. They leave when a benchmark wants the line to move. */
const waitingSessions = new Map();

answerCalls({
  listen: async () => {
    await app.listen(0, '127.0.0.1');
    return app.getHttpServer().address().port;
  },
  open,
  sellOut,
  join,
  admissions,
  offers,
  shuffle,
  move,
  usage: () => ({ at: sharedNow(), cpuMs: cpuMs(), ...memory() }),
  cpu: () => ({ at: sharedNow(), cpuMs: cpuMs() }),
  end: () => process.exit(0),
});

/** Loads a show from the tables. Returns how much time and memory this took. */
async function open({ showId }) {
  const before = memory();
  const began = performance.now();
  await shows.lane(showId);
  const ms = performance.now() - began;
  const after = memory();
  return { ms, bytes: after.used - before.used };
}

/** Holds all seats of a show, ten per session. */
async function sellOut({ showId, seatCount }) {
  const held = Array.from({ length: seatCount / 10 }, (_, ten) => {
    const seats = Array.from({ length: 10 }, (__, seat) => ten * 10 + seat);
    const ids = {
      bookingId: createId(),
      sessionId: createId(),
      usedKey: null,
      source: null,
      hasPassedChallenge: false,
    };
    return shows.submit(showId, { type: 'reserve', ...ids, request: { seats, onConflict: 'refuse' } });
  });
  for (const { type } of await Promise.all(held)) if (type !== 'done') throw new Error(`a hold was ${type}`);
}

/** Lets `callers` callers join the line at the same time. Each of them joins one new session after the other. */
async function join({ showId, count, callers }) {
  const latencies = [];
  const joined = waitingSessions.get(showId) ?? [];
  waitingSessions.set(showId, joined);
  const tenths = [];
  let left = count;
  batches.length = 0;
  const cpu = cpuMs();
  const began = performance.now();
  const call = async () => {
    while (left-- > 0) {
      const sessionId = createId();
      const at = performance.now();
      await lines.join({ showId, sessionId, body: { partySize: 2 }, key: null, origin: null });
      latencies.push(performance.now() - at);
      joined.push(sessionId);
      if (latencies.length % Math.floor(count / 10) === 0) tenths.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const seconds = (performance.now() - began) / 1000;
  const rateOf = (tenth) => count / 10 / ((tenths[tenth] - (tenths[tenth - 1] ?? 0)) / 1000);
  const times = { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
  const shares = phases(count);
  return {
    rate: count / seconds,
    ...times,
    first: rateOf(0),
    last: rateOf(9),
    cpuUs: ((cpuMs() - cpu) * 1000) / count,
    shares,
  };
}

/**
 * Waits until `count` sessions have been admitted. Returns the size of each batch, and how long after the first batch
 * it came.
 */
async function admissions({ showId, count }) {
  const done = Promise.withResolvers();
  const steps = [];
  let inside = 0;
  batches.length = 0;
  const subscription = shows.advances.subscribe(({ showId: id, lineChanges }) => {
    const entered = id === showId ? lineChanges.filter(({ type }) => type === 'entered').length : 0;
    if (entered === 0) return;
    steps.push({ at: performance.now(), entered });
    if ((inside += entered) >= count) done.resolve();
  });
  await shows.submit(showId, { type: 'tick' }); // from now on the service ticks the line
  await done.promise;
  subscription.unsubscribe();
  const first = steps[0].at;
  const longest = Math.max(...batches.map(lockedMs));
  return { steps: steps.map(({ at, entered }) => ({ ms: at - first, entered })), lockedMs: longest };
}

/**
 * Releases all holds of a show, `together` of them at once. Returns how fast waiting sessions received offers of the
 * seats.
 */
async function offers({ showId, together }) {
  const { state } = await shows.lane(showId);
  const live = [...state.bookings.values()];
  let offered = 0;
  const subscription = shows.advances.subscribe(({ showId: id, lineChanges }) => {
    if (id === showId) offered += lineChanges.filter(({ type }) => type === 'offered').length;
  });
  const latencies = [];
  batches.length = 0;
  const began = performance.now();
  for (let from = 0; from < live.length; from += together) {
    const at = performance.now();
    const some = live.slice(from, from + together);
    await Promise.all(
      some.map(({ bookingId, sessionId }) => shows.submit(showId, { type: 'release', bookingId, sessionId })),
    );
    latencies.push(performance.now() - at);
  }
  const rate = offered / ((performance.now() - began) / 1000);
  subscription.unsubscribe();
  return { offered, rate, p50: percentile(latencies, 0.5), longest: Math.max(...batches.map(lockedMs)) };
}

/** Opens a show whose lobby is due for the draw, and waits for the draw. Returns how long each phase took. */
async function shuffle({ showId }) {
  const drawn = Promise.withResolvers();
  const subscription = shows.advances.subscribe(({ showId: id, lineChanges }) => {
    if (id === showId && lineChanges.some(({ type }) => type === 'shuffled')) drawn.resolve(performance.now());
  });
  const began = performance.now();
  const lane = await shows.lane(showId);
  const openedMs = performance.now() - began;
  batches.length = 0;
  await lane.submit({ type: 'tick' });
  const toldAt = await drawn.promise;
  subscription.unsubscribe();
  const batch = batches.find((one) => one.showId === showId && one.wrote);
  const { locked, writing, wrote, committed } = batch;
  return {
    openedMs,
    decideMs: writing - locked,
    writeMs: wrote - writing,
    commitMs: committed - wrote,
    lockedMs: lockedMs(batch),
    foldMs: toldAt - committed,
  };
}

/**
 * Lets a waiter without a socket leave the line.
 *
 * @param singly true to send each waiter its own message instead of one message for all
 */
async function move({ showId, singly }) {
  realtime.sendMoved = singly ? sendPlacesSingly : sendMoved;
  const before = cpuMs();
  batches.length = 0;
  await lines.leave(showId, waitingSessions.get(showId).shift());
  return { committed: batches.findLast(({ committed }) => committed).committedAt, cpuMs: before };
}

/**
 * Sends each waiter its own place, as a service would have to if its clients could not compute their places from
 * broadcasts.
 */
function sendPlacesSingly({ showId, line: name, version, waiting }) {
  const { adapter, sockets } = realtime.server.of('/');
  void shows.lane(showId).then(({ state }) => {
    const line = state.lines[name];
    for (const id of adapter.rooms.get(`line:${showId}:${name}`) ?? []) {
      const socket = sockets.get(id);
      const waiter = state.waitersBySession.get(socket.data.sessionId);
      const ahead = line.below(waiter.place);
      socket.emit('queue:status', { showId, line: name, place: waiter.place, ahead, version, waiting });
    }
  });
}

/** Records when each transaction of a lane began, got the lock, wrote, and committed. */
function watchBatches(store) {
  const seen = [];
  const begin = store.begin.bind(store);
  store.begin = async (showId) => {
    const batch = { showId, began: performance.now() };
    const transaction = await begin(showId);
    const [lock, write, commit] = ['lock', 'write', 'commit'].map((step) => transaction[step].bind(transaction));
    transaction.lock = async (seq) => {
      const locked = await lock(seq);
      batch.locked = performance.now();
      return locked;
    };
    transaction.write = async (rows) => {
      batch.writing = performance.now();
      await write(rows);
      batch.wrote = performance.now();
    };
    transaction.commit = async () => {
      await commit();
      batch.committed = performance.now();
      batch.committedAt = sharedNow();
      seen.push(batch);
    };
    return transaction;
  };
  return seen;
}

function lockedMs({ locked, committed }) {
  return committed - locked;
}

/**
 * Returns how long each phase took per command, in µs. The phases are waiting for the lock, deciding, writing and
 * committing. Divides by `count` commands.
 */
function phases(count) {
  const sum = (from, to) => (batches.reduce((all, batch) => all + batch[to] - batch[from], 0) * 1000) / count;
  return {
    perBatch: count / batches.length,
    lock: sum('began', 'locked'),
    decide: sum('locked', 'writing'),
    write: sum('writing', 'wrote'),
    commit: sum('wrote', 'committed'),
  };
}
