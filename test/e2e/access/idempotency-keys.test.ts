import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Booking } from '@usher/contract';
import { adminKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import type { Service } from '../../../src/service.js';
import { book } from '../../support/book-seats.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp({
  env: { ADMIN_API_KEY: adminKey, WEBHOOK_PRIVATE_HOSTS: 'true', PUSH_PRIVATE_HOSTS: 'true' },
});
/** A second node on the same database. */
let otherNode: Service;
let buyer: RestCaller;

beforeAll(async () => {
  otherNode = await app.startNode();
  buyer = await RestCaller.begin(app.url);
});

/** A call whose effect must happen only once. */
interface CreatingCall {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: object;
  /** A body that requests something else. */
  readonly otherBody: object;
  /**
   * What follows `select count(*) from` in a statement whose result the call increases by one: a table, and perhaps a
   * condition.
   */
  readonly countedRows?: string;
  /** Whether the call needs the administrator’s key instead of a session. */
  readonly needsAdminKey?: boolean;
}

const city = { name: 'Riga', country: 'LV', timeZone: 'Europe/Riga', lat: 56.95, lon: 24.11 };
const movie = { title: 'Once', people: [], genres: [], durationMinutes: 90 };
const cinemaIn = (cityId: number) => ({
  cityId,
  name: 'Rex',
  address: 'Street 1',
  postalCode: '10115',
  lat: 1,
  lon: 2,
});
const layout = { text: 'A-B 4s_4s' };

async function readIds(showId: number) {
  const { rows } = await app.pool.query<{ cityId: number; cinemaId: number; hallId: number; movieId: number }>(
    `select c.city_id as "cityId", h.cinema_id as "cinemaId", s.hall_id as "hallId", s.movie_id as "movieId"
     from show s join hall h on h.id = s.hall_id join cinema c on c.id = h.cinema_id where s.id = $1`,
    [showId],
  );
  return rows[0]!;
}

async function bookTwoSeats(): Promise<Booking> {
  return book(app.pool, buyer, await makeShow(app.pool), [0, 1]);
}

const adminCall = (path: string, body: object, otherBody: object, countedRows: string): CreatingCall => ({
  method: 'POST',
  path: `/v1/admin/${path}`,
  body,
  otherBody,
  countedRows,
  needsAdminKey: true,
});

const calls: [string, () => Promise<CreatingCall>][] = [
  ['a city', async () => adminCall('cities', city, { ...city, name: 'Oslo' }, 'city')],
  ['a movie', async () => adminCall('movies', movie, { ...movie, title: 'Twice' }, 'movie')],
  [
    'a cinema',
    async () => {
      const { cityId } = await readIds(await makeShow(app.pool));
      return adminCall('cinemas', cinemaIn(cityId), { ...cinemaIn(cityId), name: 'Roxy' }, 'cinema');
    },
  ],
  [
    'a hall',
    async () => {
      const { cinemaId } = await readIds(await makeShow(app.pool));
      const hall = { cinemaId, name: 'Hall 7', layout };
      return adminCall('halls', hall, { ...hall, name: 'Hall 8' }, 'hall');
    },
  ],
  [
    'a show',
    async () => {
      const { hallId, movieId } = await readIds(await makeShow(app.pool));
      const startsAt = new Date(Date.now() + 20 * 24 * 60 * 60 * 1000).toISOString();
      const show = { hallId, movieId, startsAt, currency: 'EUR', prices: { standard: 900 } };
      return adminCall('shows', show, { ...show, prices: { standard: 901 } }, 'show');
    },
  ],
  [
    'an API key',
    async () => adminCall('api-keys', { name: 'Door', roles: ['gate'] }, { name: 'Door', roles: ['staff'] }, 'api_key'),
  ],
  ['a ticket key', async () => adminCall('ticket-keys', {}, { other: true }, 'ticket_key')],
  [
    'a webhook',
    async () => {
      const body = { url: 'http://127.0.0.1:9/a', events: ['booking.booked'] };
      const otherBody = { ...body, url: 'http://127.0.0.1:9/b' };
      return { ...adminCall('', body, otherBody, 'webhook_endpoint'), path: '/v1/partners/webhooks' };
    },
  ],
  [
    'a refund',
    async () => {
      const { bookingId } = await bookTwoSeats();
      const path = `/v1/bookings/${bookingId}/refunds`;
      return { method: 'POST', path, body: { seats: [0] }, otherBody: { seats: [1] }, countedRows: 'refund' };
    },
  ],
  [
    'an address for mail',
    async () => {
      const { bookingId } = await bookTwoSeats();
      const [body, otherBody] = [{ email: 'ida@example.com' }, { email: 'jon@example.com' }];
      return { method: 'PUT', path: `/v1/bookings/${bookingId}/contact`, body, otherBody, countedRows: 'mail_message' };
    },
  ],
  [
    'blocked seats',
    async () => {
      const path = `shows/${await makeShow(app.pool)}/blocks`;
      return adminCall(path, { seats: [0] }, { seats: [1] }, 'show_seat');
    },
  ],
  [
    'a call-off',
    async () => {
      const path = `shows/${await makeShow(app.pool)}/call-off`;
      return adminCall(path, { reason: 'one' }, { reason: 'two' }, 'show_ledger where called_off');
    },
  ],
];

