import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { adminKey, makeKey } from '../support/api-keys.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { Nodes } from '../support/nodes.js';
import { RedisServer } from '../support/redis-server.js';
import { RestCaller } from '../support/rest.js';
import { TestSocket } from '../support/socket.js';
import { waitUntil } from '../support/wait-until.js';

/** Time limit for closing the sockets of a revoked key on every node. */
const closeMsMax = 1000;

/** Time limit if the message to the other nodes is lost. */
const closeWithoutMessageMsMax = 4000;

describeWithRedis('two nodes on one Redis', () => {
  let redis: RedisServer;
  let nodes: Nodes;

  beforeAll(async () => {
    redis = await RedisServer.start();
    const settings = {
      REDIS_URL: redis.url,
      ADMIN_API_KEY: adminKey,
      SESSION_SECRET: 's'.repeat(32),
      // The tests send each ended key to both nodes, and the nodes count wrong keys together.
      KEY_GUESSES_PER_MINUTE_MAX: '100',
    };
    nodes = await Nodes.start([settings, settings]);
  });

  afterAll(async () => {
    await nodes.close();
    await redis.stop();
  });

  const connect = (node: number, apiKey: string) =>
    TestSocket.connect(nodes.services[node]!.url, { auth: { apiKey }, reconnection: false });

  /** Connects sockets with a key to both nodes, ends the key, and measures how long its last socket stays open. */
  async function measureClosing(end: (keyId: string) => Promise<unknown>): Promise<number> {
    const { key, keyId } = await makeKey(nodes.services[0]!.url, { roles: ['kiosk'] });
    const bystander = await connect(1, (await makeKey(nodes.services[0]!.url, { roles: ['kiosk'] })).key);
    const sockets = await Promise.all([0, 0, 1, 1].map((node) => connect(node, key)));
    const startedAt = performance.now();
    await end(keyId);
    for (const socket of sockets) {
      expect(await socket.next('key:ended')).toEqual({ reason: 'revoked' });
      await waitUntil(() => Promise.resolve(!socket.io.connected));
    }
    const closingMs = performance.now() - startedAt;
    expect(bystander.io.connected).toBe(true);
    bystander.close();
    for (const node of [0, 1]) {
      await expect(connect(node, key)).rejects.toMatchObject({ data: { code: 'UNAUTHENTICATED' } });
    }
    return closingMs;
  }

  it('close the sockets of a revoked key on every node within a second', async () => {
    const caller = await RestCaller.begin(nodes.services[0]!.url);
    // Without the message, a node closes the sockets at a random time within two seconds. Several keys make it unlikely
    // that this is always fast enough.
    for (let round = 0; round < 5; round++) {
      const closingMs = await measureClosing((keyId) =>
        caller.call('DELETE', `/v1/admin/api-keys/${keyId}`, undefined, { 'x-api-key': adminKey }),
      );
      expect(closingMs).toBeLessThan(closeMsMax);
    }
  });

  it('close the sockets of a revoked key within a few seconds even if no message reaches them', async () => {
    // A change in the table alone is what a node sees whose message was lost.
    const closingMs = await measureClosing((keyId) =>
      nodes.pool.query('update api_key set revoked_at = now() where key_id = $1', [keyId]),
    );
    expect(closingMs).toBeLessThan(closeWithoutMessageMsMax);
  });
});
