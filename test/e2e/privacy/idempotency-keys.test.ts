import { describe, expect, it } from '@jest/globals';
import { endpoints, type Endpoint, type SessionData } from '@usher/contract';
import { SignJWT } from 'jose';
import { createClientAsync } from 'soap';
import { v7 as uuidv7 } from 'uuid';
import { pseudonymOf } from '../../../src/shows/store/pseudonym.js';
import { ShowLogRepository } from '../../../src/shows/store/show-log.repository.js';
import { digestOf } from '../../simulation/reference/digest.js';
import { ReferenceShow } from '../../simulation/reference/reference-show.js';
import { validate } from '../../support/contract-shapes.js';
import { testEnvironment } from '../../support/database.js';
import { tablesWith } from '../../support/database-text.js';
import { enterShow } from '../../support/entry-line.js';
import { setUpApp } from '../../support/file-app.js';
import { openLane, plainTerms } from '../../support/lanes.js';
import { cards, Payer } from '../../support/payer.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { waitUntil } from '../../support/wait-until.js';

const app = setUpApp({ env: { BOOKING_RETENTION_DAYS: '100' } });

const dataPath = '/v1/session/data';
const returnUrlOf = (mark: string) => `${app.url}/back?order=RETURN-${mark}`;
const browserKeys = {
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
};

/** What a buyer has done with keys. */
interface KeyedBuyer {
  readonly caller: RestCaller;
  readonly sale: number;
  readonly metered: number;
  /** The keys of the buyer's calls, by the name of the endpoint or event. */
  readonly keys: ReadonlyMap<string, string>;
}

/** Calls with a key each. @throws Error if the service refuses a call */
class KeyedCalls {
  readonly keys = new Map<string, string>();

  constructor(
    private readonly caller: RestCaller,
    private readonly mark: string,
  ) {}

  /** Returns a new key for a call. A shop might use its order number. */
  keyFor(name: string): string {
    const key = `ORDER-${this.mark}-${name}`;
    this.keys.set(name, key);
    return key;
  }

