import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeSeats, type SeatMapWithCounts, type Show, type ShowLogEntry } from '@usher/contract';
import { Admin, adminKey, rowOf } from '../../support/admin.js';
import { useApp } from '../../support/file-app.js';
import type { Service } from '../../../src/service.js';
import type { TestSocket } from '../../support/socket.js';

const app = useApp({ env: { ADMIN_API_KEY: adminKey } });
/** A second node on the same database. The two nodes share no Redis, so no messages pass between them. */
let otherNode: Service;
let admin: Admin;

beforeAll(async () => {
  otherNode = await app.startNode();
  admin = await Admin.of(app.url);
});

const connect = (url = app.url): Promise<TestSocket> => app.connect({}, url);

const createShow = (drawing: string, more: object = {}) =>
  admin.show(rowOf(drawing), { standard: 900, ...(drawing.includes('S') && { premium: 1200 }) }, more);

const getJson = async <T>(path: string): Promise<T> => (await (await fetch(app.url + path)).json()) as T;

const readSeatStatuses = async (showId: number): Promise<number[]> => {
  const { seats, seatCount } = await getJson<SeatMapWithCounts>(`/v1/shows/${showId}/seats`);
  return [...decodeSeats(seats, seatCount)];
};

describe('blocked seats', () => {
  const block = (showId: number, seats: number[]) => admin.call('POST', `/shows/${showId}/blocks`, { seats });
  const unblock = (showId: number, seats: number[]) => admin.call('DELETE', `/shows/${showId}/blocks`, { seats });

  it('appear to every viewer at once, cannot be sold, and stay blocked when a new lane opens', async () => {
    const { showId } = await createShow('ssSS');
    const [here, there] = [await connect(), await connect(otherNode.url)];
    for (const viewer of [here, there]) await viewer.ask('show:join', { showId });
    expect(await block(showId, [1, 3])).toMatchObject({ status: 200, body: { version: 1 } });
    const change = { showId, from: 0, version: 1, blocked: [1, 3] };
    expect(await here.next('seats:changed')).toEqual(change);
    expect(await there.next('seats:changed')).toEqual(change);
    expect(await here.refused('reservation:create', { showId, seats: [0, 1] })).toMatchObject({
      code: 'SEATS_TAKEN',
      seats: [1],
    });
    expect(await readSeatStatuses(showId)).toEqual([0, 3, 0, 3]);
    expect(await getJson(`/v1/shows/${showId}`)).toMatchObject({ counts: { free: 2, held: 0, sold: 0, blocked: 2 } });

    const newNode = await app.startNode();
    const lateBuyer = await connect(newNode.url);
    const { seats, seatCount } = (await lateBuyer.ask('show:join', { showId })) as { seats: string; seatCount: number };
    expect([...decodeSeats(seats, seatCount)]).toEqual([0, 3, 0, 3]);

    expect(await unblock(showId, [1, 2, 3])).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await here.next('seats:changed')).toEqual({ showId, from: 1, version: 2, free: [1, 3] });
    expect((await here.ask('reservation:create', { showId, seats: [0, 1] })).booking).toMatchObject({ version: 3 });
  });

  it('are blocked all together or not at all, so one held, unknown or repeated seat rejects the request', async () => {
    const { showId } = await createShow('ssss');
    const buyer = await connect();
    await buyer.ask('reservation:create', { showId, seats: [2] });
    expect(await block(showId, [1, 2])).toMatchObject({ status: 409, body: { code: 'SEATS_TAKEN', seats: [2] } });
    for (const seats of [[4], [1, 1], []]) {
      expect(await block(showId, seats)).toMatchObject({ status: 422, body: { code: 'INVALID_SEATS', limit: 4 } });
      expect(await unblock(showId, seats)).toMatchObject({ status: 422, body: { code: 'INVALID_SEATS', limit: 4 } });
    }
    expect(await readSeatStatuses(showId)).toEqual([0, 0, 1, 0]);
    // Seat 0 is already blocked, so the second request changes nothing and the version stays.
    expect((await block(showId, [0])).body).toEqual({ version: 2 });
    expect((await block(showId, [0])).body).toEqual({ version: 2 });
  });

  it('go to the buyer who waits in line when they are unblocked, before anybody else can reserve them', async () => {
    const { showId } = await createShow('sss');
    await block(showId, [1, 2]);
    const [buyer, waiter] = [await connect(), await connect()];
    await buyer.ask('reservation:create', { showId, seats: [0] });
    await waiter.ask('queue:join', { showId, partySize: 2 });
    expect((await unblock(showId, [1, 2])).status).toBe(200);
    const { booking } = await waiter.next('queue:offer');
    expect(booking.seats.map(({ seat }) => seat)).toEqual([1, 2]);
    expect(await buyer.refused('reservation:create', { showId, seats: [1] })).toMatchObject({ code: 'SEATS_TAKEN' });
  });
});

