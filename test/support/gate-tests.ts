import { beforeAll } from '@jest/globals';
import { type ApiKeyMade, CheckIn, type Ticket } from '@usher/contract';
import { adminKey, makeKey } from './api-keys.js';
import { book } from './book-seats.js';
import { validate } from './contract-shapes.js';
import { type FileApp, setUpApp } from './file-app.js';
import { RestCaller } from './rest.js';
import { makeShow } from './show.js';
import { fetchTicketsOf } from './tickets.js';

/** A service with a buyer and the key of a gate, and the calls that tests of gates share. */
export class GateTests {
  private prepared: { readonly buyer: RestCaller; readonly gate: ApiKeyMade } | null = null;

  constructor(readonly app: FileApp) {}

  /** The caller whose session books the tickets. */
  get buyer(): RestCaller {
    return this.fixtures.buyer;
  }

  /** The key of the gate North. */
  get gate(): ApiKeyMade {
    return this.fixtures.gate;
  }

  async prepare(): Promise<void> {
    const gate = await makeKey(this.app.url, { name: 'North', roles: ['gate'] });
    this.prepared = { buyer: await RestCaller.begin(this.app.url), gate };
  }

  /** Creates a show that starts in half an hour. Returns its id. */
  readonly makeShowToday = (): Promise<number> =>
    makeShow(this.app.pool, { startsAt: new Date(Date.now() + 30 * 60 * 1000) });

  readonly fetchTickets = (bookingId: string): Promise<Ticket[]> => fetchTicketsOf(this.buyer, bookingId);

  /** Books seats of a show. Returns their tickets. */
  readonly bookTickets = async (showId: number, seats: number[]): Promise<Ticket[]> =>
    this.fetchTickets((await book(this.app.pool, this.buyer, showId, seats)).bookingId);

  /** Checks a ticket in as a gate does. Returns the answer and its HTTP status. */
  readonly checkIn = async (body: object, key = this.gate.key, headers: Record<string, string> = {}) => {
    const answer = await this.buyer.call('POST', '/v1/tickets/check-ins', body, { 'x-api-key': key, ...headers });
    return { status: answer.status, ...validate(CheckIn, answer.body) };
  };

  private get fixtures() {
    if (!this.prepared) throw new Error('the buyer and the gate do not exist yet; use them in tests or later hooks');
    return this.prepared;
  }
}

/** Before the first test of a file, starts the service and creates a buyer and a gate. */
export function setUpGateTests(): GateTests {
  const tests = new GateTests(setUpApp({ env: { ADMIN_API_KEY: adminKey } }));
  beforeAll(() => tests.prepare());
  return tests;
}
