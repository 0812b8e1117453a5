import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createUsher, type ShowStore, type Usher } from '@usher/client';
import { encodeSeats, SeatMapWithCounts } from '@usher/contract';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { renewIdentity } from '../../src/database/database-identity.js';
import type { Service } from '../../src/service.js';
import { validate } from '../support/contract-shapes.js';
import { copyDatabase, createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../support/database.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { RedisServer } from '../support/redis-server.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';
import { waitUntil } from '../support/wait-until.js';
import { startTestService } from '../support/service-host/start-test-service.js';

const run = promisify(execFile);

/** How long after the last change a map may still be wrong, in ms. The contract sets this time. */
const correctMapMsMax = 5000;

const seatCount = 100;

/** A database with one node, a viewer with the SDK, a viewer with a plain socket, and a buyer. */
class Installation {
  private readonly usher: Usher;
  readonly show: ShowStore;

  private constructor(
    readonly pool: pg.Pool,
    readonly service: Service,
    readonly buyer: RestCaller,
    readonly viewer: TestSocket,
    readonly showId: number,
    private readonly database: TestDatabase,
  ) {
    this.usher = createUsher({ url: service.url });
    this.show = this.usher.openShow(showId);
  }

  static async start(database: TestDatabase, showId: number, redisUrl: string): Promise<Installation> {
    const service = await startTestService(testEnvironment(database.url, { REDIS_URL: redisUrl }));
    const [buyer, viewer] = await Promise.all([RestCaller.begin(service.url), TestSocket.connect(service.url)]);
    const installation = new Installation(testPool(database.url, 2), service, buyer, viewer, showId, database);
    await installation.show.ready;
    await viewer.ask('show:join', { showId });
    return installation;
  }

  /** Holds a seat. @returns the HTTP status */
  async hold(seat: number): Promise<number> {
    const { status } = await this.buyer.call('POST', `/v1/shows/${this.showId}/reservations`, { seats: [seat] });
    return status;
  }

  /** Returns the seat map from the tables. */
  async readTables(): Promise<{ version: number; seats: string }> {
    const { rows } = await this.pool.query<{ version: number; taken: number[] }>(
      `select version::int as version, array(select seat from show_seat where show_id = $1)::int[] as taken
       from show_ledger where show_id = $1`,
      [this.showId],
    );
    const { version, taken } = rows[0]!;
    const statuses = new Uint8Array(seatCount);
    for (const seat of taken) statuses[seat] = 1;
    return { version, seats: encodeSeats(statuses) };
  }

  /** Returns the seat maps that clients see: over REST, in the answer to a join, and in the SDK. */
  async readMaps(): Promise<{ version: number; seats: string }[]> {
    const path = `/v1/shows/${this.showId}/seats`;
    const overRest = validate(SeatMapWithCounts, (await this.buyer.call('GET', path)).body);
    const joiner = await TestSocket.connect(this.service.url);
    const joined = await joiner.joinOpen(this.showId);
    joiner.close();
    const { version, seats } = this.show.getSnapshot();
    const inSdk = { version, seats: encodeSeats(seats) };
    return [overRest, joined, inSdk].map((map) => ({ version: map.version, seats: map.seats }));
  }

  async hasCorrectMaps(): Promise<boolean> {
    const expected = JSON.stringify(await this.readTables());
    return (await this.readMaps()).every((map) => JSON.stringify(map) === expected);
  }

  async close(): Promise<void> {
    this.usher.close();
    this.viewer.close();
    await this.service.close();
    await this.pool.end();
    await this.database.drop();
  }
}

/** Waits until the condition is true. Fails if that takes longer than the contract allows a map to be wrong. */
async function expectWithinLimit(condition: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  await waitUntil(condition);
  expect(performance.now() - startedAt).toBeLessThan(correctMapMsMax);
}

describeWithRedis('the nodes of a database and of its copy on one Redis', () => {
  let redis: RedisServer;
  let original: Installation;
  let copy: Installation;

  /** Holds one seat, copies the database, and starts a node on each of the two databases. */
  async function start(prepareCopy: (pool: pg.Pool) => Promise<unknown>): Promise<void> {
    const database = await createTestDatabase({ demo: false });
    const pool = testPool(database.url, 1);
    const showId = await makeShow(pool);
    await pool.end();
    const service = await startTestService(testEnvironment(database.url));
    const buyer = await RestCaller.begin(service.url);
    await buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats: [0] });
    await service.close();
    const copied = await copyDatabase(database.url);
    const copiedPool = testPool(copied.url, 1);
    await prepareCopy(copiedPool);
    await copiedPool.end();
    [original, copy] = [
      await Installation.start(database, showId, redis.url),
      await Installation.start(copied, showId, redis.url),
    ];
  }

  beforeAll(async () => {
    redis = await RedisServer.start();
  });

  afterAll(async () => {
    await redis.stop();
  });

  afterEach(async () => {
    await original.close();
    await copy.close();
  });

  describe('with different identities', () => {
    beforeEach(() => start(renewIdentity));

    it('receive no messages from each other', async () => {
      expect(await copy.hold(5)).toBe(201);
      expect(await original.hold(6)).toBe(201);
      await original.viewer.next('seats:changed', ({ held }) => held?.[0] === 6);
      await copy.viewer.next('seats:changed', ({ held }) => held?.[0] === 5);
      expect(await original.hasCorrectMaps()).toBe(true);
      expect(await copy.hasCorrectMaps()).toBe(true);
      const channels = await redis.listChannels('*');
      const identities = channels.map((channel) => /^usher:([0-9a-f-]{36})#/.exec(channel)?.[1]);
      expect(new Set(identities).size).toBe(2);
      expect(identities).not.toContain(undefined);
    });

    it('drop and count a message that names the identity of another database', async () => {
      const { rows } = await original.pool.query<{ identity: string }>('select identity from database_identity');
      const channel = `usher:${rows[0]!.identity}#/#show:${original.showId}#`;
      const client = new Redis(redis.port, '127.0.0.1');
      const readDroppedCount = async () => {
        const metrics = await (await fetch(`${original.service.url}/metrics`)).text();
        return Number(/^usher_foreign_node_messages_total (\d+)/m.exec(metrics)?.[1]);
      };
      const before = await readDroppedCount();
      const row = { seq: 2, commitId: 3, version: 2, at: 0, changes: [{ type: 'blocked', seats: [9] }] };
      const body = { showId: original.showId, row, previousCommitId: 0 };
      const message = ['00000000-0000-4000-8000-000000000000', 'some node', 'log', body];
      await client.spublish(channel, `n${JSON.stringify(message)}`);
      client.disconnect();
      await waitUntil(async () => (await readDroppedCount()) === before + 1);
      expect(await original.hasCorrectMaps()).toBe(true);
    });
  });

  describe('with the same identity', () => {
    beforeEach(() => start(() => Promise.resolve()));

    it('show a wrong map for at most five seconds', async () => {
      expect(await copy.hold(5)).toBe(201);
      await expectWithinLimit(() => original.hasCorrectMaps());
      expect(await copy.hasCorrectMaps()).toBe(true);
    });

    it('send `show:reset` to a viewer with a plain socket, who then reconnects and joins again', async () => {
      expect(await copy.hold(5)).toBe(201);
      await original.viewer.next('seats:changed', ({ held }) => held?.[0] === 5);
      const { version } = await original.viewer.next('show:reset');
      expect(version).toBe(1);
      const isBack = new Promise<void>((resolve) => original.viewer.io.once('connect', resolve));
      await isBack;
      expect(await original.viewer.ask('show:join', { showId: original.showId })).toMatchObject(
        await original.readTables(),
      );
    });

    it('refuse a seat that is free in their database for five seconds at most, and never answer with 503', async () => {
      expect(await copy.hold(5)).toBe(201);
      await original.viewer.next('seats:changed', ({ held }) => held?.[0] === 5);
      expect(await original.hold(6)).toBe(201);
      await expectWithinLimit(async () => {
        const status = await original.hold(5);
        expect([201, 409]).toContain(status);
        return status === 201;
      });
      await expectWithinLimit(() => original.hasCorrectMaps());
      await expectWithinLimit(() => copy.hasCorrectMaps());
    });

    it('have correct maps after both have sold seats at the same time', async () => {
      const statuses = await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const installation = index % 2 === 0 ? original : copy;
          return (await RestCaller.begin(installation.service.url)).call(
            'POST',
            `/v1/shows/${original.showId}/reservations`,
            { seats: [10 + index] },
          );
        }),
      );
      expect(statuses.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 201));
      await expectWithinLimit(async () => (await original.hasCorrectMaps()) && (await copy.hasCorrectMaps()));
    });
  });
});

