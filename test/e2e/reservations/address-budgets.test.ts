import { describe, expect, it } from '@jest/globals';
import { createClientAsync } from 'soap';
import { Admin } from '../../support/admin.js';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { readDatabaseText } from '../../support/database-text.js';
import { setUpApp } from '../../support/file-app.js';
import { forwardedFor } from '../../support/limited-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp({
  env: {
    ADMIN_API_KEY: adminKey,
    PROXIES: '1',
    ADDRESS_SEATS_FREE: '4',
    ADDRESS_SEATS_MAX: '4',
    ADDRESS_PLACES_FREE: '2',
    ADDRESS_PLACES_MAX: '3',
    ADDRESS_SHARE_PERCENT: '0',
    KEY_SEATS_MAX: '8',
    KEY_SHARE_PERCENT: '0',
  },
});
const admin = new Admin(() => app.url);
let lastAddress = 0;
let address = '';
let showId: number;

/** Uses an address that no earlier call used. */
const nextAddress = (): string => (address = `192.0.2.${++lastAddress}`);

async function post(path: string, body: unknown, headers: Record<string, string> = {}, url = app.url) {
  const caller = await RestCaller.begin(url);
  return caller.call('POST', `/v1/shows/${showId}/${path}`, body, { ...forwardedFor(address), ...headers });
}

const hold = (count: number, headers: Record<string, string> = {}, url = app.url) =>
  post('reservations', { best: { count } }, headers, url);

const connect = () => app.connect({ extraHeaders: forwardedFor(address) });

describe('the seats that the buyers of one address hold', () => {
  it('count together over sockets, REST and SOAP, and not for the next address', async () => {
    showId = await makeShow(app.pool);
    nextAddress();
    const socket = await connect();
    await socket.ask('reservation:create', { showId, seats: [0] });
    expect(await hold(2)).toMatchObject({ status: 201 });
    const soap = await createClientAsync(`${app.url}/soap?wsdl`, {});
    soap.addHttpHeader('x-forwarded-for', address);
    const call: (fields: object) => Promise<unknown> = soap['ReserveSeatsAsync'];
    await call.call(soap, { showId, best: { count: 1 } });
    await expect(call.call(soap, { showId, best: { count: 1 } })).rejects.toThrow(/network address/);
    expect(await hold(1)).toMatchObject({ status: 409, body: { code: 'ADDRESS_LIMIT', limit: 4 } });
    const other = await connect();
    expect(await other.refused('reservation:create', { showId, seats: [50] })).toMatchObject({ code: 'ADDRESS_LIMIT' });
    nextAddress();
    expect(await hold(4)).toMatchObject({ status: 201 });
  });

  it('still count after a restart, and are free again when they are released', async () => {
    showId = await makeShow(app.pool);
    nextAddress();
    const caller = await RestCaller.begin(app.url);
    const held = await caller.call(
      'POST',
      `/v1/shows/${showId}/reservations`,
      { best: { count: 4 } },
      forwardedFor(address),
    );
    const { url } = await app.startNode();
    expect(await hold(1, {}, url)).toMatchObject({ body: { code: 'ADDRESS_LIMIT' } });
    await caller.call('DELETE', `/v1/bookings/${String(held.body['bookingId'])}`);
    expect(await hold(1, {}, url)).toMatchObject({ status: 201 });
  });

  it('have a wider limit for a key that sells, shared by all addresses from which the key is used', async () => {
    showId = await makeShow(app.pool);
    const { key } = await makeKey(app.url, { roles: ['kiosk'] });
    for (const count of [4, 4]) {
      nextAddress();
      expect(await hold(count, { 'x-api-key': key })).toMatchObject({ status: 201 });
    }
    expect(await hold(1, { 'x-api-key': key })).toMatchObject({ body: { code: 'ADDRESS_LIMIT', limit: 8 } });
    expect(await hold(1)).toMatchObject({ status: 201 });
  });

  it('have the limit of the show if staff set one', async () => {
    showId = await makeShow(app.pool);
    nextAddress();
    const protection = { addressSeats: { free: 1, max: 2 } };
    expect(await admin.call('PATCH', `/shows/${showId}`, { protection })).toMatchObject({ status: 200 });
    expect(await hold(1)).toMatchObject({ status: 201 });
    expect(await hold(1)).toMatchObject({ status: 403, body: { code: 'CHALLENGE_REQUIRED' } });
    expect(await hold(2)).toMatchObject({ status: 409, body: { code: 'ADDRESS_LIMIT', limit: 2 } });
    const off = await admin.call('PATCH', `/shows/${showId}`, { protection: null });
    expect(off).toMatchObject({ status: 200 });
    expect(await hold(3)).toMatchObject({ status: 201 });
  });

  it('repeat their answers to idempotency keys, but decide anew after the challenge was required', async () => {
    showId = await makeShow(app.pool);
    nextAddress();
    await admin.call('PATCH', `/shows/${showId}`, { protection: { addressSeats: { free: 1, max: 2 } } });
    const caller = await RestCaller.begin(app.url);
    const headers = { ...forwardedFor(address), 'idempotency-key': 'one' };
    const reserve = () => caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 1 } }, headers);
    const first = await RestCaller.begin(app.url);
    const seat = { best: { count: 1 } };
    const inTheWay = await first.call('POST', `/v1/shows/${showId}/reservations`, seat, forwardedFor(address));
    expect(await reserve()).toMatchObject({ body: { code: 'CHALLENGE_REQUIRED' } });
    await first.call('DELETE', `/v1/bookings/${String(inTheWay.body['bookingId'])}`);
    const held = await reserve();
    expect(held).toMatchObject({ status: 201 });
    expect(await reserve()).toMatchObject({ body: { bookingId: held.body['bookingId'] } });
  });
});

describe('the places that the buyers of one address have in a metered show', () => {
  it('count together over sockets and REST, need the challenge beyond the free part, and end with the wait', async () => {
    showId = await makeShow(app.pool, { waitingRoom: { mode: 'on', maxShoppers: 6 } });
    nextAddress();
    const first = await connect();
    expect(await first.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    expect(await post('queue', { partySize: 1 })).toMatchObject({ status: 201 });
    const late = await connect();
    expect(await late.refused('show:join', { showId })).toMatchObject({ code: 'CHALLENGE_REQUIRED' });
    expect(await late.refused('queue:join', { showId, partySize: 1 })).toMatchObject({ code: 'CHALLENGE_REQUIRED' });
    expect(await post('queue', { partySize: 1 })).toMatchObject({ status: 403 });
    // The session that is inside keeps its place and may open the show again.
    expect(await first.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    await first.ask('queue:leave', { showId });
    expect(await late.ask('show:join', { showId })).toMatchObject({ access: 'open' });
  });
});

it('no table contains a network address, only digests and the ids of keys', async () => {
  showId = await makeShow(app.pool, { waitingRoom: { mode: 'on', maxShoppers: 5 } });
  nextAddress();
  const socket = await connect();
  await socket.joinOpen(showId);
  await socket.ask('reservation:create', { showId, seats: [0] });
  const { rows } = await app.pool.query<{ source: string }>(
    `select source from booking where show_id = $1 union select source from stay where show_id = $1`,
    [showId],
  );
  expect(rows).toEqual([{ source: expect.stringMatching(/^[\w-]{16}$/) }]);
  const texts = await readDatabaseText(app.pool);
  const withAddress = [...texts].filter(([name, text]) => name !== 'audit_entry' && text.includes(address));
  expect(withAddress.map(([name]) => name)).toEqual([]);
});
