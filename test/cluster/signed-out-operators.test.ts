import { afterAll, beforeAll, expect, it } from '@jest/globals';
import getPort from 'get-port';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { TestIdentityProvider } from '../support/identity-provider.js';
import { Nodes } from '../support/nodes.js';
import { OperatorBrowser } from '../support/operator-browser.js';
import { RedisServer } from '../support/redis-server.js';
import { TestSocket } from '../support/socket.js';
import { waitUntil } from '../support/wait-until.js';

/** Time limit for closing the sockets of a sign-in on every node. */
const closeMsMax = 1000;

describeWithRedis('two nodes on one Redis', () => {
  const provider = new TestIdentityProvider();
  let redis: RedisServer;
  let nodes: Nodes;
  let publicUrl: string;

  beforeAll(async () => {
    const port = await getPort({ host: '127.0.0.1' });
    publicUrl = `http://127.0.0.1:${port}`;
    await provider.start([publicUrl]);
    provider.add('staff', { usher_roles: ['staff', 'admin'], usher_cinemas: '*' });
    redis = await RedisServer.start();
    const settings = { REDIS_URL: redis.url, SESSION_SECRET: 's'.repeat(32), ...provider.settings(publicUrl) };
    nodes = await Nodes.start([{ ...settings, PORT: String(port) }, settings]);
  });

  afterAll(async () => {
    await nodes.close();
    await redis.stop();
    await provider.stop();
  });

  const connect = (node: number, { cookieHeader }: OperatorBrowser) =>
    TestSocket.connect(nodes.services[node]!.url, {
      auth: { operator: true },
      extraHeaders: { cookie: cookieHeader, origin: publicUrl },
      reconnection: false,
    });

  async function signIn(): Promise<OperatorBrowser> {
    const browser = new OperatorBrowser(publicUrl);
    expect((await browser.signIn('staff')).status).toBe(200);
    return browser;
  }

  const statusAt = async (node: number, cookie: string) =>
    (await fetch(`${nodes.services[node]!.url}/v1/admin/mails`, { headers: { cookie } })).status;

  it('share a sign-in, and a sign-out on one of them closes the sockets on both within a second', async () => {
    const bystander = await connect(1, await signIn());
    // Without the message, a node closes the sockets at a random time within two seconds. Several rounds make it
    // unlikely that this is always fast enough.
    for (let round = 0; round < 5; round++) {
      const browser = await signIn();
      const { cookieHeader } = browser;
      expect([await statusAt(0, cookieHeader), await statusAt(1, cookieHeader)]).toEqual([200, 200]);
      const sockets = await Promise.all([0, 1, 1].map((node) => connect(node, browser)));
      const startedAt = performance.now();
      expect((await browser.call('/v1/operators/sign-out', { method: 'POST' })).status).toBe(200);
      for (const socket of sockets) {
        expect(await socket.next('operator:ended')).toEqual({ reason: 'signedOut' });
        await waitUntil(() => Promise.resolve(!socket.io.connected));
      }
      expect(performance.now() - startedAt).toBeLessThan(closeMsMax);
      expect([await statusAt(0, cookieHeader), await statusAt(1, cookieHeader)]).toEqual([401, 401]);
    }
    expect(bystander.io.connected).toBe(true);
    bystander.close();
  });
});
