import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import getPort from 'get-port';
import { z } from 'zod';
import { readJson } from '../support/contract-shapes.js';
import { type CertificateFiles, TestCa } from '../support/certificates.js';
import { createTestDatabase, type TestDatabase, testEnvironment } from '../support/database.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { Nodes } from '../support/nodes.js';
import { RedisCluster, RedisServer } from '../support/redis-server.js';
import { startTestService } from '../support/service-host/start-test-service.js';
import { makeShow } from '../support/show.js';
import { waitUntil } from '../support/wait-until.js';

/** Time limit for a message from another node, in ms. Without messages, nodes catch up only every 2.5 s. */
const messageMsMax = 1000;

/** Returns the arguments of a `redis-server` that also listens with TLS, on a port of its own. */
async function makeTlsSettings({ cert, key }: CertificateFiles, ca: TestCa, authClients: 'yes' | 'no') {
  const port = String(await getPort({ host: '127.0.0.1' }));
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca.file];
  return ['--tls-port', port, ...files, '--tls-auth-clients', authClients];
}

/** Returns the port on which a server listens with TLS. */
const tlsPortOf = ({ settings }: RedisServer): string => settings[settings.indexOf('--tls-port') + 1]!;

const Readiness = z.object({ ready: z.literal(true), without: z.array(z.string()) });

const readReadiness = async (url: string) => readJson(Readiness, await fetch(`${url}/health/ready`));

/** Starts two nodes with the same settings, and expects that a change on one node reaches a viewer on the other. */
async function expectMessages(env: Record<string, string>): Promise<void> {
  const nodes = await Nodes.start([env, env]);
  try {
    for (const { url } of nodes.services) {
      // A node connects to Redis in the background, so it may be ready before that.
      await waitUntil(async () => (await readReadiness(url)).without.length === 0);
    }
    const showId = await makeShow(nodes.pool);
    const [buyer, viewer] = [await nodes.connect(0), await nodes.connect(1)];
    await viewer.joinOpen(showId);
    const { booking } = await buyer.ask('reservation:create', { showId, seats: [1] });
    const isCurrent = ({ version }: { version: number }) => version >= booking.version;
    await viewer.next('seats:changed', isCurrent, messageMsMax);
  } finally {
    await nodes.close();
  }
}

describeWithRedis('Redis with TLS', () => {
  let ca: TestCa;
  let otherCa: TestCa;
  let server: CertificateFiles;
  let database: TestDatabase;
  const cleanUps: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    [ca, otherCa, database] = await Promise.all([
      TestCa.create(),
      TestCa.create(),
      createTestDatabase({ demo: false }),
    ]);
    server = await ca.issue('server', { addresses: ['127.0.0.1'] });
  });

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  });

  afterAll(async () => {
    await database?.drop();
    await Promise.all([ca?.remove(), otherCa?.remove()]);
  });

  async function startRedis(authClients: 'yes' | 'no' = 'no'): Promise<RedisServer> {
    const redis = await RedisServer.start(...(await makeTlsSettings(server, ca, authClients)));
    cleanUps.push(() => redis.stop());
    return redis;
  }

  /** Starts a node and stops it when the test ends. */
  async function startNode(env: Record<string, string>): Promise<string> {
    const service = await startTestService(testEnvironment(database.url, env));
    cleanUps.push(() => service.close());
    return service.url;
  }

  it('carries messages between nodes with REDIS_CA_FILE', async () => {
    const redis = await startRedis();
    await expectMessages({ REDIS_URL: `rediss://127.0.0.1:${tlsPortOf(redis)}`, REDIS_CA_FILE: ca.file });
  });

  it('accepts only nodes with a client certificate if it demands one', async () => {
    const redis = await startRedis('yes');
    const env = { REDIS_URL: `rediss://127.0.0.1:${tlsPortOf(redis)}`, REDIS_CA_FILE: ca.file };
    await expect(startNode(env)).rejects.toThrow(/REDIS_CA_FILE: Redis at 127\.0\.0\.1:\d+ .*certificate required/);
    const { cert, key } = await ca.issue('usher');
    await expectMessages({ ...env, REDIS_CERT_FILE: cert, REDIS_KEY_FILE: key });
  });

  it('is refused if its certificate is from another CA', async () => {
    const redis = await startRedis();
    const REDIS_URL = `rediss://127.0.0.1:${tlsPortOf(redis)}`;
    await expect(startNode({ REDIS_URL, REDIS_CA_FILE: otherCa.file })).rejects.toThrow(
      /REDIS_CA_FILE: Redis at 127\.0\.0\.1:\d+ .*not trust/,
    );
    await expect(startNode({ REDIS_URL })).rejects.toThrow(/REDIS_URL: .*not trust.*REDIS_CA_FILE/);
  });

  it('is refused if its certificate does not contain the host name', async () => {
    const redis = await startRedis();
    const env = { REDIS_URL: `rediss://localhost:${tlsPortOf(redis)}`, REDIS_CA_FILE: ca.file };
    await expect(startNode(env)).rejects.toThrow(/REDIS_CA_FILE: Redis at localhost:\d+ .*host name/);
  });

  it('is refused if it offers no TLS on its port', async () => {
    const redis = await startRedis();
    const env = { REDIS_URL: `rediss://127.0.0.1:${redis.port}`, REDIS_CA_FILE: ca.file };
    await expect(startNode(env)).rejects.toThrow(/REDIS_CA_FILE: Redis at 127\.0\.0\.1:\d+ .*no TLS/);
  });

  it('may be down when a node starts', async () => {
    const port = await getPort({ host: '127.0.0.1' });
    const url = await startNode({ REDIS_URL: `rediss://127.0.0.1:${port}`, REDIS_CA_FILE: ca.file });
    expect(await (await fetch(`${url}/health/ready`)).json()).toMatchObject({ ready: true, without: ['redis'] });
  });

  describe('as a cluster whose certificates contain only host names', () => {
    let cluster: RedisCluster;
    let urls: string;

    beforeAll(async () => {
      const named = await ca.issue('localhost', { hosts: ['localhost'] });
      const announced = ['--cluster-announce-hostname', 'localhost', '--cluster-preferred-endpoint-type', 'hostname'];
      cluster = await RedisCluster.start(async () => [
        ...(await makeTlsSettings(named, ca, 'no')),
        '--tls-cluster',
        'yes',
        ...announced,
      ]);
      urls = cluster.servers.map((one) => `rediss://localhost:${tlsPortOf(one)}`).join(',');
    }, 60_000);

    afterAll(() => cluster?.stop());

    it('carries messages between nodes with REDIS_CA_FILE', async () => {
      await expectMessages({ REDIS_URL: urls, REDIS_CA_FILE: ca.file });
    });

    it('is refused if its certificates are from another CA', async () => {
      await expect(startNode({ REDIS_URL: urls, REDIS_CA_FILE: otherCa.file })).rejects.toThrow(
        /REDIS_CA_FILE: Redis at localhost:\d+ .*not trust/,
      );
    });
  });
});
