import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  AccessCodeBatchMade,
  ApiKeyMade,
  type AuditAction,
  type Endpoint,
  TicketKey,
  WebhookEndpointMade,
} from '@usher/contract';
import { v7 as uuidv7 } from 'uuid';
import { Admin, hourOfDay, rowOf } from '../../support/admin.js';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { AuditReader } from '../../support/audit.js';
import { book } from '../../support/book-seats.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { allEndpoints } from '../../support/raw-api.js';
import { Payer } from '../../support/payer.js';
import { type RestAnswer, RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { fetchTicketsOf } from '../../support/tickets.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey, WEBHOOK_PRIVATE_HOSTS: 'true' } });
const admin = new Admin(() => app.url);
const audit = new AuditReader(() => app.url);
const made: { buyer?: RestCaller; staff?: ApiKeyMade } = {};

beforeAll(async () => {
  made.buyer = await RestCaller.begin(app.url);
  made.staff = await makeKey(app.url, { name: 'Anna at the counter', roles: ['staff'] });
});

/** One call of a route, and the action of the entry that it must leave. */
interface AuditedCall {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly action: AuditAction;
  /** The key of the caller; the key of the settings by default. */
  readonly key?: ApiKeyMade;
}

const city = { name: 'Testville', country: 'DE', timeZone: 'Europe/Berlin', lat: 52.5, lon: 13.4 };
const cinema = { name: 'The Test', address: 'Street 1', postalCode: '10115', lat: 52.5, lon: 13.4 };
const webhook = { url: 'http://127.0.0.1:9/a-secret-path', events: ['booking.booked'] };

const makeCity = async () => (await admin.make('/cities', city)).cityId;
const makeHall = () => admin.hall(rowOf('sss'));
const bookSeats = async (startsAt?: Date) =>
  book(app.pool, made.buyer!, await makeShow(app.pool, startsAt && { startsAt }), [0, 1]);
const holdSeat = async () => new Payer(made.buyer!).hold(await makeShow(app.pool), [3]);
const makeTicketToday = async () => {
  const booking = await bookSeats(new Date(Date.now() + 30 * 60 * 1000));
  return (await fetchTicketsOf(made.buyer!, booking.bookingId))[0]!;
};
const partner = (method: string, path: string, body?: unknown): Promise<RestAnswer> =>
  made.buyer!.call(method, `/v1/partners/webhooks${path}`, body, { 'x-api-key': adminKey });
const makeWebhook = async () => validate(WebhookEndpointMade, (await partner('POST', '', webhook)).body).endpointId;

/** For each route that needs a key and changes something: prepares its objects and returns a call that succeeds. */
const calls: Readonly<Record<string, () => Promise<AuditedCall>>> = {
  createCity: async () => adminCall('POST', '/cities', city, 'city.create'),
  changeCity: async () => adminCall('PATCH', `/cities/${await makeCity()}`, { name: 'Newville' }, 'city.update'),
  createCinema: async () => ({
    method: 'POST',
    path: '/v1/admin/cinemas',
    body: { ...cinema, cityId: await makeCity() },
    action: 'cinema.create',
  }),
  changeCinema: async () =>
    adminCall('PATCH', `/cinemas/${(await makeHall()).cinemaId}`, { name: 'The New Test' }, 'cinema.update'),
  createHall: async () => ({
    method: 'POST',
    path: '/v1/admin/halls',
    body: { cinemaId: (await makeHall()).cinemaId, name: 'Hall 2', layout: { text: rowOf('ss') } },
    action: 'hall.create',
  }),
  changeHall: async () => ({
    method: 'PATCH',
    path: `/v1/admin/halls/${(await makeHall()).hallId}`,
    body: { layout: { text: rowOf('ssss') } },
    action: 'hall.update',
  }),
  createMovie: async () => adminCall('POST', '/movies', { title: 'A Test', durationMinutes: 90 }, 'movie.create'),
  changeMovie: async () =>
    adminCall('PATCH', `/movies/${await admin.movie()}`, { durationMinutes: 91 }, 'movie.update'),
  createShow: async () => ({
    method: 'POST',
    path: '/v1/admin/shows',
    body: {
      movieId: await admin.movie(),
      hallId: (await makeHall()).hallId,
      startsAt: hourOfDay(20),
      currency: 'EUR',
      prices: { standard: 900 },
    },
    action: 'show.create',
  }),
  changeShow: async () => ({
    method: 'PATCH',
    path: `/v1/admin/shows/${(await admin.showInRow('sss')).showId}`,
    body: { prices: { standard: 1 } },
    action: 'show.update',
  }),
  blockSeats: async () => ({
    method: 'POST',
    path: `/v1/admin/shows/${await makeShow(app.pool)}/blocks`,
    body: { seats: [1] },
    action: 'seats.block',
  }),
  unblockSeats: async () => {
    const path = `/shows/${await makeShow(app.pool)}/blocks`;
    await admin.call('POST', path, { seats: [1] });
    return { method: 'DELETE', path: `/v1/admin${path}`, body: { seats: [1] }, action: 'seats.unblock' };
  },
  createAccessCodes: async () => ({
    method: 'POST',
    path: `/v1/admin/shows/${await makeShow(app.pool)}/access-codes`,
    body: { name: 'Fans', code: 'FANCLUB2031', usesPerCode: 5, seatsPerUse: 2 },
    action: 'access-codes.create',
  }),
  revokeAccessCodes: async () => {
    const path = `/shows/${await makeShow(app.pool)}/access-codes`;
    const { batchId } = validate(
      AccessCodeBatchMade,
      (await admin.call('POST', path, { name: 'Press', count: 1, seatsPerUse: 2 })).body,
    );
    return { method: 'DELETE', path: `/v1/admin${path}/${batchId}`, action: 'access-codes.revoke' };
  },
  callOffShow: async () => ({
    method: 'POST',
    path: `/v1/admin/shows/${await makeShow(app.pool)}/call-off`,
    body: { reason: 'no power' },
    action: 'show.call-off',
  }),
  createApiKey: async () => ({
    method: 'POST',
    path: '/v1/admin/api-keys',
    body: { name: 'North', roles: ['gate'] },
    action: 'api-key.create',
  }),
  rotateApiKey: async () => ({
    method: 'POST',
    path: `/v1/admin/api-keys/${(await makeKey(app.url, {})).keyId}/rotate`,
    body: {},
    action: 'api-key.rotate',
  }),
  revokeApiKey: async () => ({
    method: 'DELETE',
    path: `/v1/admin/api-keys/${(await makeKey(app.url, {})).keyId}`,
    action: 'api-key.revoke',
  }),
  releaseRiskPattern: async () => ({
    method: 'POST',
    path: `/v1/admin/risk/shows/${(await holdSeat()).showId}/releases`,
    body: { sessionIds: [made.buyer!.session.sessionId], reason: 'a test' },
    action: 'risk.release',
    key: made.staff!,
  }),
  rotateTicketKey: async () => ({ method: 'POST', path: '/v1/admin/ticket-keys', action: 'ticket-key.rotate' }),
  revokeTicketKey: async () => {
    const { kid } = validate(TicketKey, (await admin.call('POST', '/ticket-keys')).body);
    return { method: 'DELETE', path: `/v1/admin/ticket-keys/${kid}`, action: 'ticket-key.revoke' };
  },
  createWebhook: async () => ({
    method: 'POST',
    path: '/v1/partners/webhooks',
    body: webhook,
    action: 'webhook.create',
  }),
  deleteWebhook: async () => ({
    method: 'DELETE',
    path: `/v1/partners/webhooks/${await makeWebhook()}`,
    action: 'webhook.delete',
  }),
  replayWebhooks: async () => {
    const [endpointId, deliveryId] = [await makeWebhook(), uuidv7()];
    await app.pool.query(
      `insert into webhook_delivery (show_id, delivery_id, endpoint_id, event, status, give_up_at)
       values (1, $1, $2, '{}', 'failed', now())`,
      [deliveryId, endpointId],
    );
    const path = `/v1/partners/webhooks/${endpointId}/replays`;
    return { method: 'POST', path, body: { deliveryId }, action: 'webhook.replay' };
  },
  checkIn: async () => ({
    method: 'POST',
    path: '/v1/tickets/check-ins',
    body: { code: (await makeTicketToday()).code },
    action: 'ticket.check-in',
  }),
  handInCheckIns: async () => ({
    method: 'POST',
    path: '/v1/tickets/check-ins/offline',
    body: { checkIns: [{ code: (await makeTicketToday()).code, at: new Date().toISOString() }] },
    action: 'ticket.check-in',
  }),
  releaseBooking: async () => {
    const { bookingId } = await holdSeat();
    return staffCall('DELETE', `/v1/bookings/${bookingId}`, undefined, 'booking.release');
  },
  revokeBookingLinks: async () =>
    staffCall('DELETE', `/v1/bookings/${(await bookSeats()).bookingId}/links`, undefined, 'booking.revoke-links'),
  refundBooking: async () =>
    staffCall('POST', `/v1/bookings/${(await bookSeats()).bookingId}/refunds`, { seats: [1] }, 'payment.refund'),
  setBookingContact: async () => {
    const body = { email: 'buyer@example.com' };
    return staffCall('PUT', `/v1/bookings/${(await bookSeats()).bookingId}/contact`, body, 'booking.contact');
  },
};

const adminCall = (method: string, path: string, body: unknown, action: AuditAction): AuditedCall => ({
  method,
  path: `/v1/admin${path}`,
  body,
  action,
});

const staffCall = (method: string, path: string, body: unknown, action: AuditAction): AuditedCall => ({
  method,
  path,
  body,
  action,
  key: made.staff!,
});

const isAudited = ({ method, role, acceptsBookingLink }: Endpoint): boolean =>
  method !== 'get' && (role !== undefined || acceptsBookingLink === true);
const auditedEndpoints = allEndpoints.filter(([, endpoint]) => isAudited(endpoint));

const countEntries = async (): Promise<number> =>
  (await app.pool.query<{ count: number }>('select count(*)::int as count from audit_entry')).rows[0]!.count;

describe('each route that needs a key and changes something', () => {
  it('is in the table of this test', () => {
    expect(Object.keys(calls).toSorted()).toEqual(auditedEndpoints.map(([name]) => name).toSorted());
  });

  it.each(auditedEndpoints)(
    '%s leaves one entry with its caller and its state, however often it is sent',
    async (name, endpoint) => {
      const { method, path, body, action, key } = await calls[name]!();
      const before = await countEntries();
      const headers = { 'x-api-key': key?.key ?? adminKey, 'idempotency-key': uuidv7() };
      const isIdempotent = endpoint.headers !== undefined;
      for (let sent = 0; sent < (isIdempotent ? 2 : 1); sent++) {
        const answer = await made.buyer!.call(method, path, body, headers);
        expect({ sent, status: answer.status }).toEqual({ sent, status: endpoint.status });
      }
      expect(await countEntries()).toBe(before + 1);
      const [entry] = await audit.list({ limit: 1 });
      const actor = key
        ? { kind: 'key', id: key.keyId, name: key.name }
        : { kind: 'setting', id: null, name: 'ADMIN_API_KEY' };
      expect(entry).toMatchObject({ action, actor, address: '127.0.0.1' });
      expect(entry!.before ?? entry!.after).not.toBeNull();
      const text = JSON.stringify(entry);
      for (const secret of ['buyer@example.com', 'a-secret-path', 'usher_', 'whsec_', 'FANCLUB2031'])
        expect(text).not.toContain(secret);
    },
  );
});

describe('the states of an entry', () => {
  it('are the changed fields before and after the act', async () => {
    const cityId = await makeCity();
    await admin.call('PATCH', `/cities/${cityId}`, { name: 'Newville', lat: city.lat });
    const { showId } = await admin.showInRow('sss');
    await admin.call('PATCH', `/shows/${showId}`, { prices: { standard: 7 }, reason: 'a sale' });
    const [cityEntry] = await audit.list({ subject: String(cityId), action: 'city.update' });
    expect(cityEntry).toMatchObject({ before: { name: 'Testville' }, after: { name: 'Newville' } });
    expect(Object.keys(cityEntry!.after!)).toEqual(['name']);
    const [showEntry] = await audit.list({ showId, action: 'show.update' });
    expect(showEntry).toMatchObject({
      before: { prices: { standard: 900 } },
      after: { prices: { standard: 7 }, reason: 'a sale' },
    });
  });

  it('of a refund name the money and the seats', async () => {
    const { bookingId, showId } = await bookSeats();
    const path = `/v1/bookings/${bookingId}/refunds`;
    await made.buyer!.call('POST', path, { seats: [1] }, { 'x-api-key': made.staff!.key });
    const [entry] = await audit.list({ subject: bookingId });
    expect(entry).toMatchObject({
      action: 'payment.refund',
      showId,
      before: { status: 'booked', seats: [0, 1] },
      after: { status: 'booked', seats: [0], amount: 1250, currency: 'EUR' },
    });
  });
});
