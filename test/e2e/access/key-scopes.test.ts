import { beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiKeyMade, Role } from '@usher/contract';
import { z } from 'zod';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import { type KeyPlace, setUpKeyPlaces } from '../../support/key-places.js';
import { allEndpoints, unknownUuid } from '../../support/raw-api.js';
import { makeShow } from '../../support/show.js';
import { fetchTicketsOf } from '../../support/tickets.js';
import { waitUntil } from '../../support/wait-until.js';
import { WebhookListener } from '../../support/webhook-listener.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey, WEBHOOK_PRIVATE_HOSTS: 'true' } });
const places = setUpKeyPlaces(app);
let changed: KeyPlace;

beforeAll(async () => {
  changed = await places.makePlace();
});

const { call, callByKey, makeOwnKey } = places;

/**
 * Endpoints whose handlers filter by the scope of the key. Other tests of this folder and of the folder `audit` check each
 * of them.
 */
const filtered = new Set([
  'checkIn',
  'createApiKey',
  'createWebhook',
  'deleteWebhook',
  'exportAuditEntries',
  'getMail',
  'handInCheckIns',
  'listApiKeys',
  'listAuditEntries',
  'listMails',
  'listRiskCases',
  'listWebhookDeliveries',
  'listWebhooks',
  'replayWebhooks',
  'revokeApiKey',
  'rotateApiKey',
]);

/** Endpoints that concern the whole service. */
const ofService = new Set([
  'changeCity',
  'changeMovie',
  'createCinema',
  'createCity',
  'createMovie',
  'revokeTicketKey',
  'rotateTicketKey',
]);

const sales = new Set(['createReservation', 'joinQueue', 'startPayment']);

const keyEndpoints = allEndpoints.filter(
  ([name, { role, acceptsBookingLink }]) =>
    !filtered.has(name) && (role !== undefined || acceptsBookingLink || sales.has(name)),
);

const bodyFields = z.object({ shape: z.record(z.string(), z.unknown()) });

/** Makes a call that names the ids of one place wherever the endpoint has a field for them. */
function callAt(place: KeyPlace, name: string, key: string) {
  const [, { method, path, query, body }] = allEndpoints.find(([known]) => known === name)!;
  const { booking, ...placeIds } = place;
  const ids: Readonly<Record<string, number | string>> = { ...placeIds, bookingId: booking.bookingId };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, field: string) =>
    String(ids[field] ?? (/^(city|movie)Id$/.test(field) ? 1 : unknownUuid)),
  );
  const search = query && 'showId' in query.shape ? `?showId=${place.showId}` : '';
  const shape = bodyFields.safeParse(body).data?.shape ?? {};
  const idsInBody = Object.entries(ids).filter(([field]) => field in shape);
  return call(method.toUpperCase(), filled + search, key, body && Object.fromEntries(idsInBody));
}

