import { describe, expect, it } from '@jest/globals';
import { fetchProof } from '@usher/client';
import { enterShow, countEvents, joinEntryLineInOrder, joinEntryLine } from '../../support/entry-line.js';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

const service = setUpLineService();

/** Requests the seat map without joining the show. Returns the HTTP status. */
const fetchSeatsStatus = async (headers: Record<string, string>, showId: number): Promise<number> =>
  (await fetch(`${service.url}/v1/shows/${showId}/seats`, { headers })).status;

describe('a stay', () => {
  it('ends after the time that the show allows, and the next waiter is admitted', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1, shopSeconds: 2 } });
    const [first, next] = await service.connectAll(2);
    await enterShow(first!, showId);
    const began = Date.now();
    await joinEntryLine(next!, showId);
    expect(await first!.next('stay:ended')).toEqual({ showId });
    expect(Date.now() - began).toBeGreaterThan(1500);
    const { until } = await next!.next('queue:admitted');
    await enterShow(next!, showId);
    expect(Date.parse(until) - Date.now()).toBeLessThanOrEqual(2000);
    const before = await countEvents(first!, showId, 'seats:changed');
    await next!.ask('reservation:create', { showId, seats: [4] });
    await next!.next('seats:changed', ({ held }) => held?.includes(4) === true);
    expect(await countEvents(first!, showId, 'seats:changed')).toBe(before);
    expect((await first!.refused('reservation:create', { showId, seats: [9] })).code).toBe('NOT_ADMITTED');
    expect((await first!.refused('show:sync', { showId, since: 0 })).code).toBe('NOT_ADMITTED');
    await next!.next('stay:ended');
    expect(await enterShow(first!, showId)).toMatchObject({ version: 1 });
  });

  it('may end while its session waits for seats, and this session loses access when the wait ends', async () => {
    const waitingRoom = { mode: 'on', maxShoppers: 3, shopSeconds: 2 } as const;
    const showId = await makeShow(service.pool, { rows: 1, seatsPerRow: 4, waitingRoom });
    const [holder, leavingWaiter, servedWaiter, ...newcomers] = await service.connectAll(6);
    await enterShow(holder!, showId);
    const { booking } = await holder!.ask('reservation:create', { showId, seats: [0, 1, 2, 3] });
    for (const waiter of [leavingWaiter!, servedWaiter!]) {
      await enterShow(waiter, showId);
      expect(await join(waiter, showId)).toMatchObject({ line: 'seats' });
    }
    // The show has room for three sessions. So when the newcomers are inside, the stays of the first three sessions
    // have ended.
    await Promise.all(newcomers.map((newcomer) => enterShow(newcomer, showId)));
    for (const waiter of [leavingWaiter!, servedWaiter!]) {
      expect(await waiter.ask('show:join', { showId })).toMatchObject({ access: 'open', queue: { line: 'seats' } });
    }
    await leavingWaiter!.ask('queue:leave', { showId });
    expect(await leavingWaiter!.next('stay:ended')).toEqual({ showId });
    await holder!.ask('reservation:release', { bookingId: booking.bookingId });
    await servedWaiter!.next('queue:offer');
    expect(await servedWaiter!.next('stay:ended')).toEqual({ showId });
    const before = await Promise.all(
      [leavingWaiter!, servedWaiter!].map((waiter) => countEvents(waiter, showId, 'seats:changed')),
    );
    const { seats } = (await newcomers[0]!.ask('reservation:create', { showId, best: { count: 1 } })).booking;
    await newcomers[0]!.next('seats:changed', ({ held }) => held?.includes(seats[0]!.seat) === true);
    expect(
      await Promise.all([leavingWaiter!, servedWaiter!].map((waiter) => countEvents(waiter, showId, 'seats:changed'))),
    ).toEqual(before);
  });

  it('is never given to more sessions than the show has room for, and in the end every session has been inside', async () => {
    const [maxShoppers, buyerCount] = [4, 40];
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers } });
    const sockets = await service.connectAll(buyerCount);
    let insideCount = 0;
    let mostInside = 0;
    const visitShow = async (socket: TestSocket) => {
      await enterShow(socket, showId, 20_000);
      mostInside = Math.max(mostInside, ++insideCount);
      await socket.ask('show:sync', { showId, since: 0 });
      insideCount--;
      await socket.ask('show:leave', { showId });
    };
    await Promise.all(sockets.map(visitShow));
    expect(mostInside).toBeLessThanOrEqual(maxShoppers);
    expect(mostInside).toBeGreaterThan(1);
    const { chain } = await fetchProof(service.url, showId, 'entry');
    expect(chain.filter(({ kind }) => kind === 'admit').map(({ ticket }) => ticket)).toEqual(
      Array.from({ length: buyerCount }, (_, index) => index + 1),
    );
  });
});

