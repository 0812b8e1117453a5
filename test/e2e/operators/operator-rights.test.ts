import { beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeyMade, Role } from '@usher/contract';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { AuditReader } from '../../support/audit.js';
import { validate } from '../../support/contract-shapes.js';
import { type KeyPlace, setUpKeyPlaces } from '../../support/key-places.js';
import type { OperatorBrowser } from '../../support/operator-browser.js';
import { setUpOperators } from '../../support/operators.js';
import { tablesWith } from '../../support/database-text.js';
import { RestCaller } from '../../support/rest.js';
import { allowedStatuses, scopedCall, scopedEndpoints } from '../../support/scoped-endpoints.js';
import { makeShow } from '../../support/show.js';
import { fetchTicketsOf } from '../../support/tickets.js';

const { app, provider, signedIn } = setUpOperators();
const places = setUpKeyPlaces(app);
const audit = new AuditReader(() => app.url);
const browsers: Record<'everything' | 'admin' | 'manager' | 'staff' | 'gate', OperatorBrowser | null> = {
  everything: null,
  admin: null,
  manager: null,
  staff: null,
  gate: null,
};
let changed: KeyPlace;

const personId = (login: string) => `${provider.issuer}#${login}`;

beforeAll(async () => {
  changed = await places.makePlace();
  const own = [places.own.cinemaId];
  provider.add('everything', { usher_roles: [...Role.options], usher_cinemas: [changed.cinemaId] });
  provider.add('admin', { name: 'Ada Admin', email: 'ada@example.com', usher_roles: 'admin gate', usher_cinemas: '*' });
  provider.add('manager', { usher_roles: ['admin'], usher_cinemas: own });
  provider.add('staff', { name: 'Stu Staff', usher_roles: ['staff'], usher_cinemas: own });
  provider.add('gate', { name: 'Gus Gate', usher_roles: ['gate'], usher_cinemas: own });
  for (const login of ['everything', 'admin', 'manager', 'staff', 'gate'] as const)
    browsers[login] = await signedIn(login);
});

const ListedPlaces = z.object({ items: z.array(z.object({ showId: z.int(), cinemaId: z.int().optional() })) });
const Json = z.record(z.string(), z.unknown());

const jsonHeaders = { 'content-type': 'application/json' };

/** Makes a call as a page of the service does that has no session. */
async function call(login: keyof typeof browsers, method: string, path: string, body?: unknown, headers = {}) {
  const init =
    body === undefined
      ? { method, headers }
      : { method, headers: { ...jsonHeaders, ...headers }, body: JSON.stringify(body) };
  const answer = await browsers[login]!.call(path, init);
  return { ...answer, body: answer.text === '' ? {} : Json.parse(JSON.parse(answer.text)) };
}

/** The headers with which a call of a buyer's session also acts for an operator. */
const withOperator = (login: keyof typeof browsers) => ({
  cookie: browsers[login]!.cookieHeader,
  origin: app.url,
  'usher-operator': 'true',
});

