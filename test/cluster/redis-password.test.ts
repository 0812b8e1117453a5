import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { readJson } from '../support/contract-shapes.js';
import { createTestDatabase, type TestDatabase, testEnvironment } from '../support/database.js';
import { describeWithRedis } from '../support/describe-with-redis.js';
import { RedisServer } from '../support/redis-server.js';
import { ServiceProcess } from '../support/service-process.js';
import { waitUntil } from '../support/wait-until.js';

const Readiness = z.object({ ready: z.literal(true), without: z.array(z.string()) });

const password = 'password-of-the-test';

describeWithRedis('a node whose password Redis refuses', () => {
  let database: TestDatabase;
  let redis: RedisServer;
  const services: ServiceProcess[] = [];

  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase({ demo: false }), RedisServer.start()]);
  });

  afterEach(async () => {
    for (const service of services.splice(0)) await service.end('SIGTERM');
  });

  afterAll(async () => {
    await redis?.stop();
    await database?.drop();
  });

  /** Runs a command with the current password of the server. */
  async function runCommand(current: string | undefined, name: string, ...args: string[]): Promise<void> {
    const client = new Redis(redis.port, '127.0.0.1', current === undefined ? {} : { password: current });
    try {
      await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  async function startNode(nodePassword: string): Promise<ServiceProcess> {
    const REDIS_URL = `redis://:${nodePassword}@127.0.0.1:${redis.port}`;
    const service = ServiceProcess.start(testEnvironment(database.url, { REDIS_URL, LOG_LEVEL: 'trace', PORT: '0' }));
    services.push(service);
    await service.waitUntilReady();
    return service;
  }

  const logOf = (service: ServiceProcess): string => service.output + service.errors;

  it('logs the refusal without the password, at the start and when the password changes', async () => {
    await runCommand(undefined, 'CONFIG', 'SET', 'requirepass', 'another-password');
    const refused = await startNode(password);
    await waitUntil(async () => logOf(refused).includes('WRONGPASS'));
    expect(logOf(refused)).not.toContain(password);

    await runCommand('another-password', 'CONFIG', 'SET', 'requirepass', password);
    const accepted = await startNode(password);
    const health = `${await accepted.waitUntilReady()}/health/ready`;
    // A node connects to Redis in the background.
    await waitUntil(async () => (await readJson(Readiness, await fetch(health))).without.length === 0);
    expect(logOf(accepted)).not.toContain('WRONGPASS');
    await runCommand(password, 'CONFIG', 'SET', 'requirepass', 'another-password');
    await runCommand('another-password', 'CLIENT', 'KILL', 'TYPE', 'normal');
    await waitUntil(async () => logOf(accepted).includes('WRONGPASS'));
    for (const service of [refused, accepted]) expect(logOf(service)).not.toContain(password);
  }, 120_000);
});
