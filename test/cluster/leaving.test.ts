import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createUsher, type Usher } from '@usher/client';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../support/database.js';
import { ServiceProcess } from '../support/process.js';
import { TestProxy } from '../support/proxy.js';
import { describeWithRedis, RedisServer } from '../support/redis.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';

/** An orchestrator kills who takes longer. */
const leaveMsMax = 10_000;

/** A client of the SDK is right again within this, wherever it was. */
const rightMsMax = 2000;

describeWithRedis('a node that is told to stop', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let redis: RedisServer;
  const started: ServiceProcess[] = [];
  const closing: (() => void | Promise<void>)[] = [];

  beforeEach(async () => {
    [database, redis] = await Promise.all([createTestDatabase({ demo: false }), RedisServer.start()]);
    pool = testPool(database.url, 2);
  });

  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await Promise.all(started.splice(0).map((process) => process.end('SIGKILL')));
    await pool.end();
    await Promise.all([database.drop(), redis.stop()]);
  });

  async function startNode(): Promise<{ process: ServiceProcess; url: string }> {
    const process = ServiceProcess.start(testEnvironment(database.url, { REDIS_URL: redis.url }));
    started.push(process);
    return { process, url: await process.ready() };
  }

  async function connect(url: string): Promise<TestSocket> {
    const socket = await TestSocket.connect(url, { reconnection: false });
    closing.push(() => socket.close());
    return socket;
  }

  it('answers all that it was asked, tells its sockets to move, and is gone in time', async () => {
    const { process, url } = await startNode();
    const showId = await makeShow(pool, { rows: 20, seatsPerRow: 20 });
    const sockets = await Promise.all(Array.from({ length: 40 }, () => connect(url)));
    const caller = await RestCaller.begin(url);
    const asked = sockets.map((socket, index) => socket.ask('reservation:create', { showId, seats: [index] }));
    // One of them on the connection that is open, the others on connections that the node has not accepted yet.
    const called = [397, 398, 399].map((seat) =>
      caller.call('POST', `/v1/shows/${showId}/reservations`, { seats: [seat] }),
    );
    const gone = sockets.map((socket) => new Promise((resolve) => socket.io.once('disconnect', resolve)));
    const began = performance.now();
    const ended = process.end('SIGTERM');
    const bookings = await Promise.all(asked);
    for (const { status } of await Promise.all(called)) expect(status).toBe(201);
    for (const socket of sockets) await socket.next('node:leaving');
    // The reason after which Socket.IO's clients come back by themselves.
    expect(new Set(await Promise.all(gone))).toEqual(new Set(['transport close']));
    expect(await ended).toBe(0);
    expect(performance.now() - began).toBeLessThan(leaveMsMax);
    const { rows } = await pool.query<{ id: string }>('select booking_id as id from booking where show_id = $1', [
      showId,
    ]);
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(bookings.map(({ booking }) => booking.bookingId)));
  });

  it('ends reads that are held open, and takes no new connection', async () => {
    const { process, url } = await startNode();
    const showId = await makeShow(pool, { rows: 1, seatsPerRow: 1 });
    await (await connect(url)).ask('reservation:create', { showId, seats: [0] });
    const caller = await RestCaller.begin(url);
    const { body } = await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 });
    const held = caller.call('GET', `/v1/shows/${showId}/queue?wait=25&ahead=${String(body.ahead)}`);
    // The call is there once another one, sent later on a connection of its own, is answered.
    await caller.call('GET', `/v1/shows/${showId}/queue`);
    const ended = process.end('SIGTERM');
    expect((await held).body).toMatchObject({ ticket: body.ticket });
    await ended;
    await expect(fetch(`${url}/health/ready`)).rejects.toThrow('fetch failed');
  });

  it('is missed by no client of the SDK: each is right on another node within two seconds, and its calls succeed', async () => {
    const nodes = [await startNode(), await startNode()];
    const proxy = await TestProxy.start(nodes[0]!.url);
    closing.push(() => proxy.close());
    const showId = await makeShow(pool, { rows: 20, seatsPerRow: 20 });
    const clients: Usher[] = Array.from({ length: 8 }, () => createUsher({ url: proxy.url }));
    for (const client of clients) closing.push(() => client.close());
    const shows = clients.map((client) => client.openShow(showId));
    await Promise.all(shows.map((show) => show.ready));
    // As a load balancer does that is refused: new connections go to the other node.
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
    const over = new AbortController();
    const buying = shows.map(async (show, index) => {
      let count = 0;
      while (!over.signal.aborted) {
        const booking = await show.reserve({ seats: [index * 40 + (count % 20)] });
        await show.release(booking.bookingId);
        count++;
      }
      return count;
    });
    const ended = nodes[0]!.process.end('SIGTERM');
    expect(await ended).toBe(0);
    // In the rows between those of the buyers above.
    await Promise.all(shows.map((show, index) => show.reserve({ seats: [index * 40 + 20] })));
    over.abort();
    const counts = await Promise.all(buying);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(outages).toHaveLength(clients.length);
    expect(Math.max(...outages)).toBeLessThan(rightMsMax);
  }, 60_000);
});
