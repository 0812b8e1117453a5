import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { findFreePort } from '../../src/common/free-port.js';
import { Nginx } from '../support/nginx.js';
import { PostgresServer } from '../support/postgres-server.js';
import { ServiceProcess } from '../support/service-process.js';
import { RedisServer } from '../support/redis-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import type { Door } from './recorded-socket.js';

/** What a stage is built from. */
export interface StageOptions {
  /** How long a hold lasts. */
  readonly holdSeconds: number;
  /** Settings of single nodes, by name: a wrong clock, say. */
  readonly nodeEnv?: Readonly<Record<string, Record<string, string>>>;
  /** Names of the nodes. */
  readonly names?: readonly string[];
}

/** How long one start may take on a machine that others keep busy. */
const startMsMax = 90_000;

/** How often a node is started before it is given up: the database may be away just then. */
const startsMax = 5;

/** One node: a process of the service, and its own lines to the database and to Redis. */
export class StageNode {
  private process: ServiceProcess | null = null;
  private readonly before: string[] = [];

  constructor(
    readonly name: string,
    readonly port: number,
    readonly toPostgres: TcpProxy,
    readonly toRedis: TcpProxy,
    private readonly env: Record<string, string>,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.process !== null;
  }

  /**
   * Starts it, and waits until it listens. One that does not is started again, as every orchestrator does.
   *
   * @param bug of `planted/node.mjs`, to start a service that has it
   */
  async start(bug?: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const env = { ...this.env, PORT: String(this.port) };
      const started =
        bug === undefined
          ? ServiceProcess.start(env)
          : ServiceProcess.start({ ...env, BUG: bug }, 'test/chaos/planted/node.mjs');
      this.process = started;
      try {
        await started.waitUntilReady(startMsMax);
        return;
      } catch (error) {
        await this.kill();
        if (attempt === startsMax) throw error;
      }
    }
  }

  /** Ends it without a word to anybody. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Asks it to leave in order. */
  async leave(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** It stands still, its connections open, until {@link thaw}. */
  freeze(): void {
    this.process?.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.process?.child.kill('SIGCONT');
  }

  /** All that it ever printed. */
  get output(): string {
    const { process } = this;
    return [...this.before, process ? process.output + process.errors : ''].join('\n── started again\n');
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { process } = this;
    if (!process) return;
    await process.end(signal);
    this.before.push(process.output + process.errors);
    if (this.process === process) this.process = null;
  }
}

/** Ways in: enough that each of three nodes is behind some of them. */
const doorCount = 12;

/** Everything that a run needs: PostgreSQL, Redis, three nodes, nginx, and the lines between them, which may be cut. */
export class Stage {
  private constructor(
    readonly postgres: PostgresServer,
    readonly redis: RedisServer,
    readonly nodes: readonly StageNode[],
    private readonly nginx: Nginx,
    /** For the checker, and for making shows: past every proxy. */
    readonly pool: pg.Pool,
  ) {}

  /** Starts all but the nodes; nothing is left running when something does not start. */
  static async open({ holdSeconds, nodeEnv = {}, names = ['a', 'b', 'c'] }: StageOptions): Promise<Stage> {
    const closing: (() => Promise<void>)[] = [];
    try {
      const postgres = await PostgresServer.start();
      closing.push(() => postgres.remove());
      const redis = await RedisServer.start();
      closing.push(() => redis.stop());
      const nodes: StageNode[] = [];
      for (const name of names) {
        const [toPostgres, toRedis] = await Promise.all([TcpProxy.start(postgres.port), TcpProxy.start(redis.port)]);
        closing.push(
          () => toPostgres.close(),
          () => toRedis.close(),
        );
        const env = {
          DATABASE_URL: postgres.urlWithPort(toPostgres.port),
          REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
          HOST: '127.0.0.1',
          SESSION_SECRET: 'a secret for tests only, 32 bytes',
          HOLD_SECONDS: String(holdSeconds),
          LOG_LEVEL: 'warn',
          ...nodeEnv[name],
        };
        const node = new StageNode(name, await findFreePort(), toPostgres, toRedis, env);
        closing.push(() => node.kill());
        nodes.push(node);
      }
      const nginx = await Nginx.start(nodes.map(({ url }) => url));
      closing.push(() => nginx.stop());
      const pool = new pg.Pool({ connectionString: postgres.url, max: 3, connectionTimeoutMillis: 2000 });
      // Connections that a fault ends are the run's everyday.
      pool.on('connect', (client) => client.on('error', () => undefined));
      pool.on('error', () => undefined);
      closing.push(() => pool.end());
      return new Stage(postgres, redis, nodes, nginx, pool);
    } catch (error) {
      for (const close of closing.toReversed()) await close();
      throw error;
    }
  }

  /** Starts every node. @param bug of `planted/node.mjs`, for services that have it */
  async start(bug?: string): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start(bug)));
  }

  /**
   * The ways in, all through nginx. It brings whoever names a show to that show's node: buyers of one show name several,
   * so that they meet on all nodes.
   */
  get doors(): Door[] {
    return Array.from({ length: doorCount }, (_, showId) => ({ url: this.nginx.url, showId: showId + 1 }));
  }

  /** Writes down what the nodes printed. @param folder is made where it is missing */
  async saveLogs(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const { name, output } of this.nodes) await writeFile(join(folder, `node-${name}.log`), output);
  }

  /** Ends every process. */
  async close(): Promise<void> {
    const ends = [
      ...this.nodes.map((node) => node.kill()),
      ...this.nodes.flatMap(({ toPostgres, toRedis }) => [toPostgres.close(), toRedis.close()]),
      this.redis.stop(),
      this.nginx.stop(),
    ];
    const ended = await Promise.allSettled(ends);
    await this.pool.end();
    await this.postgres.remove();
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
}