describe('the pace of admission', () => {
  it('spreads admissions evenly (two per second for 120 per minute), in the order of the line', async () => {
    const waitingRoom = { mode: 'on', maxShoppers: 100, admitPerMinute: 120 } as const;
    const showId = await makeShow(service.pool, { waitingRoom });
    const sockets = await service.connectAll(9);
    await Promise.all(sockets.map((socket) => enterShow(socket, showId, 15_000)));
    const { chain } = await fetchProof(service.url, showId, 'entry');
    const admissions = chain.filter(({ kind }) => kind === 'admit');
    const times = admissions.map(({ at }) => Date.parse(at));
    expect(admissions.map(({ ticket }) => ticket)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // The pace is two per second, so the last of any three consecutive admissions comes at least one second after the
    // first.
    for (const [index, at] of times.slice(2).entries()) expect(at - times[index]!).toBeGreaterThanOrEqual(1000);
    expect(times.at(-1)! - times[0]!).toBeLessThan(8000);
  });

  it('admits waiters one by one if it is below one per second', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 9, admitPerMinute: 2 } });
    const [first, second, third] = await service.connectAll(3);
    await enterShow(first!, showId);
    await joinEntryLineInOrder([second!, third!], showId);
    await second!.next('queue:admitted');
    expect(await getPlace(third!, showId)).toMatchObject({ ahead: 0, waiting: 1 });
  });
});

describe('a waiting room that opens automatically', () => {
  it('admits everybody until the show is full, then keeps buyers outside, and opens again when nobody waits', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'auto', maxShoppers: 2 } });
    expect(await fetchSeatsStatus({}, showId)).toBe(200);
    const callers = [await service.caller(), await service.caller(), await service.caller(), await service.caller()];
    const [ann, ben, cas, dan] = await Promise.all(callers.map(({ session }) => service.connect(session.token)));
    for (const socket of [ann!, ben!]) {
      expect(await socket.ask('show:join', { showId })).toMatchObject({ access: 'open', queue: null });
    }
    expect(await fetchSeatsStatus({}, showId)).toBe(200);
    expect(await fetchSeatsStatus({ authorization: `Bearer ${callers[0]!.session.token}` }, showId)).toBe(200);
    expect((await joinEntryLine(cas!, showId)).ahead).toBe(0);
    expect((await cas!.refused('reservation:create', { showId, seats: [0] })).code).toBe('NOT_ADMITTED');
    await ann!.ask('show:leave', { showId });
    await enterShow(cas!, showId);
    // Nobody waits, but the show is full again.
    expect((await joinEntryLine(dan!, showId)).ahead).toBe(0);
    await dan!.ask('queue:leave', { showId });
    await ben!.ask('queue:leave', { showId });
    expect(await fetchSeatsStatus({}, showId)).toBe(200);
    expect(await dan!.ask('show:join', { showId })).toMatchObject({ access: 'open', queue: null });
  });

  it('counts a buyer as inside who reserves without joining the show', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'auto', maxShoppers: 1 } });
    const [buyer, next] = await service.connectAll(2);
    await buyer!.ask('reservation:create', { showId, seats: [0] });
    await joinEntryLine(next!, showId);
    expect(await buyer!.ask('show:join', { showId })).toMatchObject({ access: 'open' });
  });

  it('lets no newcomer pass a waiter, even if there is room inside', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'auto', maxShoppers: 1, admitPerMinute: 1 } });
    const [inside, next, late] = await service.connectAll(3);
    await enterShow(inside!, showId);
    await join(next!, showId);
    await inside!.ask('show:leave', { showId }); // The pace keeps the next waiter outside for a minute.
    expect(await joinEntryLine(late!, showId)).toMatchObject({ ahead: 1, waiting: 2 });
    expect((await late!.refused('reservation:create', { showId, seats: [0] })).code).toBe('NOT_ADMITTED');
  });
});
