import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createUsher, type Usher } from '@usher/client';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../support/database.js';
import { ServiceProcess } from '../support/service-process.js';
import { TestProxy } from '../support/test-proxy.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { RedisServer } from '../support/redis-server.js';
import { RestCaller } from '../support/rest.js';
import { waitForView } from '../support/sdk.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';

/** Maximum time to drain, in ms. An orchestrator kills a node that takes longer. */
const drainMsMax = 10_000;

/** Maximum time until a client of the SDK has a live map again, in ms. */
const recoveryMsMax = 2000;

/** Resolves when `fetch` calls in this process have sent the headers of `count` requests. */
function waitForSentRequests(count: number): Promise<void> {
  const channel = 'undici:client:sendHeaders';
  return new Promise((resolve) => {
    let sent = 0;
    const onSent = (): void => {
      if (++sent < count) return;
      unsubscribe(channel, onSent);
      resolve();
    };
    subscribe(channel, onSent);
  });
}

describeWithRedis('a draining node', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let redis: RedisServer;
  const processes: ServiceProcess[] = [];
  const cleanUps: (() => void | Promise<void>)[] = [];

  beforeEach(async () => {
    [database, redis] = await Promise.all([createTestDatabase({ demo: false }), RedisServer.start()]);
    pool = testPool(database.url, 2);
  });

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
    await Promise.all(processes.splice(0).map((process) => process.end('SIGKILL')));
    await pool.end();
    await Promise.all([database.drop(), redis.stop()]);
  });

  async function startNode(): Promise<{ process: ServiceProcess; url: string }> {
    const process = ServiceProcess.start(testEnvironment(database.url, { REDIS_URL: redis.url }));
    processes.push(process);
    return { process, url: await process.waitUntilReady() };
  }

  async function connect(url: string): Promise<TestSocket> {
    const socket = await TestSocket.connect(url, { reconnection: false });
    cleanUps.push(() => socket.close());
    return socket;
  }

  it('answers all requests that have arrived, announces its end to its sockets, disconnects them, and exits in time', async () => {
    const { process, url } = await startNode();
    const showId = await makeShow(pool, { rows: 20, seatsPerRow: 20 });
    const sockets = await Promise.all(Array.from({ length: 40 }, () => connect(url)));
    const caller = await RestCaller.begin(url);
    // As long as the node's process is suspended, the operating system accepts its connections and buffers their
    // requests. So when SIGTERM comes, all requests have arrived, but the node has read none of them.
    process.child.kill('SIGSTOP');
    const reserving = sockets.map((socket, index) => socket.ask('reservation:create', { showId, seats: [index] }));
    // The first call uses the open connection. The others use connections that the node has not accepted yet.
    const seats = [397, 398, 399];
    const allSent = waitForSentRequests(seats.length);
    const calling = seats.map((seat) => caller.call('POST', `/v1/shows/${showId}/reservations`, { seats: [seat] }));
    await allSent;
    const disconnecting = sockets.map((socket) => new Promise((resolve) => socket.io.once('disconnect', resolve)));
    const sentAt = performance.now();
    const exiting = process.end('SIGTERM');
    process.child.kill('SIGCONT');
    const bookings = await Promise.all(reserving);
    for (const { status } of await Promise.all(calling)) expect(status).toBe(201);
    for (const socket of sockets) await socket.next('node:leaving');
    // After a disconnect with this reason, Socket.IO's clients reconnect by themselves.
    expect(new Set(await Promise.all(disconnecting))).toEqual(new Set(['transport close']));
    expect(await exiting).toBe(0);
    expect(performance.now() - sentAt).toBeLessThan(drainMsMax);
    const { rows } = await pool.query<{ id: string }>('select booking_id as id from booking where show_id = $1', [
      showId,
    ]);
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(bookings.map(({ booking }) => booking.bookingId)));
  });

  it('answers long-polling requests at once, and accepts no new connections', async () => {
    const { process, url } = await startNode();
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 1 });
    await (await connect(url)).ask('reservation:create', { showId, seats: [0] });
    const caller = await RestCaller.begin(url);
    const { body } = await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 });
    const polling = caller.call('GET', `/v1/shows/${showId}/queue?wait=25&ahead=${String(body.ahead)}`);
    // Once the node has answered this later request, on another connection, it has read the long-polling request too.
    await caller.call('GET', `/v1/shows/${showId}/queue`);
    const exiting = process.end('SIGTERM');
    expect((await polling).body).toMatchObject({ ticket: body.ticket });
    await exiting;
    await expect(fetch(`${url}/health/ready`)).rejects.toThrow('fetch failed');
  });

  it('loses no request of an SDK client, and each SDK client has a live map on another node within two seconds', async () => {
    const nodes = [await startNode(), await startNode()];
    const proxy = await TestProxy.start(nodes[0]!.url);
    cleanUps.push(() => proxy.close());
    const showId = await makeShow(pool, { rows: 20, seatsPerRow: 20 });
    const clients: Usher[] = Array.from({ length: 8 }, () => createUsher({ url: proxy.url }));
    for (const client of clients) cleanUps.push(() => client.close());
    const shows = clients.map((client) => client.openShow(showId));
    await Promise.all(shows.map((show) => show.ready));
    // The proxy acts as a load balancer, which sends new connections to another node if one node refuses them.
    proxy.target = new URL(nodes[1]!.url);
    const lostAt = new Map<number, number>();
    const outages: number[] = [];
    shows.forEach((show, index) =>
      show.subscribe(() => {
        const { connection } = show.getSnapshot();
        if (connection !== 'live' && !lostAt.has(index)) lostAt.set(index, performance.now());
        if (connection === 'live' && lostAt.has(index)) {
          outages.push(performance.now() - lostAt.get(index)!);
          lostAt.delete(index);
        }
      }),
    );
    const stop = new AbortController();
    const buying = shows.map(async (show, index) => {
      let count = 0;
      while (!stop.signal.aborted) {
        const booking = await show.reserve({ seats: [index * 40 + (count % 20)] });
        await show.release(booking.bookingId);
        count++;
      }
      return count;
    });
    expect(await nodes[0]!.process.end('SIGTERM')).toBe(0);
    // These seats are in rows that the buyers above do not use.
    await Promise.all(shows.map((show, index) => show.reserve({ seats: [index * 40 + 20] })));
    stop.abort();
    const counts = await Promise.all(buying);
    // The node may answer a reservation before it answers the client's join, so the map may not be live yet.
    await Promise.all(shows.map((show) => waitForView(show, ({ connection }) => connection === 'live')));
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(outages).toHaveLength(clients.length);
    expect(Math.max(...outages)).toBeLessThan(recoveryMsMax);
  }, 60_000);
});
