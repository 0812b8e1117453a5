import type pg from 'pg';
import type { Service } from '../../src/service.js';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from './database.js';
import { TestSocket } from './socket.js';
import { startTestService } from './service-host/start-test-service.js';

/**
 * Several nodes on one database, in the host process of this Jest worker. They share a Redis if the settings name one.
 * The sockets are closed together with the nodes.
 */
export class Nodes {
  private readonly sockets: TestSocket[] = [];

  private constructor(
    readonly services: readonly Service[],
    readonly pool: pg.Pool,
    private readonly database: TestDatabase,
  ) {}

  /** Starts one node per entry of `settings`. @param settings further settings of each node, such as `REDIS_URL` */
  static async start(settings: readonly Record<string, string>[]): Promise<Nodes> {
    const database = await createTestDatabase({ demo: false });
    const services = await Promise.all(settings.map((env) => startTestService(testEnvironment(database.url, env))));
    return new Nodes(services, testPool(database.url, 3), database);
  }

  /** Connects a socket to a node with a new session, or with the session of `token`. */
  async connect(node: number, token?: string): Promise<TestSocket> {
    const { url } = this.services[node]!;
    const socket = await TestSocket.connect(url, token === undefined ? {} : { auth: { token } });
    this.sockets.push(socket);
    return socket;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.close();
    await Promise.all(this.services.map((service) => service.close()));
    await this.pool.end();
    await this.database.drop();
  }
}
