import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createUsher, type ShowStore, type Usher } from '@usher/client';
import { encodeSeats } from '@usher/contract';
import { Redis } from 'ioredis';
import type pg from 'pg';
import { readConfig } from '../../src/config/config.js';
import { renewIdentity } from '../../src/database/database-identity.js';
import { type Service, startService } from '../../src/service.js';
import { copyDatabase, createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../support/database.js';
import { describeWithRedis, RedisServer } from '../support/redis.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';
import { until } from '../support/until.js';

const run = promisify(execFile);

/** The contract's bound: every map is the server's so long after the last change. */
const rightWithinMs = 5000;

const seatCount = 100;

/** One installation: a database with a node, a viewer by the SDK, a viewer by the contract alone, and a buyer. */
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
    const service = await startService(readConfig(testEnvironment(database.url, { REDIS_URL: redisUrl })));
    const [buyer, viewer] = await Promise.all([RestCaller.begin(service.url), TestSocket.connect(service.url)]);
    const made = new Installation(testPool(database.url, 2), service, buyer, viewer, showId, database);
    await made.show.ready;
    await viewer.ask('show:join', { showId });
    return made;
  }

  /** Holds a seat. @returns the status of the answer */
  async hold(seat: number): Promise<number> {
    const { status } = await this.buyer.call('POST', `/v1/shows/${this.showId}/reservations`, { seats: [seat] });
    return status;
  }

  /** The map that the tables have. */
  async tables(): Promise<{ version: number; seats: string }> {
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

  /** Every map that somebody is shown: over REST, by joining, and in the SDK. */
  async shown(): Promise<{ version: number; seats: string }[]> {
    const path = `/v1/shows/${this.showId}/seats`;
    const { body } = await this.buyer.call('GET', path);
    const joiner = await TestSocket.connect(this.service.url);
    const joined = await joiner.send('show:join', { showId: this.showId });
    joiner.close();
    const { version, seats } = this.show.getSnapshot();
    const inSdk = { version, seats: encodeSeats(seats) };
    return [body, joined, inSdk].map((map: object) => {
      const shown = map as { version: number; seats: string };
      return { version: shown.version, seats: shown.seats };
    });
  }

  async isRight(): Promise<boolean> {
    const expected = JSON.stringify(await this.tables());
    return (await this.shown()).every((map) => JSON.stringify(map) === expected);
  }

  async close(): Promise<void> {
    this.usher.close();
    this.viewer.close();
    await this.service.close();
    await this.pool.end();
    await this.database.drop();
  }
}

/** Waits until something holds, and fails when that takes longer than the contract allows for a wrong map. */
async function inTime(holds: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  await until(holds);
  expect(performance.now() - began).toBeLessThan(rightWithinMs);
}

