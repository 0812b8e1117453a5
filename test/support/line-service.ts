import type { Queue } from '@usher/contract';
import type pg from 'pg';
import type { Service } from '../../src/service.js';
import { startApp, type TestApp } from './app.js';
import { testEnvironment, testPool } from './database.js';
import { RestCaller } from './rest.js';
import { makeShow, type ShowOptions } from './show.js';
import { TestSocket } from './socket.js';
import { startTestService } from './service-host/start-test-service.js';

/** A show whose seats are all held. Each party has its own session. */
export interface FullShow {
  readonly showId: number;
  /** The seats of each party, in the order of the parties. */
  readonly seats: readonly number[][];
  /** Releases the seats of one party. @param party number of the party, from 0 */
  readonly release: (party: number) => Promise<void>;
}

/** A running service for tests of lines. Makes full shows, and closes its sockets with the service. */
export class LineService {
  private readonly sockets: TestSocket[] = [];
  private readonly nodes: Service[] = [];

  private constructor(
    readonly app: TestApp,
    readonly pool: pg.Pool,
  ) {}

  /** Starts the service. @param env further settings */
  static async start(env: Record<string, string> = {}): Promise<LineService> {
    const app = await startApp({ demo: false, env });
    return new LineService(app, testPool(app.databaseUrl, 3));
  }

  /** Starts another node on the same database. It is closed with this service. */
  async startNode(): Promise<Service> {
    const node = await startTestService(testEnvironment(this.app.databaseUrl));
    this.nodes.push(node);
    return node;
  }

  /** A socket of a session of its own, or of the session that `token` stands for. */
  async connect(token?: string): Promise<TestSocket> {
    const socket = await TestSocket.connect(this.app.url, token === undefined ? {} : { auth: { token } });
    this.sockets.push(socket);
    return socket;
  }

  /** Connects `count` sockets, each with a new session. */
  connectAll(count: number): Promise<TestSocket[]> {
    return Promise.all(Array.from({ length: count }, () => this.connect()));
  }

  /** Returns a REST caller with a new session. */
  caller(): Promise<RestCaller> {
    return RestCaller.begin(this.app.url);
  }

  /** Makes a show with one row of seats. Parties of the given sizes hold the first seats. The other seats are free. */
  async makeFullShow(parties: readonly number[], options: ShowOptions = {}): Promise<FullShow> {
    const seatsPerRow = parties.reduce((sum, size) => sum + size, 0);
    const showId = await makeShow(this.pool, { rows: 1, seatsPerRow, ...options });
    let next = 0;
    const seats = parties.map((size) => Array.from({ length: size }, () => next++));
    const bookings = await Promise.all(seats.map((some) => this.hold(showId, some)));
    const giveBack = async (party: number) => {
      const { holder, bookingId } = bookings[party]!;
      await holder.ask('reservation:release', { bookingId });
    };
    return { showId, seats, release: giveBack };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.close();
    for (const node of this.nodes) await node.close();
    await this.pool.end();
    await this.app.close();
  }

  private async hold(showId: number, seats: number[]) {
    const holder = await this.connect();
    const { booking } = await holder.ask('reservation:create', { showId, seats });
    return { holder, bookingId: booking.bookingId };
  }
}

/** Joins a show's line. Returns the place. */
export async function join(socket: TestSocket, showId: number, request: object = { partySize: 1 }): Promise<Queue> {
  return (await socket.ask('queue:join', { showId, ...request })).queue;
}

/** Returns the session's place in a show's line, or null. */
export async function getPlace(socket: TestSocket, showId: number): Promise<Queue | null> {
  return (await socket.ask('queue:status', { showId })).queue;
}
