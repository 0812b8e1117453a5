import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import getPort from 'get-port';
import { parse } from 'yaml';
import { z } from 'zod';
import { describeWithRedis } from '../support/describe-with-redis.js';

const run = promisify(execFile);

const password = 'a-password-for-tests-only';

const Compose = z.object({
  services: z.object({
    redis: z.object({
      command: z.array(z.string()),
      environment: z.object({ REDISCLI_AUTH: z.string() }),
      healthcheck: z.object({ test: z.array(z.string()) }),
    }),
  }),
});

describeWithRedis('the Redis of docker-compose.yml', () => {
  const { redis } = Compose.parse(parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true })).services;
  let port: number;
  let server: ChildProcess;

  /** Runs the health check of the container. Resolves to true if it succeeds. */
  const isHealthy = (env: Record<string, string>): Promise<boolean> => {
    const [, program = '', ...args] = redis.healthcheck.test;
    const check = run(program, ['-p', String(port), ...args], { env: { PATH: process.env.PATH, ...env } });
    return check.then(
      () => true,
      () => false,
    );
  };

  beforeAll(async () => {
    port = await getPort({ host: '127.0.0.1' });
    // Compose replaces `$$` by `$`. The port is the only setting that this test adds.
    const [shell = '', ...args] = redis.command.map((part) => part.replaceAll('$$', '$'));
    const own = args.map((part) => part.replace('requirepass', `port ${port}\nrequirepass`));
    server = spawn(shell, own, { env: { PATH: process.env.PATH, REDISCLI_AUTH: password }, stdio: 'ignore' });
    const deadline = performance.now() + 10_000;
    while (!(await isHealthy({ REDISCLI_AUTH: password }))) {
      if (server.exitCode !== null || performance.now() > deadline) throw new Error('redis-server does not answer');
      await delay(20); // no event announces that a starting server listens
    }
  });

  afterAll(async () => {
    const exited = once(server, 'exit');
    server.kill('SIGTERM');
    await exited;
  });

  it('has the password in REDIS_PASSWORD, which is required', () => {
    expect(redis.environment.REDISCLI_AUTH).toMatch(/^\$\{REDIS_PASSWORD:\?/);
  });

  it('refuses commands without the password', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('PUBLISH channel message\r\n');
    const [answer]: Buffer[] = await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
    expect(String(answer)).toContain('-NOAUTH');
    socket.destroy();
  });

  it('is unhealthy for a health check with a wrong password or none', async () => {
    expect(await isHealthy({ REDISCLI_AUTH: 'wrong' })).toBe(false);
    expect(await isHealthy({})).toBe(false);
  });

  it('does not show the password on its command line', () => {
    const commandLine = readFileSync(`/proc/${server.pid}/cmdline`, 'utf8');
    expect(commandLine).toContain('redis-server');
    expect(commandLine).not.toContain(password);
  });
});
