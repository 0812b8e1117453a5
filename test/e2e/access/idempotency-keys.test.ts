import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Booking } from '@usher/contract';
import type pg from 'pg';
import { adminKey } from '../../support/api-keys.js';
import { startApp, type TestApp } from '../../support/app.js';
import { readConfig } from '../../../src/config/config.js';
import { type Service, startService } from '../../../src/service.js';
import { book } from '../../support/booked.js';
import { testEnvironment, testPool } from '../../support/database.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const env = { ADMIN_API_KEY: adminKey, WEBHOOK_PRIVATE_HOSTS: 'true', PUSH_PRIVATE_HOSTS: 'true' };
let app: TestApp;
/** A second node. */
let other: Service;
let pool: pg.Pool;
let buyer: RestCaller;

beforeAll(async () => {
  app = await startApp({ demo: false, env });
  other = await startService(readConfig(testEnvironment(app.databaseUrl, env)));
  pool = testPool(app.databaseUrl);
  buyer = await RestCaller.begin(app.url);
});

afterAll(async () => {
  await other.close();
  await pool.end();
  await app.close();
});

/** One call that creates something. */
interface Creating {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: object;
  /** A body that asks for something else. */
  readonly otherBody: object;
  /** The table that a call adds one row to, or a statement whose count grows by one. */
  readonly counts?: string;
  /** With the admin's key and without a session. */
  readonly byKey?: boolean;
}

const city = { name: 'Riga', country: 'LV', timeZone: 'Europe/Riga', lat: 56.95, lon: 24.11 };
const movie = { title: 'Once', people: [], genres: [], durationMinutes: 90 };
const cinema = (cityId: number) => ({ cityId, name: 'Rex', address: 'Street 1', postalCode: '10115', lat: 1, lon: 2 });
const layout = { text: 'A-B 4s_4s' };

async function ids(showId: number) {
  const { rows } = await pool.query<{ cityId: number; cinemaId: number; hallId: number; movieId: number }>(
    `select c.city_id as "cityId", h.cinema_id as "cinemaId", s.hall_id as "hallId", s.movie_id as "movieId"
     from show s join hall h on h.id = s.hall_id join cinema c on c.id = h.cinema_id where s.id = $1`,
    [showId],
  );
  return rows[0]!;
}

async function booked(): Promise<Booking> {
  return book(pool, buyer, await makeShow(pool), [0, 1]);
}

const admin = (path: string, body: object, otherBody: object, counts: string): Creating => ({
  method: 'POST',
  path: `/v1/admin/${path}`,
  body,
  otherBody,
  counts,
  byKey: true,
});

const calls: [string, () => Promise<Creating>][] = [
  ['a city', async () => admin('cities', city, { ...city, name: 'Oslo' }, 'city')],
  ['a movie', async () => admin('movies', movie, { ...movie, title: 'Twice' }, 'movie')],
  [
    'a cinema',
    async () => {
      const { cityId } = await ids(await makeShow(pool));
      return admin('cinemas', cinema(cityId), { ...cinema(cityId), name: 'Roxy' }, 'cinema');
    },
  ],
  [
    'a hall',
    async () => {
      const { cinemaId } = await ids(await makeShow(pool));
      const hall = { cinemaId, name: 'Hall 7', layout };
      return admin('halls', hall, { ...hall, name: 'Hall 8' }, 'hall');
    },
  ],
  [
    'a show',
    async () => {
      const { hallId, movieId } = await ids(await makeShow(pool));
      const startsAt = new Date(Date.now() + 20 * 24 * 60 * 60 * 1000).toISOString();
      const show = { hallId, movieId, startsAt, currency: 'EUR', prices: { standard: 900 } };
      return admin('shows', show, { ...show, prices: { standard: 901 } }, 'show');
    },
  ],
  [
    'an API key',
    async () => admin('api-keys', { name: 'Door', roles: ['gate'] }, { name: 'Door', roles: ['staff'] }, 'api_key'),
  ],
  ['a ticket key', async () => admin('ticket-keys', {}, { other: true }, 'ticket_key')],
  [
    'a webhook',
    async () => {
      const body = { url: 'http://127.0.0.1:9/a', events: ['booking.booked'] };
      const otherBody = { ...body, url: 'http://127.0.0.1:9/b' };
      return { ...admin('', body, otherBody, 'webhook_endpoint'), path: '/v1/partners/webhooks' };
    },
  ],
  [
    'a refund',
    async () => {
      const { bookingId } = await booked();
      const path = `/v1/bookings/${bookingId}/refunds`;
      return { method: 'POST', path, body: { seats: [0] }, otherBody: { seats: [1] }, counts: 'refund' };
    },
  ],
  [
    'an address for mails',
    async () => {
      const { bookingId } = await booked();
      const [body, otherBody] = [{ email: 'ida@example.com' }, { email: 'jon@example.com' }];
      return { method: 'PUT', path: `/v1/bookings/${bookingId}/contact`, body, otherBody, counts: 'mail_message' };
    },
  ],
  [
    'blocked seats',
    async () => {
      const path = `shows/${await makeShow(pool)}/blocks`;
      return admin(path, { seats: [0] }, { seats: [1] }, 'show_seat');
    },
  ],
  [
    'a call-off',
    async () => {
      const path = `shows/${await makeShow(pool)}/call-off`;
      return admin(path, { reason: 'one' }, { reason: 'two' }, 'show_ledger where called_off');
    },
  ],
];

