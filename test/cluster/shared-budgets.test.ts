import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { SharedLimiter } from '../../src/access/budgets/shared-limiter.js';
import { connectRedis, type RedisClients } from '../../src/realtime/redis-clients.js';
import { z } from 'zod';
import { validate } from '../support/contract-shapes.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { Nodes } from '../support/nodes.js';
import { RedisServer } from '../support/redis-server.js';
import { waitUntil } from '../support/wait-until.js';

describeWithRedis('a budget that nodes share', () => {
  const budget = { points: 100, seconds: 60 };
  let redis: RedisServer;
  let clients: RedisClients;

  const createNode = () => new SharedLimiter(budget, clients.pub, 'test');

  beforeEach(async () => {
    redis = await RedisServer.start();
    clients = connectRedis([redis.url], null);
    for (const client of [clients.pub, clients.sub]) client.on('error', () => undefined);
    await waitUntil(() => Promise.resolve(clients.pub.status === 'ready'));
  });

  afterEach(async () => {
    clients.pub.disconnect();
    clients.sub.disconnect();
    await redis.stop();
  });

  it('refuses on every node a key that has used up the budget on all nodes together', async () => {
    const nodes = [createNode(), createNode()] as const;
    for (const node of nodes) {
      expect((await node.consume('caller', 60)).waitMs).toBe(0);
      await node.report();
    }
    // The second report has shown that both nodes together gave 120 points.
    expect((await nodes[1].consume('caller')).waitMs).toBeGreaterThan(0);
    expect(await nodes[1].waitMs('caller')).toBeGreaterThan(0);
    await nodes[0].consume('caller');
    await nodes[0].report();
    expect(await nodes[0].consume('caller')).toMatchObject({ waitMs: expect.any(Number), pointsLeft: 0 });
    expect((await nodes[0].consume('caller')).waitMs).toBeGreaterThan(0);
    expect((await nodes[0].consume('another caller')).waitMs).toBe(0);
  });

  it('sends no command for a key that has used little of its budget, and none for a key that is refused', async () => {
    const node = createNode();
    await node.consume('quiet caller', 2);
    await node.report();
    expect(await redis.runCommand('KEYS', 'test:*')).toEqual([]);
    await node.consume('greedy caller', 100);
    await node.report();
    const [key = ''] = validate(z.array(z.string()), await redis.runCommand('KEYS', 'test:*'));
    expect(key).not.toContain('greedy');
    const counted = await redis.runCommand('GET', key);
    await node.consume('greedy caller', 50);
    await node.report();
    expect(await redis.runCommand('GET', key)).toBe(counted);
  });

  it('still limits on each node while Redis is down or hangs, and no call waits for Redis', async () => {
    const node = createNode();
    redis.freeze();
    await node.consume('caller', 60);
    const hangingReport = node.report();
    // The report does not resolve while Redis is frozen, but calls are decided at once.
    expect((await node.consume('caller', 60)).waitMs).toBeGreaterThan(0);
    expect((await node.consume('another caller', 60)).waitMs).toBe(0);
    redis.thaw();
    await hangingReport;
    await redis.kill();
    await waitUntil(() => Promise.resolve(clients.pub.status !== 'ready'));
    await node.report();
    expect((await node.consume('third caller', 60)).waitMs).toBe(0);
    expect((await node.consume('third caller', 60)).waitMs).toBeGreaterThan(0);
  });
});

describeWithRedis('the limit of wrong API keys', () => {
  let redis: RedisServer;
  let nodes: Nodes;

  beforeAll(async () => {
    redis = await RedisServer.start();
    const settings = {
      REDIS_URL: redis.url,
      SESSION_SECRET: 's'.repeat(32),
      KEY_GUESSES_PER_MINUTE_MAX: '200',
      CALLS_PER_SECOND_MAX: '10000',
    };
    nodes = await Nodes.start([settings, settings]);
  });

  afterAll(async () => {
    await nodes.close();
    await redis.stop();
  });

  it('counts the guesses of an address on all nodes together', async () => {
    let guesses = 0;
    const guess = async (node: number) => {
      const headers = { 'x-api-key': `guess ${guesses++}` };
      return (await fetch(`${nodes.services[node]!.url}/v1/admin/mails`, { headers })).status;
    };
    for (let count = 0; count < 200; count++) expect(await guess(0)).toBe(401);
    await waitUntil(async () => (await guess(1)) === 429);
    // On its own, the second node would have looked up 200 keys.
    expect(guesses).toBeLessThan(350);
  });
});
