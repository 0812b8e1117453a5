import type { Queue } from '@usher/contract';
import type pg from 'pg';
import type { Service } from '../../src/service.js';
import { FileApp, setUpApp } from './file-app.js';
import { RestCaller } from './rest.js';
import { makeShow, type ShowOptions } from './show.js';
import type { TestSocket } from './socket.js';

/** A show whose seats are all held. Each party has its own session. */
export interface FullShow {
  readonly showId: number;
  /** The seats of each party, in the order of the parties. */
  readonly seats: readonly number[][];
  /** Releases the seats of one party. @param party number of the party, from 0 */
  readonly release: (party: number) => Promise<void>;
}

/**
 * A running service for tests of lines. It creates shows whose seats are all held. When the service is closed, its
 * sockets are closed too.
 */
export class LineService {
  constructor(private readonly file: FileApp) {}

  /** Starts a service that the caller must close. @param env further settings */
  static async start(env: Record<string, string> = {}): Promise<LineService> {
    const file = new FileApp({ env });
    await file.start();
    return new LineService(file);
  }

  get url(): string {
    return this.file.url;
  }

  get databaseUrl(): string {
    return this.file.databaseUrl;
  }

  get pool(): pg.Pool {
    return this.file.pool;
  }

  /** Starts another node with the same settings on the same database. The node is closed together with this service. */
  startNode(): Promise<Service> {
    return this.file.startNode();
  }

  /** Connects a socket with a new session, or with the session of `token`. */
  connect(token?: string): Promise<TestSocket> {
    return this.file.connect(token === undefined ? {} : { auth: { token } });
  }

  /** Connects `count` sockets, each with a new session. */
  connectAll(count: number): Promise<TestSocket[]> {
    return Promise.all(Array.from({ length: count }, () => this.connect()));
  }

  /** Returns a REST caller with a new session. */
  caller(): Promise<RestCaller> {
    return RestCaller.begin(this.url);
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

  close(): Promise<void> {
    return this.file.close();
  }

  private async hold(showId: number, seats: number[]) {
    const holder = await this.connect();
    const { booking } = await holder.ask('reservation:create', { showId, seats });
    return { holder, bookingId: booking.bookingId };
  }
}

/** Starts a service before the first test of a file and closes it after the last test. @param env further settings */
export const setUpLineService = (env: Record<string, string> = {}): LineService => new LineService(setUpApp({ env }));

/** Joins a show's line. Returns the place. */
export async function join(socket: TestSocket, showId: number, request: object = { partySize: 1 }): Promise<Queue> {
  return (await socket.ask('queue:join', { showId, ...request })).queue;
}

/** Returns the session's place in a show's line, or null. */
export async function getPlace(socket: TestSocket, showId: number): Promise<Queue | null> {
  return (await socket.ask('queue:status', { showId })).queue;
}