describeWithRedis('a database and its copy on one Redis', () => {
  let redis: RedisServer;
  let original: Installation;
  let copy: Installation;

  /** One held seat, then a copy of it all, and a node on each. */
  async function start(prepareCopy: (pool: pg.Pool) => Promise<unknown>): Promise<void> {
    const database = await createTestDatabase({ demo: false });
    const pool = testPool(database.url, 1);
    const showId = await makeShow(pool);
    await pool.end();
    const service = await startService(readConfig(testEnvironment(database.url)));
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

  describe('with an identity of its own', () => {
    beforeEach(() => start(renewIdentity));

    it('hear nothing of each other', async () => {
      expect(await copy.hold(5)).toBe(201);
      expect(await original.hold(6)).toBe(201);
      await original.viewer.next('seats:changed', ({ held }) => held?.[0] === 6);
      await copy.viewer.next('seats:changed', ({ held }) => held?.[0] === 5);
      expect(await original.isRight()).toBe(true);
      expect(await copy.isRight()).toBe(true);
      const channels = (await redis.ask('PUBSUB', 'SHARDCHANNELS', '*')) as string[];
      const identities = channels.map((channel) => /^usher:([0-9a-f-]{36})#/.exec(channel)?.[1]);
      expect(new Set(identities).size).toBe(2);
      expect(identities).not.toContain(undefined);
    });

    it('drop and count a message that names another identity', async () => {
      const { rows } = await original.pool.query<{ identity: string }>('select identity from database_identity');
      const channel = `usher:${rows[0]!.identity}#/#show:${original.showId}#`;
      const client = new Redis(redis.port, '127.0.0.1');
      const dropped = async () => {
        const metrics = await (await fetch(`${original.service.url}/metrics`)).text();
        return Number(/^usher_foreign_node_messages_total (\d+)/m.exec(metrics)?.[1]);
      };
      const before = await dropped();
      const row = { seq: 2, commitId: 3, version: 2, at: 0, changes: [{ type: 'blocked', seats: [9] }] };
      const body = { showId: original.showId, row, previousCommitId: 0 };
      const message = ['00000000-0000-4000-8000-000000000000', 'some node', 'log', body];
      await client.spublish(channel, `n${JSON.stringify(message)}`);
      client.disconnect();
      await until(async () => (await dropped()) === before + 1);
      expect(await original.isRight()).toBe(true);
    });
  });

  describe('with the same identity', () => {
    beforeEach(() => start(() => Promise.resolve()));

    it('show no wrong map for longer than five seconds', async () => {
      expect(await copy.hold(5)).toBe(201);
      await inTime(() => original.isRight());
      expect(await copy.isRight()).toBe(true);
    });

    it('correct a viewer that knows nothing but the contract: it connects again and joins', async () => {
      expect(await copy.hold(5)).toBe(201);
      await original.viewer.next('seats:changed', ({ held }) => held?.[0] === 5);
      const { version } = await original.viewer.next('show:reset');
      expect(version).toBe(1);
      const isBack = new Promise<void>((resolve) => original.viewer.io.once('connect', resolve));
      await isBack;
      expect(await original.viewer.ask('show:join', { showId: original.showId })).toMatchObject(
        await original.tables(),
      );
    });

    it('refuse no free seat for good, and answer nothing with 503', async () => {
      expect(await copy.hold(5)).toBe(201);
      await original.viewer.next('seats:changed', ({ held }) => held?.[0] === 5);
      expect(await original.hold(6)).toBe(201);
      await inTime(async () => {
        const status = await original.hold(5);
        expect([201, 409]).toContain(status);
        return status === 201;
      });
      await inTime(() => original.isRight());
      await inTime(() => copy.isRight());
    });

    it('stay right while both sell, however their commits cross', async () => {
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
      await inTime(async () => (await original.isRight()) && (await copy.isRight()));
    });
  });
});

describeWithRedis('a node whose database gets a new identity', () => {
  it('leaves the channels of the old one until it is restarted, as the command says', async () => {
    const [redis, database] = await Promise.all([RedisServer.start(), createTestDatabase({ demo: false })]);
    const pool = testPool(database.url, 1);
    const showId = await makeShow(pool);
    const installation = await Installation.start(database, showId, redis.url);
    try {
      const listener = new Redis(redis.port, '127.0.0.1');
      const identityNow = async () =>
        (await pool.query<{ identity: string }>('select identity from database_identity')).rows[0]!.identity;
      const before = await identityNow();
      await listener.ssubscribe(`usher:${before}#/#show:${showId}#`);
      let announced = 0;
      listener.on('smessage', () => announced++);
      const isAnnounced = async () => {
        const already = announced;
        const { status, body } = await installation.buyer.call('POST', `/v1/shows/${showId}/reservations`, {
          seats: [0],
        });
        expect(status).toBe(201);
        await installation.buyer.call('DELETE', `/v1/bookings/${String(body.bookingId)}`);
        await installation.viewer.next('seats:changed', ({ free }) => free?.[0] === 0);
        await listener.ping();
        return announced > already;
      };
      expect(await isAnnounced()).toBe(true);
      const command = ['dist/cli/migrate.js', '--new-identity'];
      const { stdout } = await run(process.execPath, command, { env: { ...process.env, DATABASE_URL: database.url } });
      expect(stdout).toContain(`was ${before} and is now ${await identityNow()}.\nRestart every node`);
      expect(await identityNow()).not.toBe(before);
      await until(async () => !(await isAnnounced()));
      listener.disconnect();
    } finally {
      await pool.end();
      await installation.close();
      await redis.stop();
    }
  });
});
