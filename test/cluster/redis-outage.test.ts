import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Nodes } from '../support/nodes.js';
import { TestProxy } from '../support/test-proxy.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { RedisServer } from '../support/redis-server.js';
import { makeShow } from '../support/show.js';
import type { TestSocket } from '../support/socket.js';

/** Time limit for a change that arrives as a message, in ms. Without messages, nodes catch up only every 2.5 s. */
const messageMsMax = 1000;

/** Maximum time until viewers on other nodes have the correct map without Redis, in ms. */
const correctMapMsMax = 5000;

/** Maximum number of attempts to get a message through Redis after Redis is back. */
const attemptsMax = 40;

describeWithRedis('nodes without a working Redis', () => {
  let redis: RedisServer;
  /** The proxy between the second node and Redis. */
  let redisProxy: TestProxy;
  let nodes: Nodes;
  let showId: number;
  let seat = 0;
  let viewers: TestSocket[];
  let buyers: TestSocket[];

  beforeAll(async () => {
    redis = await RedisServer.start();
    redisProxy = await TestProxy.start(redis.url);
    nodes = await Nodes.start([{ REDIS_URL: redis.url }, { REDIS_URL: redisProxy.url.replace('http', 'redis') }]);
  });

  afterAll(async () => {
    await nodes.close();
    await redisProxy.close();
    await redis.stop();
  });

  beforeEach(async () => {
    showId = await makeShow(nodes.pool, { rows: 20, seatsPerRow: 20 });
    viewers = await Promise.all([nodes.connect(0), nodes.connect(1)]);
    for (const viewer of viewers) await viewer.ask('show:join', { showId });
    buyers = await Promise.all(Array.from({ length: 2 }, (_, node) => nodes.connect(node)));
    await waitForMessages();
  });

  /** Reserves and releases one seat through a node. @returns the version of the reservation */
  async function reserveAndRelease(node: number): Promise<number> {
    const buyer = buyers[node]!;
    const { booking } = await buyer.ask('reservation:create', { showId, seats: [seat++ % 400] });
    await buyer.ask('reservation:release', { bookingId: booking.bookingId });
    return booking.version;
  }

  /** Resolves when the viewer on the node has received the version or a later one. */
  const waitForVersion = (node: number, version: number, withinMs: number) =>
    viewers[node]!.next('seats:changed', (change) => change.version >= version, withinMs);

  /** Waits until each node receives the other node's commits as messages, and not only by catching up. */
  async function waitForMessages(): Promise<void> {
    for (const [from, to] of [
      [0, 1],
      [1, 0],
    ] as const) {
      for (let attempt = 1; ; attempt++) {
        try {
          await waitForVersion(to, await reserveAndRelease(from), 200);
          break;
        } catch (error) {
          if (attempt === attemptsMax) throw error;
        }
      }
    }
  }

  /**
   * Expects that viewers on the buyer's node receive a change at once and that viewers on the other node receive it in
   * time.
   */
  async function expectService(): Promise<void> {
    for (const node of [0, 1]) {
      const version = await reserveAndRelease(node);
      await expect(waitForVersion(node, version, messageMsMax)).resolves.toBeDefined();
      await expect(waitForVersion(1 - node, version, correctMapMsMax)).resolves.toBeDefined();
    }
  }

  it('continue after Redis was killed, and use Redis again when it is back', async () => {
    await redis.kill();
    await expectService();
    await redis.launch();
    await waitForMessages();
    await expectService();
  });

  it('continue if Redis keeps its connections but does not answer, and use Redis again when it answers', async () => {
    redis.freeze();
    try {
      await expectService();
    } finally {
      redis.thaw();
    }
    await waitForMessages();
    await expectService();
  });

  it('continue if one of the nodes is cut off from Redis', async () => {
    redisProxy.disconnectAll();
    redisProxy.connectionsToRefuse = Infinity;
    await expectService();
    redisProxy.connectionsToRefuse = 0;
    await waitForMessages();
    await expectService();
  });

  it('start without Redis, serve requests, and report in `/health/ready` that Redis is missing', async () => {
    await redis.kill();
    const late = await Nodes.start([{ REDIS_URL: redis.url }]);
    try {
      const ready = await fetch(`${late.services[0]!.url}/health/ready`);
      expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true, without: ['redis'] }]);
      const show = await makeShow(late.pool);
      const buyer = await late.connect(0);
      await expect(buyer.ask('reservation:create', { showId: show, seats: [0] })).resolves.toBeDefined();
    } finally {
      await redis.launch();
      await late.close();
    }
  });
});
