import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { comeIn, heardOf, standInOrder, standOutside } from '../../support/entry-line.js';
import { LineFollower } from '../../support/line-follower.js';
import { join, LineService, placeOf } from '../../support/line-service.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

let service: LineService;
beforeAll(async () => {
  service = await LineService.start();
});
afterAll(() => service.close());

/** A show that lets so many in at once. */
const busyShow = (maxShoppers: number) => makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers } });

describe('a waiting room that is on', () => {
  it('lets in as many as it has room for, and gives the others places in the order in which they came', async () => {
    const showId = await busyShow(2);
    const [ann, ben, ...late] = await service.connectAll(5);
    for (const first of [ann!, ben!]) {
      expect(await comeIn(first, showId)).toMatchObject({ version: 0, seatCount: 100, queue: null });
    }
    const joined = await late[0]!.ask('show:join', { showId });
    expect(Object.keys(joined).toSorted()).toEqual(['access', 'ok', 'queue', 'serverTime', 'termsVersion']);
    const places = await standInOrder(late, showId);
    const first = places[0]!.ticket;
    expect(places).toEqual([0, 1, 2].map((ahead) => expect.objectContaining({ line: 'entry', ticket: first + ahead })));
    expect(places.map(({ place, ticket }) => place === ticket)).toEqual([true, true, true]);
    expect(places.map(({ ahead }) => ahead)).toEqual([0, 1, 2]);
    expect(places.map(({ waiting }) => waiting)).toEqual([1, 2, 3]);
  });

  it('keeps seats, versions and changes from those outside', async () => {
    const showId = await busyShow(1);
    const [inside, outside] = await service.connectAll(2);
    await comeIn(inside!, showId);
    await standOutside(outside!, showId);
    await inside!.ask('reservation:create', { showId, seats: [7] });
    await inside!.next('seats:changed', ({ held }) => held?.includes(7) === true);
    await inside!.next('show:version', ({ version }) => version === 1);
    expect(await heardOf(outside!, showId, 'seats:changed')).toBe(0);
    expect(await heardOf(outside!, showId, 'show:version')).toBe(0);
  });

  it.each<[string, (inside: TestSocket, caller: RestCaller, showId: number) => Promise<unknown>]>([
    ['closes the show', (inside, _, showId) => inside.ask('show:leave', { showId })],
    ['says that it leaves', (inside, _, showId) => inside.ask('queue:leave', { showId })],
    ['leaves over REST', (_, caller, showId) => caller.call('DELETE', `/v1/shows/${showId}/queue`)],
  ])('lets the next in when one %s, and tells the others that they moved', async (_, leave) => {
    const showId = await busyShow(1);
    const caller = await service.caller();
    const inside = await service.connect(caller.session.token);
    const [next, last] = await service.connectAll(2);
    await comeIn(inside, showId);
    const [, before] = await standInOrder([next!, last!], showId);
    await leave(inside, caller, showId);
    const { until } = await next!.next('queue:admitted');
    expect(Date.parse(until)).toBeGreaterThan(Date.now());
    await last!.next('queue:moved', ({ head, waiting }) => head === before!.place && waiting === 1);
    expect(await placeOf(last!, showId)).toMatchObject({ place: before!.place, ahead: 0, waiting: 1 });
    expect(await next!.ask('show:join', { showId })).toMatchObject({ access: 'open', queue: null });
    expect(await inside.ask('show:join', { showId })).toMatchObject({ access: 'waiting', queue: { ahead: 1 } });
  });

  it('lets each waiter know exactly how many are ahead of it, by counting alone', async () => {
    const showId = await busyShow(1);
    const sockets = await service.connectAll(20);
    const inside = await service.connect();
    await comeIn(inside, showId);
    const followers: LineFollower[] = [];
    for (const socket of sockets) followers.push(await LineFollower.join(socket, showId));
    const leavers = [3, 0, 11, 4, 12, 18];
    for (const index of leavers) await sockets[index]!.ask('queue:leave', { showId });
    await inside.ask('queue:leave', { showId }); // the second of them, now the first, is let in
    await sockets[1]!.next('queue:admitted');
    const stay = followers.filter((_, index) => index !== 1 && !leavers.includes(index));
    for (const [ahead, follower] of stay.entries()) {
      const exact = expect.objectContaining({ ahead, waiting: stay.length });
      expect(await follower.count()).toEqual({ told: exact, counted: exact, bySet: ahead });
      expect(follower.gaps).toBe(0);
    }
  });

  it('gives a session one place, whatever it asks and however often; a lost connection keeps it', async () => {
    const showId = await busyShow(1);
    const [inside, other] = await service.connectAll(2);
    await comeIn(inside!, showId);
    await standOutside(other!, showId);
    const caller = await service.caller();
    const { token } = caller.session;
    const socket = await service.connect(token);
    const first = await standOutside(socket, showId);
    const same = { ticket: first.ticket, place: first.place, ahead: 1, receipt: first.receipt };
    expect(await standOutside(socket, showId)).toMatchObject(same);
    expect(await join(socket, showId, { partySize: 4 })).toMatchObject(same);
    const posted = await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 });
    expect(posted.body).toMatchObject(same);
    socket.close();
    const [again, twin] = await Promise.all([service.connect(token), service.connect(token)]);
    expect(await standOutside(again, showId)).toMatchObject(same);
    await other!.ask('queue:leave', { showId });
    await inside!.ask('show:leave', { showId });
    const heard = await Promise.all([again, twin].map((one) => one.next('queue:admitted')));
    expect(heard[0]).toEqual(heard[1]);
    for (const one of [again, twin]) expect(await one.ask('show:join', { showId })).toMatchObject({ access: 'open' });
  });

  it('refuses whoever is outside at every door, and says where in line it stands', async () => {
    const showId = await busyShow(1);
    const inside = await service.connect();
    await comeIn(inside, showId);
    const caller = await service.caller();
    const socket = await service.connect(caller.session.token);
    const queue = await standOutside(socket, showId);
    const mine = { code: 'NOT_ADMITTED', status: 403, queue: { ticket: queue.ticket, ahead: 0, line: 'entry' } };
    expect(await socket.refused('reservation:create', { showId, seats: [3] })).toMatchObject(mine);
    expect(await socket.refused('reservation:create', { showId, best: { count: 2 } })).toMatchObject(mine);
    expect(await socket.refused('show:sync', { showId, since: 0 })).toMatchObject(mine);
    const path = `/v1/shows/${showId}`;
    for (const body of [{ seats: [3] }, { best: { count: 1 } }, { seats: [3], onConflict: 'alternative' }]) {
      const answer = await caller.call('POST', `${path}/reservations`, body);
      expect(answer.status).toBe(403);
      expect(answer.body).toMatchObject(mine);
    }
    expect((await caller.call('GET', `${path}/seats`)).body).toMatchObject(mine);
    const stranger = await fetch(`${service.app.url}${path}/seats`);
    expect([stranger.status, await stranger.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'NOT_ADMITTED', queue: null }),
    ]);
    const newcomer = await service.caller();
    const straight = await newcomer.call('POST', `${path}/reservations`, { seats: [3] });
    expect(straight.body).toMatchObject({ code: 'NOT_ADMITTED', queue: null });
    expect(await comeIn(inside, showId)).toMatchObject({ version: 0 });
  });

  it('lets who is outside again look at its own booking and give it back', async () => {
    const showId = await busyShow(1);
    const caller = await service.caller();
    const socket = await service.connect(caller.session.token);
    await comeIn(socket, showId);
    const { booking } = await socket.ask('reservation:create', { showId, seats: [1, 2] });
    const next = await service.connect();
    await standOutside(next, showId);
    await socket.ask('show:leave', { showId });
    await comeIn(next, showId);
    await socket.refused('reservation:create', { showId, seats: [5] });
    const kept = await caller.call('GET', `/v1/bookings/${booking.bookingId}`);
    expect(kept.body).toMatchObject({ status: 'reserved' });
    const released = await socket.ask('reservation:release', { bookingId: booking.bookingId });
    expect(released.booking).toMatchObject({ status: 'released' });
    await next.next('seats:changed', ({ free }) => free?.includes(1) === true);
  });

  it('says whether the seats that are left will reach a waiter', async () => {
    const showId = await makeShow(service.pool, {
      rows: 1,
      seatsPerRow: 3,
      waitingRoom: { mode: 'on', maxShoppers: 1 },
    });
    const [inside, ...outside] = await service.connectAll(5);
    await comeIn(inside!, showId);
    await inside!.ask('reservation:create', { showId, seats: [0, 1] });
    await standInOrder(outside, showId);
    const places = await Promise.all(outside.map((socket) => placeOf(socket, showId)));
    expect(places.map((queue) => queue?.chance)).toEqual(['likely', 'unlikely', 'unlikely', 'none']);
  });
});