describe('an operator of one cinema', () => {
  it.each(scopedEndpoints)('cannot call %s for another cinema', async (name) => {
    const callAt = (place: KeyPlace) => {
      const { method, path, body } = scopedCall(place, name);
      return places.buyer.call(method, path, body, withOperator('everything'));
    };
    expect(await callAt(places.foreign)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(allowedStatuses(name)).toContain((await callAt(changed)).status);
  });

  it('cannot make calls for which the operator has no role', async () => {
    const statuses = [
      (await call('gate', 'GET', '/v1/admin/mails')).status,
      (await call('staff', 'GET', `/v1/admin/shows/${places.own.showId}/log`)).status,
      (await call('staff', 'GET', `/v1/tickets/check-ins?showId=${places.own.showId}`)).status,
      (await call('gate', 'GET', `/v1/tickets/check-ins?showId=${places.own.showId}`)).status,
    ];
    expect(statuses).toEqual([403, 403, 403, 200]);
  });

  it('sees only the bookings, the mails and the audit entries of the cinema', async () => {
    const find = async ({ booking }: KeyPlace) =>
      (await call('staff', 'GET', `/v1/bookings?code=${booking.code}`)).body['items'];
    expect(await find(places.own)).toMatchObject([{ bookingId: places.own.booking.bookingId }]);
    expect(await find(places.foreign)).toEqual([]);
    for (const { booking } of [places.own, places.foreign]) {
      const contact = { email: 'buyer@example.com' };
      await places.call('PUT', `/v1/bookings/${booking.bookingId}/contact`, adminKey, contact);
    }
    const list = async (path: string) => ListedPlaces.parse((await call('manager', 'GET', path)).body).items;
    expect((await list('/v1/admin/mails')).map(({ showId }) => showId)).toEqual([places.own.showId]);
    const entries = await list('/v1/admin/audit');
    expect(new Set(entries.map(({ cinemaId }) => cinemaId))).toEqual(new Set([places.own.cinemaId]));
  });
});

describe('an operator', () => {
  it('creates keys that outlive the sign-in, but none with another role or a wider scope', async () => {
    const create = (login: keyof typeof browsers, body: object) =>
      call(login, 'POST', '/v1/admin/api-keys', { name: 'Gate north', roles: ['gate'], ...body });
    const made = await create('admin', {});
    expect([made.status, made.body['expiresAt']]).toEqual([201, null]);
    expect((await create('admin', { roles: ['partner'] })).status).toBe(403);
    expect((await create('everything', {})).status).toBe(403);
    expect((await create('everything', { cinemaId: changed.cinemaId })).status).toBe(201);
  });

  it('cannot manage webhooks, because they belong to an API key', async () => {
    expect((await call('everything', 'GET', '/v1/partners/webhooks')).status).toBe(403);
  });

  it('gets the first answer again for a repeated idempotency key, also after another sign-in', async () => {
    const headers = { 'idempotency-key': uuidv7() };
    const create = async () =>
      (await call('admin', 'POST', '/v1/admin/api-keys', { name: 'Once', roles: ['gate'] }, headers)).body;
    const first = validate(ApiKeyMade, await create());
    browsers.admin = await signedIn('admin');
    expect(await create()).toEqual(first);
    // Another person with the same idempotency key is another caller.
    const other = await call('everything', 'POST', '/v1/admin/api-keys', { name: 'Once', roles: ['gate'] }, headers);
    expect(other.status).toBe(403);
  });

  it('has a call budget of its own', async () => {
    const { headers } = await call('admin', 'GET', '/v1/admin/mails');
    expect(headers.get('ratelimit-policy')).toMatch(/^"operator";/);
  });

  it('may send a layout, whose body is larger than that of other calls', async () => {
    const layout = { name: 'x'.repeat(200_000) };
    const path = `/v1/admin/halls/${changed.hallId}`;
    expect((await call('everything', 'PATCH', path, layout)).body).not.toMatchObject({
      detail: expect.stringMatching(/too large/),
    });
    expect((await call('gate', 'PATCH', path, layout)).body).toMatchObject({
      issues: [{ message: 'The body is too large.' }],
    });
  });

  it('of a gate who buys a ticket in the same browser is a buyer like any other', async () => {
    const cookie = browsers.gate!.cookieHeader;
    const showId = await makeShow(app.pool);
    const buyer = await RestCaller.begin(app.url);
    const held = await buyer.call(
      'POST',
      `/v1/shows/${showId}/reservations`,
      { seats: [1] },
      { cookie, origin: app.url },
    );
    expect(held.status).toBe(201);
    const asOperator = await buyer.call(
      'POST',
      `/v1/shows/${showId}/reservations`,
      { seats: [2] },
      withOperator('gate'),
    );
    expect(asOperator).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  it('does not act if the call has an API key', async () => {
    const { key } = await makeKey(app.url, { roles: ['gate'] });
    expect((await call('admin', 'GET', '/v1/admin/mails', undefined, { 'x-api-key': key })).status).toBe(403);
  });
});

describe('a call that another site may have caused', () => {
  const block = (headers: Record<string, string>) =>
    call('admin', 'POST', `/v1/admin/shows/${changed.showId}/blocks`, { seats: [50] }, headers);

  it.each<[string, Record<string, string>]>([
    ['has the origin of another site', { origin: 'https://evil.example' }],
    ['has the origin of another port', { origin: 'http://127.0.0.1:1' }],
    ['has no origin that it states', { origin: 'null' }],
    ['comes from another host of the same site', { 'sec-fetch-site': 'same-site' }],
    ['comes from another site', { 'sec-fetch-site': 'cross-site' }],
    ['comes from no page', { 'sec-fetch-site': 'none' }],
  ])('is refused if it %s', async (_, headers) => {
    expect(await block(headers)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  it('is refused if it states no origin at all', async () => {
    const answer = await fetch(`${app.url}/v1/admin/shows/${changed.showId}/blocks`, {
      method: 'POST',
      headers: { ...jsonHeaders, cookie: browsers.admin!.cookieHeader },
      body: JSON.stringify({ seats: [50] }),
    });
    expect(answer.status).toBe(403);
    const signOut = { method: 'POST', headers: { origin: 'https://evil.example' } };
    expect((await browsers.admin!.call('/v1/operators/sign-out', signOut)).status).toBe(403);
    expect((await browsers.admin!.status()).operator).not.toBeNull();
  });

  it('is served if a page of the service caused it', async () => {
    expect((await block({})).status).toBe(200);
    expect((await block({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it('cannot read who has signed in', async () => {
    const answer = await browsers.admin!.call('/v1/operators/me', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('the audit trail', () => {
  it('names the person who acted', async () => {
    await call('admin', 'POST', `/v1/admin/shows/${changed.showId}/blocks`, { seats: [60], reason: 'a test' });
    const actor = { kind: 'person', id: personId('admin'), name: 'Ada Admin (ada@example.com)' };
    const [entry] = await audit.list({ showId: changed.showId, action: 'seats.block', limit: 1 });
    expect(entry).toMatchObject({ actor, address: '127.0.0.1', after: { seats: [60] } });
    expect((await audit.list({ actor: personId('admin') })).length).toBeGreaterThan(0);
    expect((await audit.list({ actor: actor.name })).map((one) => one.actor.id)).toContain(personId('admin'));
    expect(await audit.list({ actor: personId('nobody') })).toEqual([]);
  });

  it('is the only place that names the person, apart from the sign-in itself', async () => {
    const [ticket] = await fetchTicketsOf(places.buyer, places.own.booking.bookingId);
    expect((await call('gate', 'POST', '/v1/tickets/check-ins', { code: ticket!.code })).body).toMatchObject({
      result: 'admitted',
      gate: 'Gate',
    });
    const [entry] = await audit.list({ action: 'ticket.check-in', limit: 1 });
    expect(entry!.actor).toEqual({ kind: 'person', id: personId('gate'), name: 'Gus Gate' });
    expect(await tablesWith(app.pool, ['Gus Gate', 'Ada Admin', 'ada@example.com', personId('admin')])).toEqual([
      'audit_entry',
      'operator_session',
    ]);
  });
});
