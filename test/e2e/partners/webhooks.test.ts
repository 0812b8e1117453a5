import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiKeyMade, pageSchema, WebhookDelivery, WebhookEndpointMade, type WebhookEvent } from '@usher/contract';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { book, refund } from '../../support/book-seats.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { waitUntil } from '../../support/wait-until.js';
import { WebhookListener } from '../../support/webhook-listener.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey, WEBHOOK_PRIVATE_HOSTS: 'true' } });
let buyer: RestCaller;
let partner: ApiKeyMade;
const listeners: WebhookListener[] = [];

beforeAll(async () => {
  buyer = await RestCaller.begin(app.url);
  partner = await makeKey(app.url, { name: 'Seller', roles: ['partner'] });
});

afterAll(async () => {
  for (const listener of listeners) await listener.close();
});

const withKey = (key: string) => ({ 'x-api-key': key });
const callOff = (showId: number) =>
  buyer.call('POST', `/v1/admin/shows/${showId}/call-off`, { reason: 'a test' }, withKey(adminKey));

describe('webhooks to a partner', () => {
  async function registerEndpoint(events: string[], key = partner.key) {
    const listener = await WebhookListener.start();
    listeners.push(listener);
    const answer = await buyer.call('POST', '/v1/partners/webhooks', { url: listener.url, events }, withKey(key));
    expect(answer.status).toBe(201);
    return { listener, endpoint: validate(WebhookEndpointMade, answer.body) };
  }
  const listDeliveries = async ({ endpointId }: WebhookEndpointMade, query = '') => {
    const path = `/v1/partners/webhooks/${endpointId}/deliveries${query}`;
    const { body } = await buyer.call('GET', path, undefined, withKey(partner.key));
    return validate(pageSchema(WebhookDelivery), body).items;
  };

  it('report bookings, refunds and called-off shows since the registration, and each is signed and small', async () => {
    const showId = await makeShow(app.pool);
    const earlierBooking = await book(app.pool, buyer, showId, [9]);
    const { listener, endpoint } = await registerEndpoint(['booking.booked', 'booking.refunded', 'show.calledOff']);
    const booking = await book(app.pool, buyer, showId, [0, 1]);
    await refund(app.pool, buyer, booking, [0]);
    await callOff(showId);
    const calls = await listener.waitForCalls(5, ({ event }) => event.data.showId === showId);
    const listBookingIds = (type: string) =>
      calls.filter(({ event }) => event.type === type).map(({ event }) => event.data.bookingId);
    expect(listBookingIds('booking.booked')).toEqual([booking.bookingId]);
    const refunded = listBookingIds('booking.refunded').filter((id) => id !== null);
    expect(refunded).toHaveLength(3);
    expect(new Set(refunded)).toEqual(new Set([booking.bookingId, earlierBooking.bookingId]));
    expect(listBookingIds('show.calledOff')).toEqual([null]);
    for (const call of calls) {
      expect(WebhookListener.verify(endpoint.secret, call)).toEqual(call.event);
      expect(call.body.length).toBeLessThan(250);
      expect(() => WebhookListener.verify(endpoint.secret, { ...call, body: `${call.body} ` })).toThrow('signature');
    }
    expect(new Set(calls.map(({ id }) => id)).size).toBe(5);
  });

  it('report offers to waiters in a line', async () => {
    const { listener } = await registerEndpoint(['line.offered', 'line.expired']);
    const showId = await makeShow(app.pool, { rows: 1, seatsPerRow: 1 });
    const held = await buyer.call('POST', `/v1/shows/${showId}/reservations`, { seats: [0] });
    const waiter = await RestCaller.begin(app.url);
    await waiter.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 });
    await buyer.call('DELETE', `/v1/bookings/${String(held.body.bookingId)}`);
    const [offered] = await listener.waitForCalls(1, ({ event }) => event.type === 'line.offered');
    expect(offered!.event.data).toEqual({ showId, line: 'seats', ticket: 1, bookingId: expect.any(String) });
  });

  it('are retried with the same id until the partner accepts them, and can be replayed', async () => {
    const { listener, endpoint } = await registerEndpoint(['booking.booked']);
    listener.answers = [500, 307];
    const { bookingId } = await book(app.pool, buyer, await makeShow(app.pool), [0]);
    await listener.waitForCalls(1);
    const makeDeliveriesDue = () =>
      app.pool.query(`update webhook_delivery set due_at = now() where endpoint_id = $1`, [endpoint.endpointId]);
    await waitUntil(async () => (await listDeliveries(endpoint))[0]?.lastResult === '500');
    expect(await listDeliveries(endpoint)).toMatchObject([
      { status: 'pending', attempts: 1, event: { data: { bookingId } }, nextAttemptAt: expect.any(String) },
    ]);
    await makeDeliveriesDue();
    await waitUntil(async () => (await listDeliveries(endpoint))[0]?.lastResult === '307');
    await makeDeliveriesDue();
    const [first, second, third] = await listener.waitForCalls(3);
    expect([second!.id, third!.id]).toEqual([first!.id, first!.id]);
    await waitUntil(async () => (await listDeliveries(endpoint, '?status=delivered')).length === 1);
    expect(listener.received).toHaveLength(3); // The service did not follow the redirect of the second answer.

    const replay = (body: object) =>
      buyer.call('POST', `/v1/partners/webhooks/${endpoint.endpointId}/replays`, body, withKey(partner.key));
    expect(await replay({ deliveryId: first!.id })).toMatchObject({ status: 200, body: { deliveries: 1 } });
    const replayed = (await listener.waitForCalls(4))[3]!;
    expect([replayed.id, WebhookListener.verify(endpoint.secret, replayed)]).toEqual([first!.id, first!.event]);
    await waitUntil(async () => (await listDeliveries(endpoint, '?status=delivered')).length === 1);
    expect((await replay({ since: new Date(Date.now() - 60_000).toISOString() })).body).toEqual({ deliveries: 1 });
    expect((await replay({ since: new Date(Date.now() + 60_000).toISOString() })).body).toEqual({ deliveries: 0 });
    expect((await replay({})).status).toBe(400);
  });

  it('arrive at once, even if the server of another partner accepts calls but never answers', async () => {
    const [silent, other] = [await registerEndpoint(['show.calledOff']), await registerEndpoint(['booking.booked'])];
    silent.listener.isSilent = true;
    const event: WebhookEvent = {
      type: 'show.calledOff',
      timestamp: new Date().toISOString(),
      data: { showId: 1, bookingId: null, line: null, ticket: null, reason: null },
    };
    await app.pool.query(
      `insert into webhook_delivery (show_id, delivery_id, endpoint_id, event, due_at, give_up_at)
       select 1, gen_random_uuid(), $1, $2, now() - interval '1 minute', now() + interval '1 day'
       from generate_series(1, 200)`,
      [silent.endpoint.endpointId, JSON.stringify(event)],
    );
    await silent.listener.waitForCalls(8);
    await book(app.pool, buyer, await makeShow(app.pool), [0]);
    await other.listener.waitForCalls(1);
    expect(silent.listener.received.length).toBeLessThan(16);
    await app.pool.query('delete from webhook_delivery where endpoint_id = $1', [silent.endpoint.endpointId]);
  });

  it('are given up after three days, and stop when the partner answers that the address is gone', async () => {
    const { listener, endpoint } = await registerEndpoint(['booking.booked']);
    listener.answers = [503, 503, 410];
    const showId = await makeShow(app.pool);
    await book(app.pool, buyer, showId, [0]);
    await waitUntil(async () => (await listDeliveries(endpoint))[0]?.lastResult === '503');
    await app.pool.query(
      `update webhook_delivery set due_at = now(), give_up_at = now() + interval '3 s' where endpoint_id = $1`,
      [endpoint.endpointId],
    );
    await waitUntil(async () => (await listDeliveries(endpoint))[0]?.status === 'failed');
    await book(app.pool, buyer, showId, [1]);
    await listener.waitForCalls(3);
    await waitUntil(async () => (await listDeliveries(endpoint))[0]?.lastResult === '410');
    const list = await buyer.call('GET', '/v1/partners/webhooks', undefined, withKey(partner.key));
    expect(list.body.items).toContainEqual(
      expect.objectContaining({ endpointId: endpoint.endpointId, goneAt: expect.any(String) }),
    );
    await book(app.pool, buyer, showId, [2]);
    await waitUntil(async () => (await listDeliveries(endpoint)).length === 2);
    expect(listener.received).toHaveLength(3);
  });

  it('belong to the partner who registered them, and stop when the partner’s key is revoked', async () => {
    const other = await makeKey(app.url, { name: 'Other', roles: ['partner'] });
    const { listener, endpoint } = await registerEndpoint(['booking.booked'], other.key);
    const { listener: witness } = await registerEndpoint(['booking.booked']);
    const path = `/v1/partners/webhooks/${endpoint.endpointId}`;
    for (const [method, at] of [
      ['DELETE', path],
      ['GET', `${path}/deliveries`],
    ] as const) {
      expect((await buyer.call(method, at, undefined, withKey(partner.key))).status).toBe(404);
    }
    await buyer.call('DELETE', `/v1/admin/api-keys/${other.keyId}`, undefined, withKey(adminKey));
    await book(app.pool, buyer, await makeShow(app.pool), [0]);
    await witness.waitForCalls(1);
    expect(listener.received).toEqual([]);
    expect(
      (await app.pool.query('select from webhook_delivery where endpoint_id = $1', [endpoint.endpointId])).rowCount,
    ).toBe(0);
  });

  it.each([
    ['no URL', { url: 'nonsense', events: ['booking.booked'] }],
    ['a protocol other than http', { url: 'ftp://partner.example', events: ['booking.booked'] }],
    ['a password', { url: 'https://a:b@partner.example', events: ['booking.booked'] }],
    ['no event', { url: 'https://partner.example', events: [] }],
    ['an unknown event', { url: 'https://partner.example', events: ['booking.dreamt'] }],
  ])('cannot be registered with %s', async (_, body) => {
    const answer = await buyer.call('POST', '/v1/partners/webhooks', body, withKey(partner.key));
    expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
  });
});
