import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import getPort from 'get-port';
import { z } from 'zod';
import { validate } from './contract-shapes.js';

/** Maximum time until a server answers on a busy machine. */
const startMsMax = 10_000;

/**
 * A Redis that belongs to one test, on a free port of this machine. It stores nothing on disk. The test may kill,
 * freeze and restart the server.
 */
export class RedisServer {
  private child: ChildProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly directory: string,
    readonly settings: readonly string[],
  ) {}

  /** @param settings further `redis-server` arguments */
  static async start(...settings: string[]): Promise<RedisServer> {
    const directory = await mkdtemp(join(tmpdir(), 'usher-redis-'));
    const server = new RedisServer(await getPort({ host: '127.0.0.1' }), directory, settings);
    await server.launch();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Launches the server on its port. Can be called again after {@link kill}. */
  async launch(): Promise<void> {
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.directory];
    const quiet = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];
    this.child = spawn('redis-server', [...own, ...quiet, ...this.settings], { stdio: 'ignore' });
    await this.answers();
  }

  /** Kills the server at once, as a power loss would. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Suspends the server until {@link thaw}. It keeps its connections but answers nothing. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Returns the channels that match a pattern and have subscribers. */
  async listChannels(pattern: string): Promise<string[]> {
    return validate(z.array(z.string()), await this.runCommand('PUBSUB', 'SHARDCHANNELS', pattern));
  }

  /** Runs one command on the server. */
  async runCommand(...command: [string, ...string[]]): Promise<unknown> {
    const client = new Redis(this.port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const [name, ...args] = command;
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const deadline = performance.now() + startMsMax;
    for (;;) {
      try {
        await this.runCommand('PING');
        return;
      } catch (cause) {
        if (performance.now() > deadline) throw new Error(`redis-server on ${this.port} does not answer`, { cause });
        await delay(20); // no event announces that a starting server listens
      }
    }
  }
}

/** Number of slots of a Redis Cluster. The protocol fixes this number. */
const slots = 16_384;

/** A Redis Cluster of three masters that belongs to one test. */
export class RedisCluster {
  private constructor(readonly servers: readonly RedisServer[]) {}

  /** @param makeSettings returns further `redis-server` arguments of one server */
  static async start(makeSettings: () => Promise<readonly string[]> = async () => []): Promise<RedisCluster> {
    const size = 3;
    const begin = async () => {
      const own = ['--cluster-enabled', 'yes', '--cluster-port', String(await getPort({ host: '127.0.0.1' }))];
      return RedisServer.start(...(await makeSettings()), ...own);
    };
    const servers = await Promise.all(Array.from({ length: size }, begin));
    const [first, ...others] = servers;
    for (const [index, server] of servers.entries()) {
      const from = Math.ceil((index * slots) / size);
      const to = Math.ceil(((index + 1) * slots) / size) - 1;
      await server.runCommand('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    }
    for (const { port, settings } of others) {
      await first!.runCommand('CLUSTER', 'MEET', '127.0.0.1', String(port), settings.at(-1)!);
    }
    const cluster = new RedisCluster(servers);
    for (const server of servers) await cluster.isWhole(server);
    return cluster;
  }

  /** The value for the setting `REDIS_URL`. */
  get urls(): string {
    return this.servers.map(({ url }) => url).join(',');
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  private async isWhole(server: RedisServer): Promise<void> {
    const deadline = performance.now() + startMsMax;
    while (!String(await server.runCommand('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
      if (performance.now() > deadline) throw new Error('the nodes of the Redis Cluster did not find each other');
      await delay(50); // no event announces that the nodes know each other
    }
  }
}
