import type pg from 'pg';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from './database.js';
import { Nginx } from './nginx.js';
import { ServiceProcess } from './service-process.js';
import { RedisServer } from './redis-server.js';

/** One node of a {@link Cluster}. */
export interface ClusterNode {
  readonly url: string;
  readonly process: ServiceProcess;
}

/** Several nodes behind nginx. Each node is a separate process. The cluster has its own database and its own Redis. */
export class Cluster {
  private constructor(
    readonly nodes: readonly ClusterNode[],
    readonly nginx: Nginx,
    readonly pool: pg.Pool,
    private readonly database: TestDatabase,
    private readonly redis: RedisServer,
  ) {}

  static async start(size = 3): Promise<Cluster> {
    const [database, redis] = await Promise.all([createTestDatabase({ demo: false }), RedisServer.start()]);
    const env = testEnvironment(database.url, { REDIS_URL: redis.url });
    const processes: ServiceProcess[] = [];
    const nodes: ClusterNode[] = [];
    try {
      // The nodes start one after the other, because parallel starts would time out on a busy machine.
      while (nodes.length < size) {
        const process = ServiceProcess.start(env);
        processes.push(process);
        nodes.push({ process, url: await process.waitUntilReady() });
      }
      const nginx = await Nginx.start(nodes.map(({ url }) => url));
      return new Cluster(nodes, nginx, testPool(database.url, 2), database, redis);
    } catch (error) {
      await Promise.all([...processes.map((process) => process.end('SIGKILL')), redis.stop()]);
      await database.drop();
      throw error;
    }
  }

  /** The address that clients use, which is the address of nginx. */
  get url(): string {
    return this.nginx.url;
  }

  async stop(): Promise<void> {
    await this.nginx.stop();
    await Promise.all(this.nodes.map(({ process }) => process.end('SIGKILL')));
    await this.pool.end();
    await Promise.all([this.database.drop(), this.redis.stop()]);
  }
}

/** Returns the sum of a node's metrics whose name and labels start with a prefix. */
export async function sumMetric({ url }: ClusterNode, prefix: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const lines = metrics.split('\n').filter((line) => line.startsWith(prefix));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