describe('a change to the terms of a show', () => {
  const changeShow = (showId: number, patch: object) => admin.call('PATCH', `/shows/${showId}`, patch);
  const reserveOn = async (url: string, showId: number, seats: number[]) =>
    (await connect(url)).ask('reservation:create', { showId, seats });

  it('reaches the open lanes of every node, which decide the next commands by it', async () => {
    const { showId } = await createShow('ssssSS');
    const [here, there] = [await connect(), await connect(otherNode.url)];
    for (const viewer of [here, there]) await viewer.ask('show:join', { showId });
    const before = await there.ask('reservation:create', { showId, seats: [0] });
    expect(before.booking.total).toEqual({ amount: 900, currency: 'EUR' });

    const refunds = { deadlineMinutes: 60, feeAmount: 100 };
    const rules = { singleSeatGap: 'off', maxSeatsPerSession: 2, refunds };
    const answer = await changeShow(showId, { prices: { standard: 1000, premium: 1300 }, rules });
    expect(answer.body).toMatchObject({
      tiers: [
        { tier: 'standard', price: { amount: 1000, currency: 'EUR' } },
        { tier: 'premium', price: { amount: 1300, currency: 'EUR' } },
      ],
      rules: { singleSeatGap: 'off', maxSeatsPerSession: 2, strictLine: false, refunds },
    });
    const after = await reserveOn(otherNode.url, showId, [1, 4]);
    expect(after.booking.total).toEqual({ amount: 2300, currency: 'EUR' });
    expect(await there.refused('reservation:create', { showId, seats: [2, 3] })).toMatchObject({
      code: 'HOLD_LIMIT',
      limit: 2,
    });
    // A booking keeps the price at which it was made.
    const { bookings } = (await there.ask('show:join', { showId })) as { bookings: { total: unknown }[] };
    expect(bookings).toMatchObject([{ total: { amount: 900 } }]);

    await changeShow(showId, { saleClosesAt: new Date(Date.now() - 1000).toISOString() });
    const lateBuyer = await connect(otherNode.url);
    expect(await lateBuyer.refused('reservation:create', { showId, seats: [5] })).toMatchObject({
      code: 'SALE_CLOSED',
    });
    await changeShow(showId, { saleClosesAt: new Date(Date.now() + 3_600_000).toISOString() });
    await changeShow(showId, { saleOpensAt: new Date(Date.now() + 60_000).toISOString() });
    expect(await lateBuyer.refused('reservation:create', { showId, seats: [5] })).toMatchObject({
      code: 'SALE_CLOSED',
    });
    await changeShow(showId, { saleOpensAt: null });
    await reserveOn(otherNode.url, showId, [5]);
  });

  it('reaches a lane that opens later', async () => {
    const { showId } = await createShow('ss');
    await changeShow(showId, { prices: { standard: 1 } });
    const newNode = await app.startNode();
    expect((await reserveOn(newNode.url, showId, [0])).booking.total.amount).toBe(1);
  });

  it('is merged with a change that another node makes at the same time', async () => {
    const { showId } = await createShow('ss');
    const otherAdmin = await Admin.of(otherNode.url);
    const opensAt = new Date(Date.now() - 60_000).toISOString();
    await Promise.all([
      changeShow(showId, { prices: { standard: 5 } }),
      otherAdmin.call('PATCH', `/shows/${showId}`, { saleOpensAt: opensAt }),
      changeShow(showId, { rules: { singleSeatGap: 'soft', strictLine: true } }),
    ]);
    expect(await getJson(`/v1/shows/${showId}`)).toMatchObject({
      tiers: [{ price: { amount: 5 } }],
      saleOpensAt: opensAt,
      rules: { singleSeatGap: 'soft', strictLine: true },
    });
    expect((await reserveOn(otherNode.url, showId, [0, 1])).booking.total.amount).toBe(10);
  });

  it('is rejected as a whole when one of its parts is invalid', async () => {
    const show = await createShow('ss');
    const { showId, startsAt } = show;
    const invalidCases: [object, string][] = [
      [{ prices: { standard: 1, royal: 2 } }, 'prices.royal'],
      [{ prices: {}, saleOpensAt: null }, 'prices.standard'],
      [{ prices: { standard: 1.5 } }, 'prices.standard'],
      [{ saleOpensAt: startsAt, prices: { standard: 5 } }, 'saleOpensAt'],
      [{ saleClosesAt: 'never' }, 'saleClosesAt'],
      [{ waitingRoom: { mode: 'on' } }, 'waitingRoom.maxShoppers'],
      [{ price: { standard: 1 } }, ''],
    ];
    for (const [patch, path] of invalidCases) {
      expect(await changeShow(showId, patch)).toMatchObject({ status: 400, body: { issues: [{ path }] } });
    }
    expect(await getJson(`/v1/shows/${showId}`)).toEqual(show);
  });

  it('switches a waiting room on for every node at once, and admits all waiters when it switches it off', async () => {
    const { showId } = await createShow('ssss');
    const viewer = await connect(otherNode.url);
    expect(await viewer.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    await changeShow(showId, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const shopper = await connect();
    expect(await shopper.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    // A viewer without a stay loses access when the waiting room is switched on.
    expect(await viewer.next('stay:ended')).toEqual({ showId });
    const waiter = await connect(otherNode.url);
    expect(await waiter.ask('show:join', { showId })).toMatchObject({ access: 'waiting' });
    expect(await waiter.refused('reservation:create', { showId, seats: [0] })).toMatchObject({ code: 'NOT_ADMITTED' });

    await changeShow(showId, { waitingRoom: null });
    expect(await waiter.next('queue:admitted')).toMatchObject({ showId });
    expect(await waiter.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    await waiter.ask('reservation:create', { showId, seats: [0] });
  });

  it('opens the sale early, which draws the lobby and admits it', async () => {
    const opensAt = new Date(Date.now() + 3_600_000).toISOString();
    const { showId } = await createShow('ss', { saleOpensAt: opensAt, waitingRoom: { mode: 'on', maxShoppers: 5 } });
    const lobby = [await connect(), await connect()];
    for (const socket of lobby) {
      expect(await socket.ask('show:join', { showId })).toMatchObject({ access: 'waiting', queue: { place: null } });
    }
    await changeShow(showId, { saleOpensAt: null });
    for (const socket of lobby) {
      expect(await socket.next('queue:admitted')).toMatchObject({ showId });
      expect(await socket.ask('show:join', { showId })).toMatchObject({ access: 'open' });
    }
  });
});

describe('calling a show off', () => {
  it('ends the remaining holds, notifies their sessions, and closes the sale', async () => {
    const { showId } = await createShow('sss');
    const [here, there] = [await connect(), await connect(otherNode.url)];
    const { booking } = await here.ask('reservation:create', { showId, seats: [0, 1] });
    await there.ask('reservation:create', { showId, seats: [2] });
    await there.ask('show:join', { showId });
    expect((await admin.call('POST', `/shows/${showId}/call-off`, { reason: 'a test' })).status).toBe(200);
    const released = { booking: { bookingId: booking.bookingId, status: 'released' } };
    expect(await here.next('booking:updated', (updated) => updated.booking.status === 'released')).toMatchObject(
      released,
    );
    await there.next('booking:updated', (updated) => updated.booking.status === 'released');
    expect(await readSeatStatuses(showId)).toEqual([0, 0, 0]);
    expect(await there.refused('reservation:create', { showId, seats: [2] })).toMatchObject({ code: 'SALE_CLOSED' });
  });
});

describe('a show’s log', () => {
  it('lists every event page by page, oldest first, and contains no secret', async () => {
    const { showId } = await createShow('sss');
    const readLog = async (query: string) => {
      const { body } = await admin.call('GET', `/shows/${showId}/log${query}`);
      return body as unknown as { items: ShowLogEntry[]; nextCursor: string | null };
    };
    expect(await readLog('')).toEqual({ items: [], nextCursor: null });
    const buyer = await connect();
    const { booking } = await buyer.ask('reservation:create', { showId, seats: [0], key: 'a secret key' });
    await buyer.ask('reservation:release', { bookingId: booking.bookingId });
    await admin.call('POST', `/shows/${showId}/blocks`, { seats: [2] });
    await admin.call('PATCH', `/shows/${showId}`, { prices: { standard: 7 } });
    await admin.call('POST', `/shows/${showId}/call-off`, { reason: 'a test' });

    const all = await readLog('?limit=100');
    const { sessionId, bookingId } = booking;
    expect(all.items.map(({ seq, version, changes }) => ({ seq, version, changes }))).toMatchObject([
      { seq: 1, version: 1, changes: [{ type: 'reserved', seats: [0], bookingId, sessionId }] },
      { seq: 2, version: 2, changes: [{ type: 'ended', status: 'released', seats: [0], bookingId }] },
      { seq: 3, version: 3, changes: [{ type: 'blocked', seats: [2], bookingId: null }] },
      { seq: 4, version: 3, changes: [{ type: 'termsChanged', terms: { prices: { standard: 7 } }, seats: null }] },
      { seq: 5, version: 3, changes: [{ type: 'calledOff', terms: null }] },
    ]);
    expect(JSON.stringify(all)).not.toContain('a secret key');
    const first = await readLog('?limit=2');
    expect(first).toEqual({ items: all.items.slice(0, 2), nextCursor: '2' });
    expect(await readLog(`?limit=100&after=${first.nextCursor}`)).toEqual({
      items: all.items.slice(2),
      nextCursor: null,
    });
    expect((await admin.call('GET', `/shows/${showId}/log?after=x`)).status).toBe(400);
    expect((await admin.call('GET', '/shows/999999/log')).status).toBe(404);
  });
});

it('refuses every administration call without the right key', async () => {
  const { showId } = await createShow('s');
  const calls: [string, string][] = [
    ['POST', 'cities'],
    ['PATCH', 'cities/1'],
    ['POST', 'cinemas'],
    ['PATCH', 'cinemas/1'],
    ['POST', 'halls'],
    ['PATCH', 'halls/1'],
    ['POST', 'movies'],
    ['PATCH', 'movies/1'],
    ['POST', 'shows'],
    ['PATCH', `shows/${showId}`],
    ['POST', `shows/${showId}/blocks`],
    ['DELETE', `shows/${showId}/blocks`],
    ['GET', `shows/${showId}/log`],
  ];
  for (const [method, path] of calls) {
    const withoutKey = await fetch(`${app.url}/v1/admin/${path}`, { method });
    const wrongKey = await fetch(`${app.url}/v1/admin/${path}`, { method, headers: { 'x-api-key': 'another key' } });
    expect({ method, path, statuses: [withoutKey.status, wrongKey.status] }).toEqual({
      method,
      path,
      statuses: [401, 401],
    });
  }
  expect(await getJson<Show>(`/v1/shows/${showId}`)).toMatchObject({ calledOff: false });
});
