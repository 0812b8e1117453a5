import type { ApiKeyMade, CheckIn, Ticket } from '@usher/contract';
import type pg from 'pg';
import { adminKey, makeKey } from './api-keys.js';
import { startApp, type TestApp } from './app.js';
import { book } from './book-seats.js';
import { testPool } from './database.js';
import { RestCaller } from './rest.js';
import { makeShow } from './show.js';

/** A service with a buyer and a gate's key, and what tests of gates do with them. */
export class GateTests {
  private constructor(
    readonly app: TestApp,
    readonly pool: pg.Pool,
    readonly buyer: RestCaller,
    readonly gate: ApiKeyMade,
  ) {}

  static async start(): Promise<GateTests> {
    const app = await startApp({ demo: false, env: { ADMIN_API_KEY: adminKey } });
    const gate = await makeKey(app.url, { name: 'North', roles: ['gate'] });
    return new GateTests(app, testPool(app.databaseUrl), await RestCaller.begin(app.url), gate);
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.app.close();
  }

  /** A show that starts in half an hour. @returns its id */
  readonly makeShowToday = (): Promise<number> =>
    makeShow(this.pool, { startsAt: new Date(Date.now() + 30 * 60 * 1000) });

  readonly fetchTickets = async (bookingId: string): Promise<Ticket[]> => {
    const { status, body } = await this.buyer.call('GET', `/v1/bookings/${bookingId}/tickets`);
    if (status !== 200) throw new Error(`the tickets of ${bookingId} answered ${status}`);
    return body.items as Ticket[];
  };

  /** Books seats of a show. @returns their tickets */
  readonly bookTickets = async (showId: number, seats: number[]): Promise<Ticket[]> =>
    this.fetchTickets((await book(this.pool, this.buyer, showId, seats)).bookingId);

  /** Asks a gate's question. @returns the answer and its HTTP status */
  readonly checkIn = async (body: object, key = this.gate.key, headers: Record<string, string> = {}) => {
    const answer = await this.buyer.call('POST', '/v1/tickets/check-ins', body, { 'x-api-key': key, ...headers });
    return { status: answer.status, ...(answer.body as unknown as CheckIn) };
  };
}
