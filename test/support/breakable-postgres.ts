import { setTimeout as delay } from 'node:timers/promises';
import type { Acknowledgement, Booking } from '@usher/contract';
import pg from 'pg';
import { readConfig } from '../../src/config/config.js';
import { type Service, startService } from '../../src/service.js';
import { testEnvironment } from './database.js';
import { PostgresServer } from './postgres-server.js';
import { makeShow } from './show.js';
import { TestSocket } from './socket.js';
import { TcpProxy } from './tcp-proxy.js';

/** Maximum time until a service works again after its database is back. */
const recoveryMsMax = 15_000;

/** A reservation that a buyer tried to make. `booking` is null if the answer is missing or inconclusive. */
export interface ReservationAttempt {
  readonly key: string;
  readonly seat: number;
  readonly booking: Booking | null;
}

/**
 * Two nodes on their own PostgreSQL. A test may break the server, or redirect the proxy between the nodes and the
 * server.
 */
export class BreakablePostgres {
  private readonly sockets: TestSocket[] = [];

  private constructor(
    readonly postgres: PostgresServer,
    readonly proxy: TcpProxy,
    readonly services: readonly Service[],
    readonly showId: number,
  ) {}

  /**
   * @param settings settings of PostgreSQL
   * @param folder the folder in which to create the data folder
   */
  static async start(settings: Record<string, string> = {}, folder?: string): Promise<BreakablePostgres> {
    const postgres = await PostgresServer.start(settings, folder);
    const services: Service[] = [];
    try {
      const line = await TcpProxy.start(postgres.port);
      const config = readConfig(testEnvironment(postgres.urlWithPort(line.port)));
      services.push(await startService(config), await startService(config));
      const pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
      const rules = { maxSeatsPerSession: 2000 }; // each buyer reserves many seats, one at a time
      const showId = await makeShow(pool, { rows: 40, seatsPerRow: 50, rules });
      await pool.end();
      return new BreakablePostgres(postgres, line, services, showId);
    } catch (error) {
      for (const service of services) await service.close();
      await postgres.remove();
      throw error;
    }
  }

  /** Connects a socket to a node. */
  async connect(node: number): Promise<TestSocket> {
    const socket = await TestSocket.connect(this.services[node]!.url);
    this.sockets.push(socket);
    return socket;
  }

  /** Reserves one seat after the other until `stop` aborts, even if the service refuses or does not answer. */
  async reserveUntil(stop: AbortSignal, node: number, first: number): Promise<ReservationAttempt[]> {
    const socket = await this.connect(node);
    const tried: ReservationAttempt[] = [];
    for (let seat = first; !stop.aborted; seat++) {
      const key = `seat ${seat}`;
      const booking = await this.reserve(socket, seat, key).catch(() => null);
      tried.push({ key, seat, booking });
      if (!booking) await delay(50);
    }
    // If an answer was lost, a retry with the same key returns the existing booking or makes the booking now.
    return Promise.all(
      tried.map(async (one) => ({ ...one, booking: one.booking ?? (await this.reserveWithRetries(socket, one)) })),
    );
  }

  /** Repeats a reservation until it succeeds. */
  async reserveWithRetries(
    socket: TestSocket,
    { seat, key }: Pick<ReservationAttempt, 'seat' | 'key'>,
  ): Promise<Booking> {
    const deadline = performance.now() + recoveryMsMax;
    for (;;) {
      try {
        return await this.reserve(socket, seat, key);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(100); // real clients also wait before they retry
      }
    }
  }

  /** Tries once to reserve a seat. @throws Error if the service refuses or does not answer in time */
  async reserve(socket: TestSocket, seat: number, key: string): Promise<Booking> {
    const { booking } = await socket.ask('reservation:create', { showId: this.showId, seats: [seat], key });
    return booking;
  }

  /** Waits until a node accepts a reservation again. Returns the time that this took, in ms. */
  async waitUntilServed(node: number, seat: number): Promise<number> {
    const began = performance.now();
    await this.reserveWithRetries(await this.connect(node), { seat, key: `again ${seat}` });
    return performance.now() - began;
  }

  /** Sends a reservation. Returns the answer and the time until it came, in ms. */
  async measureAnswer(socket: TestSocket, seat: number): Promise<{ answer: Acknowledgement<object>; ms: number }> {
    const began = performance.now();
    const payload = { showId: this.showId, seats: [seat] };
    const answer = await socket.sendWithin(20_000, 'reservation:create', payload);
    return { answer, ms: performance.now() - began };
  }

  /** Returns the seats of the show's held bookings from the tables, by booking id. */
  async findBookings(server: PostgresServer = this.postgres): Promise<Map<string, readonly number[]>> {
    const client = await server.connect();
    try {
      const { rows } = await client.query<{ id: string; seats: number[] }>(
        `select booking_id as id, seats from booking where show_id = $1 and status = 'reserved'`,
        [this.showId],
      );
      return new Map(rows.map(({ id, seats }) => [id, seats]));
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.close();
    this.proxy.mend();
    this.postgres.thaw();
    await Promise.all(this.services.map((service) => service.close()));
    await this.proxy.close();
    await this.postgres.remove();
  }
}