describe('a key for one cinema', () => {
  it.each(keyEndpoints)('cannot call %s for another cinema', async (name) => {
    const { key } = await makeKey(app.url, { roles: [...Role.options], cinemaIds: [changed.cinemaId] });
    expect(await callAt(places.foreign, name, key)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    const { status } = await callAt(changed, name, key);
    expect(ofService.has(name) ? [403] : [200, 201, 204, 400, 404, 409]).toContain(status);
  });

  it('works in each of its cinemas, and nowhere else', async () => {
    const elsewhere = await makeShow(app.pool);
    const { key } = await makeOwnKey({ roles: ['admin'], cinemaIds: [places.own.cinemaId, places.foreign.cinemaId] });
    const block = (showId: number) => call('POST', `/v1/admin/shows/${showId}/blocks`, key, { seats: [90] });
    expect((await block(places.own.showId)).status).toBe(200);
    expect((await block(places.foreign.showId)).status).toBe(200);
    expect((await block(elsewhere)).status).toBe(403);
  });

  it('cannot move a hall or a show to another cinema', async () => {
    const { key } = await makeOwnKey({ roles: ['admin'] });
    const { own, foreign } = places;
    const moves = [
      await call('PATCH', `/v1/admin/halls/${own.hallId}`, key, { cinemaId: foreign.cinemaId }),
      await call('PATCH', `/v1/admin/shows/${own.showId}`, key, { hallId: foreign.hallId }),
    ];
    expect(moves.map(({ status }) => status)).toEqual([403, 403]);
  });

  it('is refused with INVALID_REQUEST if an id that decides the scope is malformed', async () => {
    const { key } = await makeOwnKey({ roles: ['admin', 'gate'] });
    const malformed = [
      await call('POST', '/v1/admin/halls', key, { cinemaId: String(places.foreign.cinemaId), name: 'A' }),
      await call('POST', '/v1/admin/halls', key, { cinemaId: [places.foreign.cinemaId], name: 'A' }),
      await call('GET', `/v1/tickets/check-ins?showId=${places.own.showId}&showId=${places.foreign.showId}`, key),
      await call('GET', `/v1/admin/shows/0${places.foreign.showId}/log`, key),
    ];
    expect(malformed.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
  });

  it('finds only bookings of its cinema by their code', async () => {
    const staff = await makeOwnKey({ roles: ['staff'] });
    const find = async ({ booking }: KeyPlace) =>
      (await callByKey('GET', `/v1/bookings?code=${booking.code}`, staff.key)).body['items'];
    expect(await find(places.own)).toMatchObject([{ bookingId: places.own.booking.bookingId }]);
    expect(await find(places.foreign)).toEqual([]);
  });

  it('reads only mails about its cinema', async () => {
    const admin = await makeOwnKey({ roles: ['admin'] });
    for (const { booking } of [places.own, places.foreign]) {
      await call('PUT', `/v1/bookings/${booking.bookingId}/contact`, adminKey, { email: 'ada@example.com' });
    }
    const list = async (key: string) => {
      const { body } = await call('GET', '/v1/admin/mails', key);
      return z.object({ items: z.array(z.object({ mailId: z.string(), showId: z.number() })) }).parse(body).items;
    };
    const all = await list(adminKey);
    expect(new Set(all.map(({ showId }) => showId))).toEqual(new Set([places.own.showId, places.foreign.showId]));
    expect((await list(admin.key)).map(({ showId }) => showId)).toEqual([places.own.showId]);
    for (const { mailId, showId } of all) {
      const { status } = await call('GET', `/v1/admin/mails/${mailId}`, admin.key);
      expect({ showId, status }).toEqual({ showId, status: showId === places.own.showId ? 200 : 404 });
    }
  });

  it('admits nobody to a show of another cinema', async () => {
    const gate = await makeOwnKey({ roles: ['gate'] });
    const checkIn = async ({ booking }: KeyPlace) => {
      const [ticket] = await fetchTicketsOf(places.buyer, booking.bookingId);
      return (await call('POST', '/v1/tickets/check-ins', gate.key, { code: ticket!.code })).body;
    };
    expect(await checkIn(places.foreign)).toMatchObject({ result: 'wrongShow' });
    expect(await checkIn(places.own)).toMatchObject({ result: 'admitted' });
  });

  it('gets only webhooks about its cinema', async () => {
    const listener = await WebhookListener.start();
    try {
      const partner = await makeOwnKey({ roles: ['partner'] });
      const endpoint = { url: listener.url, events: ['show.calledOff'] };
      expect((await call('POST', '/v1/partners/webhooks', partner.key, endpoint)).status).toBe(201);
      const [own, foreign] = [await makeShow(app.pool), await makeShow(app.pool)];
      await app.pool.query('update hall set cinema_id = $1 where id = (select hall_id from show where id = $2)', [
        places.own.cinemaId,
        own,
      ]);
      for (const showId of [foreign, own]) {
        await call('POST', `/v1/admin/shows/${showId}/call-off`, adminKey, { reason: 'a test' });
      }
      // Both logs are consumed by the same worker, so a wrong webhook would be pending or sent by now.
      await listener.waitForCalls(1, ({ event }) => event.data.showId === own);
      await waitUntilConsumed(foreign);
      const { rows } = await app.pool.query('select show_id as "showId" from webhook_delivery');
      expect(rows).toEqual([{ showId: own }]);
    } finally {
      await listener.close();
    }
  });
});

async function waitUntilConsumed(showId: number): Promise<void> {
  await waitUntil(async () => {
    const { rows } = await app.pool.query<{ isConsumed: boolean }>(
      `select c.seq >= (select max(l.seq) from show_log l where l.show_id = $1) as "isConsumed"
       from log_consumer c where c.show_id = $1 and c.consumer = 'partners'`,
      [showId],
    );
    return rows[0]?.isConsumed ?? false;
  });
}

describe('a key for one show', () => {
  it('can act on this show, but not on its hall, its cinema or another show', async () => {
    const { own, foreign } = places;
    const { key } = await makeKey(app.url, { roles: ['admin', 'staff'], showId: own.showId });
    const logOf = async (showId: number) => (await call('GET', `/v1/admin/shows/${showId}/log`, key)).status;
    expect([await logOf(own.showId), await logOf(foreign.showId)]).toEqual([200, 403]);
    expect((await call('PATCH', `/v1/admin/halls/${own.hallId}`, key, { name: 'A' })).status).toBe(403);
    expect((await call('PATCH', `/v1/admin/cinemas/${own.cinemaId}`, key, { name: 'A' })).status).toBe(403);
    const read = async ({ booking }: KeyPlace) =>
      (await callByKey('GET', `/v1/bookings/${booking.bookingId}`, key)).status;
    expect([await read(own), await read(foreign)]).toEqual([200, 403]);
  });
});

describe('the scope of a new key', () => {
  it('can be given as cinemaId or as cinemaIds, but not as both', async () => {
    const { cinemaId } = places.own;
    const several = [cinemaId, places.foreign.cinemaId];
    expect(await makeKey(app.url, { cinemaId })).toMatchObject({ cinemaId, cinemaIds: [cinemaId] });
    expect(await makeKey(app.url, { cinemaIds: [cinemaId] })).toMatchObject({ cinemaId, cinemaIds: [cinemaId] });
    expect(await makeKey(app.url, { cinemaIds: several })).toMatchObject({ cinemaId: null, cinemaIds: several });
    expect(await makeKey(app.url, {})).toMatchObject({ cinemaId: null, cinemaIds: null });
    const create = (body: object) =>
      call('POST', '/v1/admin/api-keys', adminKey, { name: 'A', roles: ['gate'], ...body });
    expect((await create({ cinemaId, cinemaIds: [cinemaId] })).status).toBe(400);
    expect((await create({ cinemaIds: [] })).status).toBe(400);
    expect((await create({ cinemaIds: [cinemaId, 999_999] })).status).toBe(404);
  });

  it('is never wider than that of the key that creates it', async () => {
    const { own, foreign } = places;
    const soon = new Date(Date.now() + 60_000).toISOString();
    const later = new Date(Date.now() + 120_000).toISOString();
    const admin = await makeOwnKey({ roles: ['admin', 'gate'], expiresAt: later });
    const create = async (body: object) => {
      const all = { name: 'A', roles: ['gate'], cinemaIds: [own.cinemaId], expiresAt: soon, ...body };
      return (await call('POST', '/v1/admin/api-keys', admin.key, all)).status;
    };
    expect(await create({})).toBe(201);
    expect(await create({ showId: own.showId })).toBe(201);
    expect(await create({ cinemaIds: null })).toBe(403);
    expect(await create({ cinemaIds: null, showId: own.showId })).toBe(403);
    expect(await create({ cinemaIds: [foreign.cinemaId] })).toBe(403);
    expect(await create({ cinemaIds: [own.cinemaId, foreign.cinemaId] })).toBe(403);
    expect(await create({ roles: ['gate', 'staff'] })).toBe(403);
    expect(await create({ expiresAt: null })).toBe(403);
    expect(await create({ expiresAt: new Date(Date.now() + 180_000).toISOString() })).toBe(403);
  });

  it('hides all other keys from the key that lists, rotates and revokes', async () => {
    const admin = await makeOwnKey({ roles: ['admin', 'gate'] });
    const visible = [admin, await makeOwnKey({ roles: ['gate'] })];
    const hidden = [
      await makeOwnKey({ roles: ['staff'] }),
      await makeKey(app.url, { roles: ['gate'], cinemaIds: [places.foreign.cinemaId] }),
      await makeKey(app.url, { roles: ['gate'], cinemaIds: [places.own.cinemaId, places.foreign.cinemaId] }),
      await makeKey(app.url, { roles: ['gate'] }),
    ];
    const { body } = await call('GET', '/v1/admin/api-keys?limit=100', admin.key);
    const listed = z.object({ items: z.array(z.object({ keyId: z.string() })) }).parse(body).items;
    const isListed = ({ keyId }: ApiKeyMade) => listed.some((item) => item.keyId === keyId);
    expect([visible.map(isListed), hidden.map(isListed)]).toEqual([
      [true, true],
      [false, false, false, false],
    ]);
    for (const { keyId, key } of hidden) {
      expect((await call('DELETE', `/v1/admin/api-keys/${keyId}`, admin.key)).status).toBe(404);
      expect((await call('POST', `/v1/admin/api-keys/${keyId}/rotate`, admin.key, {})).status).toBe(404);
      expect((await call('GET', '/v1/admin/api-keys', key)).status).toBe(403); // valid, but not an administrator's
    }
    expect((await call('DELETE', `/v1/admin/api-keys/${visible[1]!.keyId}`, admin.key)).status).toBe(200);
  });
});
