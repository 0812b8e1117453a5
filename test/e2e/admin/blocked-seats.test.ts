import { beforeAll, describe, expect, it } from '@jest/globals';
import { decodeSeats, Show } from '@usher/contract';
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

describe('blocked seats', () => {
  const block = (showId: number, seats: number[]) => admin.call('POST', `/shows/${showId}/blocks`, { seats });
  const unblock = (showId: number, seats: number[]) => admin.call('DELETE', `/shows/${showId}/blocks`, { seats });

  it('appear to every viewer at once, cannot be sold, and are blocked for a node that opens the show later', async () => {
    const { showId } = await admin.showInRow('ssSS');
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
    expect(await app.readSeatStatuses(showId)).toEqual([0, 3, 0, 3]);
    expect(await app.getJson(`/v1/shows/${showId}`, Show)).toMatchObject({
      counts: { free: 2, held: 0, sold: 0, blocked: 2 },
    });

    const newNode = await app.startNode();
    const lateBuyer = await connect(newNode.url);
    const { seats, seatCount } = await lateBuyer.joinOpen(showId);
    expect([...decodeSeats(seats, seatCount)]).toEqual([0, 3, 0, 3]);

    expect(await unblock(showId, [1, 2, 3])).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await here.next('seats:changed')).toEqual({ showId, from: 1, version: 2, free: [1, 3] });
    expect((await here.ask('reservation:create', { showId, seats: [0, 1] })).booking).toMatchObject({ version: 3 });
  });

  it('are blocked all together or not at all, because a request with a held, unknown or repeated seat is rejected', async () => {
    const { showId } = await admin.showInRow('ssss');
    const buyer = await connect();
    await buyer.ask('reservation:create', { showId, seats: [2] });
    expect(await block(showId, [1, 2])).toMatchObject({ status: 409, body: { code: 'SEATS_TAKEN', seats: [2] } });
    for (const seats of [[4], [1, 1], []]) {
      expect(await block(showId, seats)).toMatchObject({ status: 422, body: { code: 'INVALID_SEATS', limit: 4 } });
      expect(await unblock(showId, seats)).toMatchObject({ status: 422, body: { code: 'INVALID_SEATS', limit: 4 } });
    }
    expect(await app.readSeatStatuses(showId)).toEqual([0, 0, 1, 0]);
    // When the second request comes, seat 0 is already blocked. So this request changes nothing, and the version stays
    // 2.
    expect((await block(showId, [0])).body).toEqual({ version: 2 });
    expect((await block(showId, [0])).body).toEqual({ version: 2 });
  });

  it('are offered to the waiting buyer when they are unblocked, before anybody else can reserve them', async () => {
    const { showId } = await admin.showInRow('sss');
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
