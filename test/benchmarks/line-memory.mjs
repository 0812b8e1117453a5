// Parts of bench:lines that measure the memory of a waiter and the draw of a lobby.
import { setTimeout as delay } from 'node:timers/promises';
import { startChild } from './line-children.mjs';
import { makeShow, seedLine } from './line-shows.mjs';
import { medianBy } from './support.mjs';

/** Measures the memory of bare sockets, of waiting sockets, and of a waiter in a lane. */
export async function memory(bench) {
  const { socketCount, lobbyCount, startService, withSockets, fullShow } = bench;
  const bareSockets = await measureGrowth(
    withSockets,
    startChild('bare-sockets.mjs', {}),
    socketCount,
    async () => undefined,
  );
  const service = startService();
  const showId = await fullShow(service);
  const waitingSockets = await measureGrowth(withSockets, service, socketCount, (load) =>
    load.call('join', { showIds: [showId], atOnce: 512 }),
  );
  const { bytes } = await openFullLine(bench, 'seats', false);
  const kb = (value) => value / 1024;
  const ratio = (field) => waitingSockets[field] / bareSockets[field];
  return {
    title: `Memory, ${socketCount} sockets; a line of ${lobbyCount} read from its tables.`,
    head: ['case', 'KiB used (heap and buffers)', 'KiB resident'],
    rows: [
      ['a bare Socket.IO connection', kb(bareSockets.used), kb(bareSockets.rss)],
      ['a socket that waits in line, with its waiter', kb(waitingSockets.used), kb(waitingSockets.rss)],
      ['ratio', ratio('used'), ratio('rss')],
      ['a waiter in the lane', kb(bytes / lobbyCount), ''],
    ],
  };
}

/** Returns the memory growth of a server per socket. Ends the server. */
async function measureGrowth(withSockets, service, count, use) {
  const grown = await withSockets(service, 100, async (load) => {
    await load.call('quiet');
    const before = await service.call('usage'); // after a warm-up with 100 sockets
    await load.call('connect', { count: count + 100 });
    await use(load);
    await load.call('quiet');
    await delay(2000); // meanwhile, the server frees the memory that only the burst needed
    const after = await service.call('usage');
    return { used: (after.used - before.used) / count, rss: (after.rss - before.rss) / count };
  });
  await service.end();
  return grown;
}

/** Starts the service and opens a show with a full line, which no lane of the new process has loaded yet. */
async function openFullLine({ pool, seatCount, lobbyCount: count, startService }, line, inLobby) {
  const room = { mode: 'on', maxShoppers: 1, admitPerMinute: null, shopSeconds: 3600 };
  const waitingRoom = line === 'entry' ? room : null;
  const saleOpensAt = inLobby ? new Date(Date.now() - 1000) : null;
  const service = startService();
  await service.call('cpu'); // returns after the service has started
  const showId = await makeShow(pool, { seatCount, waitingRoom, saleOpensAt });
  await seedLine(pool, showId, { line, count, seatCount, inLobby });
  const result = await service.call(inLobby ? 'shuffle' : 'open', { showId });
  await service.end();
  return result;
}

/** Measures how long a lane takes to load a long line, and to draw the places of a long lobby. */
export async function lobby(bench) {
  const { rounds, lobbyCount } = bench;
  const opens = [];
  const shuffles = [];
  for (let round = 0; round < rounds; round++) {
    opens.push(await openFullLine(bench, 'seats', false));
    shuffles.push(await openFullLine(bench, 'entry', true));
  }
  const shuffled = medianBy(shuffles, 'lockedMs');
  const row = (name, ms) => [name, ms, ms / 5000];
  return {
    title: `A line of ${lobbyCount}: loading it, and drawing the places of a lobby.`,
    head: ['case', 'ms', 'share of the limit of 5 s'],
    rows: [
      row('a lane opens with the line', medianBy(opens, 'ms').ms),
      row('a lane opens with the lobby', shuffled.openedMs),
      row('the shuffle, time under the lock', shuffled.lockedMs),
      row('… deciding', shuffled.decideMs),
      row('… writing', shuffled.writeMs),
      row('… commit', shuffled.commitMs),
      row('the fold after the shuffle', shuffled.foldMs),
    ],
  };
}
