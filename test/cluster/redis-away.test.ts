import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Nodes } from '../support/nodes.js';
import { TestProxy } from '../support/proxy.js';
import { describeWithRedis, RedisServer } from '../support/redis.js';
import { makeShow } from '../support/show.js';
import type { TestSocket } from '../support/socket.js';

/** In this time only a message of another node can have come: nodes read on by themselves every 2.5 s. */
const soonMs = 1000;

/** Cross-node viewers are right within this, whatever becomes of Redis. */
const rightMsMax = 5000;

/** How often it is tried whether Redis carries messages again. */
const attemptsMax = 40;

describeWithRedis('without Redis', () => {
  let redis: RedisServer;
  /** The line between the second node and Redis. */
  let line: TestProxy;
  let nodes: Nodes;
  let showId: number;
  let seat = 0;
  let viewers: TestSocket[];
  let buyers: TestSocket[];

  beforeAll(async () => {
    redis = await RedisServer.start();
    line = await TestProxy.start(redis.url);
    nodes = await Nodes.start([{ REDIS_URL: redis.url }, { REDIS_URL: line.url.replace('http', 'redis') }]);
  });

  afterAll(async () => {
    await nodes.close();
    await line.close();
    await redis.stop();
  });

  beforeEach(async () => {
    showId = await makeShow(nodes.pool, { rows: 20, seatsPerRow: 20 });
    viewers = await Promise.all([nodes.connect(0), nodes.connect(1)]);
    for (const viewer of viewers) await viewer.ask('show:join', { showId });
    buyers = await Promise.all(Array.from({ length: 2 }, (_, node) => nodes.connect(node)));
    await tellEachOther();
  });

  /** Sells one seat through a node. @returns the seat */
  async function sell(node: number): Promise<number> {
    const buyer = buyers[node]!;
    const { booking } = await buyer.ask('reservation:create', { showId, seats: [seat++ % 400] });
    await buyer.ask('reservation:release', { bookingId: booking.bookingId });
    return booking.version;
  }

  const sees = (node: number, version: number, withinMs: number) =>
    viewers[node]!.next('seats:changed', (change) => change.version >= version, withinMs);

  /** Waits until what one node commits is told by the other at once, and by no reading. */
  async function tellEachOther(): Promise<void> {
    for (const [from, to] of [
      [0, 1],
      [1, 0],
    ] as const) {
      for (let attempt = 1; ; attempt++) {
        try {
          await sees(to, await sell(from), 200);
          break;
        } catch (error) {
          if (attempt === attemptsMax) throw error;
        }
      }
    }
  }

  /** Each node serves its own at once, and the other's viewers are right in time. */
  async function expectService(): Promise<void> {
    for (const node of [0, 1]) {
      const version = await sell(node);
      await expect(sees(node, version, soonMs)).resolves.toBeDefined();
      await expect(sees(1 - node, version, rightMsMax)).resolves.toBeDefined();
    }
  }

  it('that was killed, nodes go on; it is used again as soon as it is back', async () => {
    await redis.kill();
    await expectService();
    await redis.run();
    await tellEachOther();
    await expectService();
  });

  it('that holds its connections and answers nothing, nodes go on; it is used again as soon as it answers', async () => {
    redis.freeze();
    try {
      await expectService();
    } finally {
      redis.thaw();
    }
    await tellEachOther();
    await expectService();
  });

  it('that one node is cut off from, both go on', async () => {
    line.cut();
    line.refusals = Infinity;
    await expectService();
    line.refusals = 0;
    await tellEachOther();
    await expectService();
  });

  it('a node starts, serves, says so, and talks to the others once Redis is there', async () => {
    await redis.kill();
    const late = await Nodes.start([{ REDIS_URL: redis.url }]);
    try {
      const ready = await fetch(`${late.services[0]!.url}/health/ready`);
      expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true, without: ['redis'] }]);
      const show = await makeShow(late.pool);
      const buyer = await late.connect(0);
      await expect(buyer.ask('reservation:create', { showId: show, seats: [0] })).resolves.toBeDefined();
    } finally {
      await redis.run();
      await late.close();
    }
  });
});