describeWithRedis('a node whose database gets a new identity', () => {
  it('stops publishing on the channels of the old identity, and `migrate --new-identity` asks for a restart', async () => {
    const [redis, database] = await Promise.all([RedisServer.start(), createTestDatabase({ demo: false })]);
    const pool = testPool(database.url, 1);
    const showId = await makeShow(pool);
    const installation = await Installation.start(database, showId, redis.url);
    try {
      const listener = new Redis(redis.port, '127.0.0.1');
      const readIdentity = async () =>
        (await pool.query<{ identity: string }>('select identity from database_identity')).rows[0]!.identity;
      const before = await readIdentity();
      await listener.ssubscribe(`usher:${before}#/#show:${showId}#`);
      let messageCount = 0;
      listener.on('smessage', () => messageCount++);
      const publishesOnOldChannel = async () => {
        const countBefore = messageCount;
        const { status, body } = await installation.buyer.call('POST', `/v1/shows/${showId}/reservations`, {
          seats: [0],
        });
        expect(status).toBe(201);
        await installation.buyer.call('DELETE', `/v1/bookings/${String(body.bookingId)}`);
        await installation.viewer.next('seats:changed', ({ free }) => free?.[0] === 0);
        await listener.ping();
        return messageCount > countBefore;
      };
      expect(await publishesOnOldChannel()).toBe(true);
      const command = ['dist/cli/migrate.js', '--new-identity'];
      const { stdout } = await run(process.execPath, command, { env: { ...process.env, DATABASE_URL: database.url } });
      expect(stdout).toContain(`was ${before} and is now ${await readIdentity()}.\nRestart every node`);
      expect(await readIdentity()).not.toBe(before);
      await waitUntil(async () => !(await publishesOnOldChannel()));
      listener.disconnect();
    } finally {
      await pool.end();
      await installation.close();
      await redis.stop();
    }
  });
});