describe.each(calls)('%s that is made with an idempotency key', (_, creating) => {
  const count = async (counts = 'city') =>
    Number((await pool.query<{ count: string }>(`select count(*) from ${counts}`)).rows[0]!.count);

  const send = (node: { url: string }, { method, path, byKey }: Creating, body: object, key: string) => {
    const caller = new RestCaller(node.url, buyer.session);
    return caller.call(method, path, body, { 'idempotency-key': key, ...(byKey && { 'x-api-key': adminKey }) });
  };

  it('is made once and answered alike, at once, later, on another node and after a crash', async () => {
    const call = await creating();
    const key = `once ${call.path}`;
    const before = await count(call.counts);
    const answers = await Promise.all([app, other, app, other].map((node) => send(node, call, call.body, key)));
    answers.push(await send(other, call, Object.fromEntries(Object.entries(call.body).toReversed()), key));
    // As a node leaves it that dies between the effect and its answer.
    const { rowCount } = await pool.query(
      `update idempotency_key set answer = null, claimed_until = now() where key = $1`,
      [key],
    );
    expect(rowCount).toBe(1);
    answers.push(await send(other, call, call.body, key));
    expect(answers[0]!.status).toBeLessThan(300);
    for (const { status, body } of answers) expect([status, body]).toEqual([answers[0]!.status, answers[0]!.body]);
    expect(await count(call.counts)).toBe(before + 1);

    expect(await send(other, call, call.otherBody, key)).toMatchObject({ status: 409, body: { code: 'KEY_REUSED' } });
    expect(await count(call.counts)).toBe(before + 1);
  });
});

it('keeps no answer in clear', async () => {
  const body = { name: 'Secret', roles: ['gate'] };
  const headers = { 'x-api-key': adminKey, 'idempotency-key': 'clear' };
  const made = await buyer.call('POST', '/v1/admin/api-keys', body, headers);
  const { rows } = await pool.query(`select k::text as text from idempotency_key k where key = 'clear'`);
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(String(made.body.key));
  expect(JSON.stringify(rows)).not.toContain('Secret');
});

it('belongs to its caller, is free again after a refusal, and must not be longer than 128 characters', async () => {
  const keyed = (key: string, as = adminKey) => ({ 'x-api-key': as, 'idempotency-key': key });
  const create = (body: object, headers: Record<string, string>) =>
    buyer.call('POST', '/v1/admin/movies', body, headers);
  const second = await buyer.call(
    'POST',
    '/v1/admin/api-keys',
    { name: 'B', roles: ['admin'] },
    { 'x-api-key': adminKey },
  );
  expect((await create(movie, keyed('shared'))).status).toBe(201);
  expect((await create({ ...movie, title: 'Other' }, keyed('shared', String(second.body.key)))).status).toBe(201);
  expect((await create({ ...movie, title: '' }, keyed('refused'))).status).toBe(400);
  expect((await create(movie, keyed('refused'))).status).toBe(201);
  expect(await create(movie, keyed('x'.repeat(129)))).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
});
