import { beforeAll, expect, it } from '@jest/globals';
import { Booking, endpoints, pageSchema, WebhookDelivery } from '@usher/contract';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { book } from '../../support/book-seats.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';
import { waitUntil } from '../../support/wait-until.js';
import { WebhookListener } from '../../support/webhook-listener.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
let caller: RestCaller;

beforeAll(async () => {
  caller = await RestCaller.begin(app.url);
});

const withKey = (key: string) => ({ 'x-api-key': key });
const listKeys = (key: string, query = '') => caller.call('GET', `/v1/admin/api-keys${query}`, undefined, withKey(key));

it('shows a new API key only once, and stores only its hash', async () => {
  const created = await makeKey(app.url, { name: 'Box office', roles: ['staff', 'gate'] });
  expect(created.key).toMatch(/^usher_[\w-]{43}$/);
  const { key, ...publicFields } = created;
  const { body } = await listKeys(adminKey);
  expect(body.items).toContainEqual(publicFields);
  expect(JSON.stringify(body)).not.toContain(key);
  const { rows } = await app.pool.query('select api_key::text as row from api_key');
  expect(rows.filter(({ row }) => row.includes(key.slice(6)))).toEqual([]);
});

it('limits a key to what its roles allow', async () => {
  const gate = await makeKey(app.url, { roles: ['gate'] });
  const admin = await makeKey(app.url, { roles: ['admin'] });
  expect(await listKeys(gate.key)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  expect(await listKeys(admin.key)).toMatchObject({ status: 200 });
  const checkIn = (key: string) => caller.call('POST', '/v1/tickets/check-ins', { code: 'x' }, withKey(key));
  expect(await checkIn(gate.key)).toMatchObject({ status: 400, body: { result: 'forged' } });
  expect(await checkIn(admin.key)).toMatchObject({ status: 403 });
  expect(await checkIn(adminKey)).toMatchObject({ status: 400, body: { result: 'forged' } });
  expect(await caller.call('POST', '/v1/tickets/check-ins', { code: 'x' })).toMatchObject({ status: 401 });
});

it('refuses a revoked key at once, over REST and in a handshake', async () => {
  const { keyId, key } = await makeKey(app.url, { roles: ['admin', 'kiosk'] });
  const socket = await TestSocket.connect(app.url, { auth: { apiKey: key } });
  expect((await socket.session()).sessionId).toBeDefined();
  socket.close();
  const revoke = () => caller.call('DELETE', `/v1/admin/api-keys/${keyId}`, undefined, withKey(adminKey));
  const revoked = await revoke();
  expect(revoked).toMatchObject({ status: 200, body: { keyId, revokedAt: expect.any(String) } });
  expect((await revoke()).body).toEqual(revoked.body);
  expect(await listKeys(key)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  const refused = TestSocket.connect(app.url, { auth: { apiKey: key }, reconnection: false });
  await expect(refused).rejects.toMatchObject({ data: { code: 'UNAUTHENTICATED', status: 401 } });
});

it('refuses a handshake with an unknown key, even if it also has a valid session token', async () => {
  for (const auth of [{ apiKey: 'never' }, { apiKey: '', token: caller.session.token }]) {
    const refused = TestSocket.connect(app.url, { auth, reconnection: false });
    await expect(refused).rejects.toMatchObject({ data: { code: 'UNAUTHENTICATED' } });
  }
  const accepted = await TestSocket.connect(app.url, { auth: { apiKey: adminKey, token: caller.session.token } });
  accepted.close();
});

it('lists the keys page by page', async () => {
  for (const name of ['one', 'two', 'three']) await makeKey(app.url, { name });
  const firstPage = await listKeys(adminKey, '?limit=2');
  expect(firstPage.body.items).toMatchObject([{ name: 'three' }, { name: 'two' }]);
  const secondPage = await listKeys(adminKey, `?limit=1&cursor=${String(firstPage.body.nextCursor)}`);
  expect(secondPage.body.items).toMatchObject([{ name: 'one' }]);
  expect((await listKeys(adminKey, '?cursor=nonsense')).body).toMatchObject({ code: 'INVALID_REQUEST' });
});

it('keeps mails when no mail server is configured, and shows their text to operators', async () => {
  const showId = await makeShow(app.pool);
  const held = await caller.call('POST', `/v1/shows/${showId}/reservations`, { seats: [6] });
  const path = `/v1/bookings/${String(held.body.bookingId)}/contact`;
  expect((await caller.call('PUT', path, { email: 'ada@example.com' })).status).toBe(200);
  await book(app.pool, caller, showId, validate(Booking, held.body));
  await caller.call('PUT', path, { email: 'ada@example.com' }); // Setting the address again sends the tickets.
  const mails = await caller.call('GET', '/v1/admin/mails?status=pending', undefined, withKey(adminKey));
  const [mail] = validate(endpoints.listMails.answer, mails.body).items;
  expect(mail).toMatchObject({ showId, kind: 'booked', to: 'ada@example.com', attempts: 0, sentAt: null });
  const mailText = await caller.call('GET', `/v1/admin/mails/${mail!.mailId}`, undefined, withKey(adminKey));
  expect(mailText.body).toMatchObject({ ...mail, subject: 'Your tickets: A Test' });
  expect(mailText.body.text).toContain('Your seats: A7.');
  expect(await caller.call('GET', '/v1/admin/mails')).toMatchObject({ status: 401 });
});

it.each(['http://partner.example/', 'https://127.0.0.1/', 'https://[::1]/', 'https://10.1.2.3/', 'https://0x7f.1/'])(
  'rejects %s as a webhook address, because webhooks need https and a public host',
  async (url) => {
    const { key } = await makeKey(app.url, { roles: ['partner'] });
    const body = { url, events: ['booking.booked'] };
    const answer = await caller.call('POST', '/v1/partners/webhooks', body, withKey(key));
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
  },
);

it('does not call a private address behind a host name, even if the name was accepted at registration', async () => {
  const { key } = await makeKey(app.url, { roles: ['partner'] });
  const listener = await WebhookListener.start();
  try {
    const url = listener.url.replace('http:', 'https:');
    const created = await caller.call(
      'POST',
      '/v1/partners/webhooks',
      { url, events: ['booking.booked'] },
      withKey(key),
    );
    expect(created.status).toBe(201);
    await book(app.pool, caller, await makeShow(app.pool), [0]);
    const deliveries = async () => {
      const path = `/v1/partners/webhooks/${String(created.body.endpointId)}/deliveries?status=failed`;
      const { body } = await caller.call('GET', path, undefined, withKey(key));
      return validate(pageSchema(WebhookDelivery), body).items;
    };
    await waitUntil(async () => (await deliveries()).length === 1);
    expect(await deliveries()).toMatchObject([{ lastResult: 'PRIVATE_HOST', attempts: 1 }]);
    expect(listener.connectionCount).toBe(0);
  } finally {
    await listener.close();
  }
});

const invalidKeys: [string, object, number][] = [
  ['no role', { roles: [] }, 400],
  ['an unknown role', { roles: ['king'] }, 400],
  ['no name', { name: '' }, 400],
  ['a missing show', { showId: 999_999 }, 404],
  ['a missing cinema', { cinemaId: 999_999 }, 404],
];

it.each(invalidKeys)('does not create a key with %s', async (_, invalidFields, status) => {
  await makeShow(app.pool);
  const body = { name: 'Test', roles: ['gate'], ...invalidFields };
  const before = await app.pool.query('select from api_key');
  expect((await caller.call('POST', '/v1/admin/api-keys', body, withKey(adminKey))).status).toBe(status);
  expect((await app.pool.query('select from api_key')).rowCount).toBe(before.rowCount);
  expect((await caller.call('DELETE', '/v1/admin/api-keys/nonsense', undefined, withKey(adminKey))).status).toBe(400);
});
