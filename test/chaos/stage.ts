import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import getPort from 'get-port';
import { Nginx } from '../support/nginx.js';
import { PostgresServer } from '../support/postgres-server.js';
import { ServiceProcess } from '../support/service-process.js';
import { testSessionSecret } from '../support/test-session-secret.js';
import { RedisServer } from '../support/redis-server.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import type { Entrance } from './recorded-socket.js';

/** Options of a stage. */
export interface StageOptions {
  /** Duration of a hold in seconds. */
  readonly holdSeconds: number;
  /** Additional environment variables of individual nodes by node name, for example for a wrong clock. */
  readonly nodeEnv?: Readonly<Record<string, Record<string, string>>>;
  /** Names of the nodes. The stage has one node per name. */
  readonly names?: readonly string[];
}

/** Maximum duration of one start in ms. Long enough for a busy machine. */
const startMsMax = 90_000;

/** Maximum number of attempts to start a node. An attempt fails if the database is down at that moment. */
const startAttemptsMax = 5;

/** One node: a process of the service, with its own proxies to PostgreSQL and Redis. */
export class StageNode {
  private process: ServiceProcess | null = null;
  private readonly earlierOutputs: string[] = [];

  constructor(
    readonly name: string,
    readonly port: number,
    readonly postgresProxy: TcpProxy,
    readonly redisProxy: TcpProxy,
    private readonly env: Record<string, string>,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get isRunning(): boolean {
    return this.process !== null;
  }

  /**
   * Starts the node and waits until it is ready. If the start fails, tries again, as an orchestrator does.
   *
   * @param bug name of the bug in `planted-node.mjs` with which to start the service; without it, the service has no
   *   planted bug
   */
  async start(bug?: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const env = { ...this.env, PORT: String(this.port) };
      const started =
        bug === undefined
          ? ServiceProcess.start(env)
          : ServiceProcess.start({ ...env, BUG: bug }, 'test/chaos/planted-node.mjs');
      this.process = started;
      try {
        await started.waitUntilReady(startMsMax);
        return;
      } catch (error) {
        await this.kill();
        if (attempt === startAttemptsMax) throw error;
      }
    }
  }

  /** Kills the node without a warning, so that it cannot notify its clients or other nodes. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Asks the node to shut down in an orderly way and waits until it has exited. */
  async shutDown(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Suspends the node until {@link thaw} is called. Its connections stay open. */
  freeze(): void {
    this.process?.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.process?.child.kill('SIGCONT');
  }

  /** The output of all processes in which this node has run. */
  get output(): string {
    const { process } = this;
    return [...this.earlierOutputs, process ? process.output + process.errors : ''].join('\n── started again\n');
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { process } = this;
    if (!process) return;
    await process.end(signal);
    this.earlierOutputs.push(process.output + process.errors);
    if (this.process === process) this.process = null;
  }
}

/** Number of entrances. With this many, every one of the three nodes gets some of them from nginx. */
const entranceCount = 12;

/**
 * A complete installation for a chaos run: PostgreSQL, Redis, three nodes as processes, and nginx in front. Each node
 * reaches PostgreSQL and Redis through proxies of its own, so that a fault can cut or silence each of these
 * connections. All processes run on this machine, and the stage ends them.
 */
export class Stage {
  private constructor(
    readonly postgres: PostgresServer,
    readonly redis: RedisServer,
    readonly nodes: readonly StageNode[],
    private readonly nginx: Nginx,
    /** Direct connections to PostgreSQL (not through a proxy), for making shows and for the checker. */
    readonly pool: pg.Pool,
  ) {}

  /** Starts everything except the nodes. If one start fails, stops what has already been started. */
  static async open({ holdSeconds, nodeEnv = {}, names = ['a', 'b', 'c'] }: StageOptions): Promise<Stage> {
    const closing: (() => Promise<void>)[] = [];
    try {
      const postgres = await PostgresServer.start();
      closing.push(() => postgres.remove());
      const redis = await RedisServer.start();
      closing.push(() => redis.stop());
      const nodes: StageNode[] = [];
      for (const name of names) {
        const [postgresProxy, redisProxy] = await Promise.all([
          TcpProxy.start(postgres.port),
          TcpProxy.start(redis.port),
        ]);
        closing.push(
          () => postgresProxy.close(),
          () => redisProxy.close(),
        );
        const env = {
          DATABASE_URL: postgres.urlWithPort(postgresProxy.port),
          REDIS_URL: `redis://127.0.0.1:${redisProxy.port}`,
          HOST: '127.0.0.1',
          SESSION_SECRET: testSessionSecret,
          HOLD_SECONDS: String(holdSeconds),
          LOG_LEVEL: 'warn',
          ...nodeEnv[name],
        };
        const node = new StageNode(name, await getPort({ host: '127.0.0.1' }), postgresProxy, redisProxy, env);
        closing.push(() => node.kill());
        nodes.push(node);
      }
      const nginx = await Nginx.start(nodes.map(({ url }) => url));
      closing.push(() => nginx.stop());
      const pool = new pg.Pool({ connectionString: postgres.url, max: 3, connectionTimeoutMillis: 2000 });
      // Faults often end connections, so the pool ignores the resulting errors.
      pool.on('connect', (client) => client.on('error', () => undefined));
      pool.on('error', () => undefined);
      closing.push(() => pool.end());
      return new Stage(postgres, redis, nodes, nginx, pool);
    } catch (error) {
      for (const close of closing.toReversed()) await close();
      throw error;
    }
  }

  /** Starts every node. If `bug` is given, they start with that bug of `planted-node.mjs`. */
  async start(bug?: string): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start(bug)));
  }

  /**
   * The entrances for buyers, all through nginx, which routes a connection by the show id in its address. Each entrance
   * has a different id, so that the buyers of one show spread over all nodes.
   */
  get entrances(): Entrance[] {
    return Array.from({ length: entranceCount }, (_, showId) => ({ url: this.nginx.url, showId: showId + 1 }));
  }

  /** Saves the output of the nodes. Creates the folder if it is missing. */
  async saveLogs(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const { name, output } of this.nodes) await writeFile(join(folder, `node-${name}.log`), output);
  }

  /** Stops every process. */
  async close(): Promise<void> {
    const ends = [
      ...this.nodes.map((node) => node.kill()),
      ...this.nodes.flatMap(({ postgresProxy, redisProxy }) => [postgresProxy.close(), redisProxy.close()]),
      this.redis.stop(),
      this.nginx.stop(),
    ];
    const ended = await Promise.allSettled(ends);
    await this.pool.end();
    await this.postgres.remove();
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }
}