  async call(name: string, method: string, path: string, body?: object, headers: Record<string, string> = {}) {
    const key = { 'idempotency-key': this.keyFor(name) };
    const answer = await this.caller.call(method, path, body, { ...key, ...headers });
    if (answer.status >= 300) throw new Error(`${name} was refused: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** Returns the token of the link that the service would mail for a booking. */
async function linkTokenOf(bookingId: string): Promise<string> {
  const secret = new TextEncoder().encode(testEnvironment('')['SESSION_SECRET']);
  const claims = new SignJWT({ sub: bookingId, aud: 'usher-booking', rev: 0 });
  return `booking.${await claims.setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1 day').sign(secret)}`;
}

/** Makes every call of a buyer that accepts a key, over REST, a socket and SOAP. */
async function callWithKeys(mark: string): Promise<KeyedBuyer> {
  const caller = await RestCaller.begin(app.url);
  const { token } = caller.session;
  const calls = new KeyedCalls(caller, mark);
  const sale = await makeShow(app.pool, { rules: { refunds: { deadlineMinutes: 60, feeAmount: 0 } } });
  const metered = await makeShow(app.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
  const socket = await app.connect({ auth: { token } });

  const held = await calls.call('createReservation', 'POST', `/v1/shows/${sale}/reservations`, { seats: [0, 1] });
  const bookingId = String(held['bookingId']);
  const path = `/v1/bookings/${bookingId}`;
  const payment = await calls.call('startPayment', 'POST', `${path}/payments`, { returnUrl: returnUrlOf(mark) });
  await new Payer(caller).pay(validate(endpoints.startPayment.answer, payment), cards.good);
  await socket.next('booking:updated', ({ booking }) => booking.status === 'booked');
  await calls.call('setBookingContact', 'PUT', `${path}/contact`, { email: `${mark}@example.com` });
  await calls.call('refundBooking', 'POST', `${path}/refunds`, { seats: [1] });
  const asLink = { authorization: `Bearer ${await linkTokenOf(bookingId)}` };
  await calls.call('contact by link', 'PUT', `${path}/contact`, { email: `${mark}@example.com` }, asLink);
  const browser = { endpoint: `https://push.example.com/send/${mark}`, keys: browserKeys };
  await calls.call('subscribePush', 'POST', '/v1/push/subscriptions', browser);

  const key = calls.keyFor('reservation:create');
  const bySocket = await socket.ask('reservation:create', { showId: sale, key, seats: [4] });
  await caller.call('DELETE', `/v1/bookings/${bySocket.booking.bookingId}`);
  const soap = await createClientAsync(`${app.url}/soap?wsdl`);
  const reserve: (fields: object) => Promise<unknown> = soap['ReserveSeatsAsync'];
  const fields = { showId: sale, seats: [8], sessionToken: token, idempotencyKey: calls.keyFor('ReserveSeats') };
  await reserve.call(soap, fields);

  await enterShow(await app.connect(), metered);
  await calls.call('joinQueue', 'POST', `/v1/shows/${metered}/queue`, { partySize: 2 });
  await socket.ask('queue:join', { showId: metered, partySize: 1, key: calls.keyFor('queue:join') });
  return { caller, sale, metered, keys: calls.keys };
}

async function exportData(caller: RestCaller): Promise<SessionData> {
  return validate(endpoints.exportSessionData.answer, (await caller.call('GET', dataPath)).body);
}

/** Returns the hashes of request bodies that tables store next to keys. */
async function readBodyHashes(): Promise<string[]> {
  const { rows } = await app.pool.query<{ hash: string }>(
    `select body_hash as hash from booking where body_hash is not null union select body_hash from line_key
     union select hash #>> '{}' from show_log, jsonb_path_query(changes, '$.**.bodyHash') hash`,
  );
  return rows.map(({ hash }) => hash);
}

/** Folds the log of a show, and compares the result with the tables. */
async function expectLogMatchesTables(showId: number): Promise<void> {
  const { lane } = await openLane(plainTerms(showId), app.pool);
  const fold = new ReferenceShow(lane.terms.layout.seatCount);
  for (const entry of await new ShowLogRepository(app.pool).entriesAfter(showId, 0, null)) fold.apply(entry);
  expect(digestOf(lane.state)).toBe(fold.digest());
}

/** Moves all shows into the past, and starts a node that replaces their sessions. */
async function endRetention(): Promise<void> {
  await app.pool.query(
    `update show set starts_at = now() - interval '499.1 days', ends_at = now() - interval '499 days',
       sale_closes_at = now() - interval '499.1 days'`,
  );
  const node = await app.startNode();
  await waitUntil(async () => {
    const { rows } = await app.pool.query<{ open: number }>(
      `select count(*)::int as open from show_ledger l where l.seq > 0 and not exists (
         select from show_anonymization a where a.show_id = l.show_id and a.salt is null)`,
    );
    return rows[0]!.open === 0;
  });
  await node.close();
}

describe('the idempotency keys of a session', () => {
  it('are tested for every call of a buyer that accepts a key', async () => {
    const { keys } = await callWithKeys('all');
    const keyed = Object.entries<Endpoint>(endpoints).filter(
      ([, { headers, needsSession }]) => needsSession && headers && 'idempotency-key' in headers.shape,
    );
    expect([...keys.keys()]).toEqual(expect.arrayContaining(keyed.map(([name]) => name)));
  });

  it('are in the export, with the address at which a pay page ends', async () => {
    const { caller, sale, metered, keys } = await callWithKeys('export');
    const data = await exportData(caller);
    expect(data.isComplete).toBe(true);
    expect(data.idempotencyKeys.map(({ key }) => key).toSorted()).toEqual([...keys.values()].toSorted());
    const find = (name: string) => data.idempotencyKeys.find(({ key }) => key === keys.get(name));
    expect(find('createReservation')).toMatchObject({ call: 'reservation', showId: sale });
    expect(find('startPayment')).toMatchObject({ call: 'payment', showId: sale });
    expect(find('joinQueue')).toMatchObject({ call: 'line', showId: metered });
    expect(find('subscribePush')).toMatchObject({ call: 'other', showId: null });
    expect(data.payments).toMatchObject([{ returnUrl: returnUrlOf('export') }]);
  });

  it('are in no table after the erasure, and neither are the hashes of the bodies', async () => {
    const hashesBefore = await readBodyHashes();
    const { caller, sale, metered, keys } = await callWithKeys('erased');
    const hashes = (await readBodyHashes()).filter((hash) => !hashesBefore.includes(hash));
    expect(hashes.length).toBeGreaterThan(0);
    const traces = ['ORDER-erased-', 'RETURN-erased', 'erased@example.com', 'push.example.com/send/erased', ...hashes];
    for (const key of keys.values()) expect(await tablesWith(app.pool, [key])).not.toEqual([]);

    // Another buyer's keys must keep their effect.
    const other = await RestCaller.begin(app.url);
    const hold = () =>
      other.call('POST', `/v1/shows/${sale}/reservations`, { seats: [12] }, { 'idempotency-key': 'OTHER' });
    const first = await hold();
    expect(first.status).toBe(201);

    expect((await caller.call('DELETE', dataPath)).status).toBe(200);
    expect(await tablesWith(app.pool, traces)).toEqual([]);
    await expectLogMatchesTables(sale);
    await expectLogMatchesTables(metered);
    expect((await hold()).body).toMatchObject({ bookingId: first.body['bookingId'] });
  });

  it('of an erased session open no booking, also not on a node that remembers them', async () => {
    const caller = await RestCaller.begin(app.url);
    const showId = await makeShow(app.pool);
    const hold = () =>
      caller.call('POST', `/v1/shows/${showId}/reservations`, { seats: [0] }, { 'idempotency-key': 'remembered' });
    const { body } = await hold();
    await caller.call('DELETE', dataPath);
    expect(body).toMatchObject({ status: 'reserved' });
    expect(await hold()).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  it('are deleted from the tables and the log of a line after a day', async () => {
    const { metered, keys } = await callWithKeys('day-old');
    const joins = [keys.get('joinQueue')!, keys.get('queue:join')!];
    expect(await tablesWith(app.pool, joins)).toEqual(['line_key', 'show_log']);
    await app.pool.query(`update line_key set created_at = created_at - interval '25 hours' where show_id = $1`, [
      metered,
    ]);
    const node = await app.startNode();
    await waitUntil(async () => (await tablesWith(app.pool, joins)).length === 0);
    await node.close();
    await expectLogMatchesTables(metered);
  });

  it('are in no table after the retention period, also if the session was erased by an earlier release', async () => {
    await callWithKeys('past');
    const { caller, sale } = await callWithKeys('before');
    const { sessionId } = caller.session;
    const pseudonym = pseudonymOf(uuidv7(), sessionId);
    // Earlier releases replaced only the session.
    for (const table of ['booking', 'payment'])
      await app.pool.query(`update ${table} set session_id = $1 where session_id = $2`, [pseudonym, sessionId]);
    const log = 'update show_log set changes = replace(changes::text, $2, $1)::jsonb where show_id = $3';
    await app.pool.query(log, [pseudonym, sessionId, sale]);
    await app.pool.query('delete from idempotency_key');
    await app.pool.query(`update ticket set used_key = 'ORDER-past-gate' where show_id = $1`, [sale]);
    await endRetention();
    expect(await readBodyHashes()).toEqual([]);
    expect(await tablesWith(app.pool, ['ORDER-past', 'ORDER-before', 'RETURN-past', 'RETURN-before'])).toEqual([]);
    await expectLogMatchesTables(sale);
  });
});
