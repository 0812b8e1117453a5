import { beforeAll, describe, expect, it } from '@jest/globals';
import { Show } from '@usher/contract';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import type { Service } from '../../../src/service.js';
import type { TestSocket } from '../../support/socket.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);
/** A second node on the same database. The two nodes share no Redis, so no messages pass between them. */
let otherNode: Service;

beforeAll(async () => {
  otherNode = await app.startNode();
});

const connect = (url = app.url): Promise<TestSocket> => app.connect({}, url);

describe('a change to the terms of a show', () => {
  const changeShow = (showId: number, patch: object) => admin.call('PATCH', `/shows/${showId}`, patch);
  const reserveOn = async (url: string, showId: number, seats: number[]) =>
    (await connect(url)).ask('reservation:create', { showId, seats });

  it('reaches the lanes that are open on every node, which apply the new terms to the next commands', async () => {
    const { showId } = await admin.showInRow('ssssSS');
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
    const { bookings } = await there.joinOpen(showId);
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
    const { showId } = await admin.showInRow('ss');
    await changeShow(showId, { prices: { standard: 1 } });
    const newNode = await app.startNode();
    expect((await reserveOn(newNode.url, showId, [0])).booking.total.amount).toBe(1);
  });

  it('is merged with a change that another node makes at the same time', async () => {
    const { showId } = await admin.showInRow('ss');
    const otherAdmin = new Admin(() => otherNode.url);
    const opensAt = new Date(Date.now() - 60_000).toISOString();
    await Promise.all([
      changeShow(showId, { prices: { standard: 5 } }),
      otherAdmin.call('PATCH', `/shows/${showId}`, { saleOpensAt: opensAt }),
      changeShow(showId, { rules: { singleSeatGap: 'soft', strictLine: true } }),
    ]);
    expect(await app.getJson(`/v1/shows/${showId}`, Show)).toMatchObject({
      tiers: [{ price: { amount: 5 } }],
      saleOpensAt: opensAt,
      rules: { singleSeatGap: 'soft', strictLine: true },
    });
    expect((await reserveOn(otherNode.url, showId, [0, 1])).booking.total.amount).toBe(10);
  });

  it('is rejected as a whole when one of its parts is invalid', async () => {
    const show = await admin.showInRow('ss');
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
    expect(await app.getJson(`/v1/shows/${showId}`, Show)).toEqual(show);
  });

  it('can switch a waiting room on for every node at once, and admits all waiters when it switches the room off', async () => {
    const { showId } = await admin.showInRow('ssss');
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

  it('can open the sale early, which draws the places of the lobby and admits its sessions', async () => {
    const opensAt = new Date(Date.now() + 3_600_000).toISOString();
    const { showId } = await admin.showInRow('ss', {
      saleOpensAt: opensAt,
      waitingRoom: { mode: 'on', maxShoppers: 5 },
    });
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
    const { showId } = await admin.showInRow('sss');
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
    expect(await app.readSeatStatuses(showId)).toEqual([0, 0, 0]);
    expect(await there.refused('reservation:create', { showId, seats: [2] })).toMatchObject({ code: 'SALE_CLOSED' });
  });
});
