import { describe, expect, it } from '@jest/globals';
import { enterShow, countEvents, joinEntryLineInOrder, joinEntryLine } from '../../support/entry-line.js';
import { LineFollower } from '../../support/line-follower.js';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

const service = setUpLineService();

/** Creates a show with a waiting room that lets this many buyers be inside at the same time. */
const createBusyShow = (maxShoppers: number) => makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers } });

describe('a waiting room that is on', () => {
  it('admits as many buyers as the show has room for, and gives the others places in the order of their arrival', async () => {
    const showId = await createBusyShow(2);
    const [ann, ben, ...late] = await service.connectAll(5);
    for (const first of [ann!, ben!]) {
      expect(await enterShow(first, showId)).toMatchObject({ version: 0, seatCount: 100, queue: null });
    }
    const joined = await late[0]!.ask('show:join', { showId });
    expect(Object.keys(joined).toSorted()).toEqual(['access', 'ok', 'queue', 'serverTime', 'termsVersion']);
    const places = await joinEntryLineInOrder(late, showId);
    const first = places[0]!.ticket;
    expect(places).toEqual([0, 1, 2].map((ahead) => expect.objectContaining({ line: 'entry', ticket: first + ahead })));
    expect(places.map(({ place, ticket }) => place === ticket)).toEqual([true, true, true]);
    expect(places.map(({ ahead }) => ahead)).toEqual([0, 1, 2]);
    expect(places.map(({ waiting }) => waiting)).toEqual([1, 2, 3]);
  });

  it('hides seats, versions and changes from waiters', async () => {
    const showId = await createBusyShow(1);
    const [inside, outside] = await service.connectAll(2);
    await enterShow(inside!, showId);
    await joinEntryLine(outside!, showId);
    await inside!.ask('reservation:create', { showId, seats: [7] });
    await inside!.next('seats:changed', ({ held }) => held?.includes(7) === true);
    await inside!.next('show:version', ({ version }) => version === 1);
    expect(await countEvents(outside!, showId, 'seats:changed')).toBe(0);
    expect(await countEvents(outside!, showId, 'show:version')).toBe(0);
  });

  it.each<[string, (inside: TestSocket, caller: RestCaller, showId: number) => Promise<unknown>]>([
    ['closes the show', (inside, _, showId) => inside.ask('show:leave', { showId })],
    ['leaves the line', (inside, _, showId) => inside.ask('queue:leave', { showId })],
    ['leaves over REST', (_, caller, showId) => caller.call('DELETE', `/v1/shows/${showId}/queue`)],
  ])('admits the next waiter when a buyer %s, and tells the other waiters that they moved up', async (_, leaveShow) => {
    const showId = await createBusyShow(1);
    const caller = await service.caller();
    const inside = await service.connect(caller.session.token);
    const [next, last] = await service.connectAll(2);
    await enterShow(inside, showId);
    const [, before] = await joinEntryLineInOrder([next!, last!], showId);
    await leaveShow(inside, caller, showId);
    const { until } = await next!.next('queue:admitted');
    expect(Date.parse(until)).toBeGreaterThan(Date.now());
    await last!.next('queue:moved', ({ head, waiting }) => head === before!.place && waiting === 1);
    expect(await getPlace(last!, showId)).toMatchObject({ place: before!.place, ahead: 0, waiting: 1 });
    expect(await next!.ask('show:join', { showId })).toMatchObject({ access: 'open', queue: null });
    expect(await inside.ask('show:join', { showId })).toMatchObject({ access: 'waiting', queue: { ahead: 1 } });
  });

  it('lets each waiter count exactly how many waiters are ahead', async () => {
    const showId = await createBusyShow(1);
    const sockets = await service.connectAll(20);
    const inside = await service.connect();
    await enterShow(inside, showId);
    const followers: LineFollower[] = [];
    for (const socket of sockets) followers.push(await LineFollower.join(socket, showId));
    const leavers = [3, 0, 11, 4, 12, 18];
    for (const index of leavers) await sockets[index]!.ask('queue:leave', { showId });
    await inside.ask('queue:leave', { showId }); // The second waiter is now the first, so the service admits it.
    await sockets[1]!.next('queue:admitted');
    const remaining = followers.filter((_, index) => index !== 1 && !leavers.includes(index));
    for (const [ahead, follower] of remaining.entries()) {
      const expectedCount = expect.objectContaining({ ahead, waiting: remaining.length });
      expect(await follower.count()).toEqual({ byServer: expectedCount, counted: expectedCount, bySet: ahead });
      expect(follower.gaps).toBe(0);
    }
  });

  it('gives a session one place, however it asks, and keeps the place when the connection is lost', async () => {
    const showId = await createBusyShow(1);
    const [inside, other] = await service.connectAll(2);
    await enterShow(inside!, showId);
    await joinEntryLine(other!, showId);
    const caller = await service.caller();
    const { token } = caller.session;
    const socket = await service.connect(token);
    const first = await joinEntryLine(socket, showId);
    const samePlace = { ticket: first.ticket, place: first.place, ahead: 1, receipt: first.receipt };
    expect(await joinEntryLine(socket, showId)).toMatchObject(samePlace);
    expect(await join(socket, showId, { partySize: 4 })).toMatchObject(samePlace);
    const posted = await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 });
    expect(posted.body).toMatchObject(samePlace);
    socket.close();
    const [again, secondSocket] = await Promise.all([service.connect(token), service.connect(token)]);
    expect(await joinEntryLine(again, showId)).toMatchObject(samePlace);
    await other!.ask('queue:leave', { showId });
    await inside!.ask('show:leave', { showId });
    const admissions = await Promise.all([again, secondSocket].map((client) => client.next('queue:admitted')));
    expect(admissions[0]).toEqual(admissions[1]);
    for (const client of [again, secondSocket])
      expect(await client.ask('show:join', { showId })).toMatchObject({ access: 'open' });
  });

  it('refuses all requests for seats by a waiter, and returns the waiter’s place in the refusal', async () => {
    const showId = await createBusyShow(1);
    const inside = await service.connect();
    await enterShow(inside, showId);
    const caller = await service.caller();
    const socket = await service.connect(caller.session.token);
    const queue = await joinEntryLine(socket, showId);
    const expectedRefusal = {
      code: 'NOT_ADMITTED',
      status: 403,
      queue: { ticket: queue.ticket, ahead: 0, line: 'entry' },
    };
    expect(await socket.refused('reservation:create', { showId, seats: [3] })).toMatchObject(expectedRefusal);
    expect(await socket.refused('reservation:create', { showId, best: { count: 2 } })).toMatchObject(expectedRefusal);
    expect(await socket.refused('show:sync', { showId, since: 0 })).toMatchObject(expectedRefusal);
    const path = `/v1/shows/${showId}`;
    for (const body of [{ seats: [3] }, { best: { count: 1 } }, { seats: [3], onConflict: 'alternative' }]) {
      const answer = await caller.call('POST', `${path}/reservations`, body);
      expect(answer.status).toBe(403);
      expect(answer.body).toMatchObject(expectedRefusal);
    }
    expect((await caller.call('GET', `${path}/seats`)).body).toMatchObject(expectedRefusal);
    const stranger = await fetch(`${service.url}${path}/seats`);
    expect([stranger.status, await stranger.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'NOT_ADMITTED', queue: null }),
    ]);
    const newcomer = await service.caller();
    const directReservation = await newcomer.call('POST', `${path}/reservations`, { seats: [3] });
    expect(directReservation.body).toMatchObject({ code: 'NOT_ADMITTED', queue: null });
    expect(await enterShow(inside, showId)).toMatchObject({ version: 0 });
  });

  it('lets a buyer whose stay has ended read and release the buyer’s own booking', async () => {
    const showId = await createBusyShow(1);
    const caller = await service.caller();
    const socket = await service.connect(caller.session.token);
    await enterShow(socket, showId);
    const { booking } = await socket.ask('reservation:create', { showId, seats: [1, 2] });
    const next = await service.connect();
    await joinEntryLine(next, showId);
    await socket.ask('show:leave', { showId });
    await enterShow(next, showId);
    await socket.refused('reservation:create', { showId, seats: [5] });
    const kept = await caller.call('GET', `/v1/bookings/${booking.bookingId}`);
    expect(kept.body).toMatchObject({ status: 'reserved' });
    const released = await socket.ask('reservation:release', { bookingId: booking.bookingId });
    expect(released.booking).toMatchObject({ status: 'released' });
    await next.next('seats:changed', ({ free }) => free?.includes(1) === true);
  });

  it('estimates whether enough seats are left for a waiter', async () => {
    const showId = await makeShow(service.pool, {
      rows: 1,
      seatsPerRow: 3,
      waitingRoom: { mode: 'on', maxShoppers: 1 },
    });
    const [inside, ...outside] = await service.connectAll(5);
    await enterShow(inside!, showId);
    await inside!.ask('reservation:create', { showId, seats: [0, 1] });
    await joinEntryLineInOrder(outside, showId);
    const places = await Promise.all(outside.map((socket) => getPlace(socket, showId)));
    expect(places.map((queue) => queue?.chance)).toEqual(['likely', 'unlikely', 'unlikely', 'none']);
  });
});
