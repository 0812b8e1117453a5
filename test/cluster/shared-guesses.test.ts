import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { z } from 'zod';
import { redeem } from '../support/access-codes.js';
import { sendSolution } from '../support/challenges.js';
import { validate } from '../support/contract-shapes.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { Nodes } from '../support/nodes.js';
import { RedisServer } from '../support/redis-server.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { waitUntil } from '../support/wait-until.js';

describeWithRedis('the limit of', () => {
  let redis: RedisServer;
  let nodes: Nodes;

  beforeAll(async () => {
    redis = await RedisServer.start();
    const settings = { REDIS_URL: redis.url, SESSION_SECRET: 's'.repeat(32) };
    nodes = await Nodes.start([settings, settings]);
  });

  afterAll(async () => {
    await nodes.close();
    await redis.stop();
  });

  const callerOf = async (node: number): Promise<RestCaller> => RestCaller.begin(nodes.services[node]!.url);

  /** Returns how many points of a limiter Redis has counted, for all callers together. */
  async function countedPoints(limiter: string): Promise<number> {
    const keys = validate(z.array(z.string()), await redis.runCommand('KEYS', `usher:*:limit:${limiter}:*`));
    const counts = await Promise.all(keys.map((key) => redis.runCommand('GET', key)));
    return counts.reduce<number>((sum, count) => sum + Number(count), 0);
  }

  /**
   * Calls the second node until it refuses, no faster than the nodes share their counters. Returns the number of calls that
   * it admitted.
   *
   * @param max the limit. A node reports a caller to Redis after it has used a twentieth of it
   */
  async function admittedBySecondNode(limiter: string, max: number, call: () => Promise<number>): Promise<number> {
    const before = await countedPoints(limiter);
    let admitted = 0;
    for (let count = 0; count < Math.ceil(max / 20); count++) if ((await call()) !== 429) admitted++;
    await waitUntil(async () => (await countedPoints(limiter)) > before);
    await waitUntil(async () => {
      if ((await call()) === 429) return true;
      admitted++;
      return false;
    });
    return admitted;
  }

  it.each<[string, string, number, (caller: RestCaller, showId: number) => Promise<{ status: number }>]>([
    ['tried access codes', 'access-codes', 10, (caller, showId) => redeem(caller, showId, 'GUESS-2031')],
    ['wrong solutions', 'wrong-solutions', 10, (caller, showId) => sendSolution(caller, showId, 'wrong')],
    ['posed challenges', 'challenges', 30, (caller, showId) => caller.call('GET', `/v1/shows/${showId}/challenge`)],
  ])('%s counts the calls of a session on all nodes together', async (_, limiter, max, call) => {
    const showId = await makeShow(nodes.pool);
    const here = await callerOf(0);
    const there = new RestCaller(nodes.services[1]!.url, here.session);
    for (let count = 0; count < max; count++) expect((await call(here, showId)).status).not.toBe(429);
    await waitUntil(async () => (await countedPoints(limiter)) > max * 0.9);
    // On its own, the second node would have admitted as many calls as the first.
    const callThere = async () => (await call(there, showId)).status;
    expect(await admittedBySecondNode(limiter, max, callThere)).toBeLessThan(max);
  });

  it('unknown access codes counts the guesses of an address on all nodes together', async () => {
    const showId = await makeShow(nodes.pool);
    const guess = async (node: number) => (await redeem(await callerOf(node), showId, 'GUESS-2031')).status;
    let admittedHere = 0;
    while ((await guess(0)) !== 429) expect(++admittedHere).toBeLessThanOrEqual(100);
    await waitUntil(async () => (await countedPoints('unknown-access-codes')) > 80);
    expect(await admittedBySecondNode('unknown-access-codes', 100, () => guess(1))).toBeLessThan(50);
  });
});