describe.each(calls)('%s requested with an idempotency key', (_, prepareCall) => {
  const countRows = async (countedRows = 'city') =>
    Number((await app.pool.query<{ count: string }>(`select count(*) from ${countedRows}`)).rows[0]!.count);

  const send = (node: { url: string }, { method, path, needsAdminKey }: CreatingCall, body: object, key: string) => {
    const caller = new RestCaller(node.url, buyer.session);
    return caller.call(method, path, body, { 'idempotency-key': key, ...(needsAdminKey && { 'x-api-key': adminKey }) });
  };

  it('is created once, and every repetition gets the same answer, even on another node or after a crash', async () => {
    const call = await prepareCall();
    const key = `once ${call.path}`;
    const before = await countRows(call.countedRows);
    const answers = await Promise.all([app, otherNode, app, otherNode].map((node) => send(node, call, call.body, key)));
    answers.push(await send(otherNode, call, Object.fromEntries(Object.entries(call.body).toReversed()), key));
    // Puts the row into the state in which a node leaves it if that node dies after the effect but before the answer.
    const { rowCount } = await app.pool.query(
      `update idempotency_key set answer = null, claimed_until = now() where key = $1`,
      [key],
    );
    expect(rowCount).toBe(1);
    answers.push(await send(otherNode, call, call.body, key));
    expect(answers[0]!.status).toBeLessThan(300);
    for (const { status, body } of answers) expect([status, body]).toEqual([answers[0]!.status, answers[0]!.body]);
    expect(await countRows(call.countedRows)).toBe(before + 1);

    expect(await send(otherNode, call, call.otherBody, key)).toMatchObject({
      status: 409,
      body: { code: 'KEY_REUSED' },
    });
    expect(await countRows(call.countedRows)).toBe(before + 1);
  });
});

it('stores no answer in plain text', async () => {
  const body = { name: 'Secret', roles: ['gate'] };
  const headers = { 'x-api-key': adminKey, 'idempotency-key': 'clear' };
  const made = await buyer.call('POST', '/v1/admin/api-keys', body, headers);
  const { rows } = await app.pool.query(`select k::text as text from idempotency_key k where key = 'clear'`);
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(String(made.body.key));
  expect(JSON.stringify(rows)).not.toContain('Secret');
});

it('limits an idempotency key to its caller and to 128 characters, and accepts the key again after a refusal', async () => {
  const keyHeaders = (key: string, as = adminKey) => ({ 'x-api-key': as, 'idempotency-key': key });
  const create = (body: object, headers: Record<string, string>) =>
    buyer.call('POST', '/v1/admin/movies', body, headers);
  const second = await buyer.call(
    'POST',
    '/v1/admin/api-keys',
    { name: 'B', roles: ['admin'] },
    { 'x-api-key': adminKey },
  );
  expect((await create(movie, keyHeaders('shared'))).status).toBe(201);
  expect((await create({ ...movie, title: 'Other' }, keyHeaders('shared', String(second.body.key)))).status).toBe(201);
  expect((await create({ ...movie, title: '' }, keyHeaders('refused'))).status).toBe(400);
  expect((await create(movie, keyHeaders('refused'))).status).toBe(201);
  expect(await create(movie, keyHeaders('x'.repeat(129)))).toMatchObject({
    status: 400,
    body: { code: 'INVALID_REQUEST' },
  });
});
