import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchProof } from '@usher/client';
import { comeIn, heardOf, standInOrder, standOutside } from '../../support/entry-line.js';
import { join, LineService, placeOf } from '../../support/line-service.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

let service: LineService;
beforeAll(async () => {
  service = await LineService.start();
});
afterAll(() => service.close());

/** What the service says when the seat map is asked for by someone without a session. */
const lookedAtBy = async (headers: Record<string, string>, showId: number): Promise<number> =>
  (await fetch(`${service.app.url}/v1/shows/${showId}/seats`, { headers })).status;

describe('a stay', () => {
  it('ends after the time that the show gives it, with its place for the next in line', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1, shopSeconds: 2 } });
    const [first, next] = await service.connectAll(2);
    await comeIn(first!, showId);
    const began = Date.now();
    await standOutside(next!, showId);
    expect(await first!.next('stay:ended')).toEqual({ showId });
    expect(Date.now() - began).toBeGreaterThan(1500);
    const { until } = await next!.next('queue:admitted');
    await comeIn(next!, showId);
    expect(Date.parse(until) - Date.now()).toBeLessThanOrEqual(2000);
    const before = await heardOf(first!, showId, 'seats:changed');
    await next!.ask('reservation:create', { showId, seats: [4] });
    await next!.next('seats:changed', ({ held }) => held?.includes(4) === true);
    expect(await heardOf(first!, showId, 'seats:changed')).toBe(before);
    expect((await first!.refused('reservation:create', { showId, seats: [9] })).code).toBe('NOT_ADMITTED');
    expect((await first!.refused('show:sync', { showId, since: 0 })).code).toBe('NOT_ADMITTED');
    await next!.next('stay:ended');
    expect(await comeIn(first!, showId)).toMatchObject({ version: 1 });
  });

  it('may end while its session waits for seats; with that wait its sight of the show ends too', async () => {
    const waitingRoom = { mode: 'on', maxShoppers: 3, shopSeconds: 2 } as const;
    const showId = await makeShow(service.pool, { rows: 1, seatsPerRow: 4, waitingRoom });
    const [holder, leaver, lucky, ...newcomers] = await service.connectAll(6);
    await comeIn(holder!, showId);
    const { booking } = await holder!.ask('reservation:create', { showId, seats: [0, 1, 2, 3] });
    for (const waiter of [leaver!, lucky!]) {
      await comeIn(waiter, showId);
      expect(await join(waiter, showId)).toMatchObject({ line: 'seats' });
    }
    // There is room for three: when these are inside, the stays of the first three are over.
    await Promise.all(newcomers.map((newcomer) => comeIn(newcomer, showId)));
    for (const waiter of [leaver!, lucky!]) {
      expect(await waiter.ask('show:join', { showId })).toMatchObject({ access: 'open', queue: { line: 'seats' } });
    }
    await leaver!.ask('queue:leave', { showId });
    expect(await leaver!.next('stay:ended')).toEqual({ showId });
    await holder!.ask('reservation:release', { bookingId: booking.bookingId });
    await lucky!.next('queue:offer');
    expect(await lucky!.next('stay:ended')).toEqual({ showId });
    const before = await Promise.all([leaver!, lucky!].map((one) => heardOf(one, showId, 'seats:changed')));
    const { seats } = (await newcomers[0]!.ask('reservation:create', { showId, best: { count: 1 } })).booking;
    await newcomers[0]!.next('seats:changed', ({ held }) => held?.includes(seats[0]!.seat) === true);
    expect(await Promise.all([leaver!, lucky!].map((one) => heardOf(one, showId, 'seats:changed')))).toEqual(before);
  });

  it('is given to no more at once than there is room for, until everybody has been inside', async () => {
    const [maxShoppers, everybody] = [4, 40];
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers } });
    const sockets = await service.connectAll(everybody);
    let inside = 0;
    let most = 0;
    const shop = async (socket: TestSocket) => {
      await comeIn(socket, showId, 20_000);
      most = Math.max(most, ++inside);
      await socket.ask('show:sync', { showId, since: 0 });
      inside--;
      await socket.ask('show:leave', { showId });
    };
    await Promise.all(sockets.map(shop));
    expect(most).toBeLessThanOrEqual(maxShoppers);
    expect(most).toBeGreaterThan(1);
    const { chain } = await fetchProof(service.app.url, showId, 'entry');
    expect(chain.filter(({ kind }) => kind === 'admit').map(({ ticket }) => ticket)).toEqual(
      Array.from({ length: everybody }, (_, index) => index + 1),
    );
  });
});

describe('a pace of admission', () => {
  it('lets in no more within any second than its share of a minute, and in the order of the line', async () => {
    const waitingRoom = { mode: 'on', maxShoppers: 100, admitPerMinute: 120 } as const;
    const showId = await makeShow(service.pool, { waitingRoom });
    const sockets = await service.connectAll(9);
    await Promise.all(sockets.map((socket) => comeIn(socket, showId, 15_000)));
    const { chain } = await fetchProof(service.app.url, showId, 'entry');
    const admissions = chain.filter(({ kind }) => kind === 'admit');
    const times = admissions.map(({ at }) => Date.parse(at));
    expect(admissions.map(({ ticket }) => ticket)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // Two a second: the third of any three came no sooner than a second after the first of them.
    for (const [index, at] of times.slice(2).entries()) expect(at - times[index]!).toBeGreaterThanOrEqual(1000);
    expect(times.at(-1)! - times[0]!).toBeLessThan(8000);
  });

  it('of less than one a second lets them in one by one', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 9, admitPerMinute: 2 } });
    const [first, second, third] = await service.connectAll(3);
    await comeIn(first!, showId);
    await standInOrder([second!, third!], showId);
    await second!.next('queue:admitted');
    expect(await placeOf(third!, showId)).toMatchObject({ ahead: 0, waiting: 1 });
  });
});

describe('a waiting room that opens by itself', () => {
  it('lets everybody in until it is full, keeps the next outside, and is open again when nobody waits', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'auto', maxShoppers: 2 } });
    expect(await lookedAtBy({}, showId)).toBe(200);
    const callers = [await service.caller(), await service.caller(), await service.caller(), await service.caller()];
    const [ann, ben, cas, dan] = await Promise.all(callers.map(({ session }) => service.connect(session.token)));
    for (const socket of [ann!, ben!]) {
      expect(await socket.ask('show:join', { showId })).toMatchObject({ access: 'open', queue: null });
    }
    expect(await lookedAtBy({}, showId)).toBe(200);
    expect(await lookedAtBy({ authorization: `Bearer ${callers[0]!.session.token}` }, showId)).toBe(200);
    expect((await standOutside(cas!, showId)).ahead).toBe(0);
    expect((await cas!.refused('reservation:create', { showId, seats: [0] })).code).toBe('NOT_ADMITTED');
    await ann!.ask('show:leave', { showId });
    await comeIn(cas!, showId);
    // Nobody waits, but it is full again.
    expect((await standOutside(dan!, showId)).ahead).toBe(0);
    await dan!.ask('queue:leave', { showId });
    await ben!.ask('queue:leave', { showId });
    expect(await lookedAtBy({}, showId)).toBe(200);
    expect(await dan!.ask('show:join', { showId })).toMatchObject({ access: 'open', queue: null });
  });

  it('counts who reserves without looking first', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'auto', maxShoppers: 1 } });
    const [buyer, next] = await service.connectAll(2);
    await buyer!.ask('reservation:create', { showId, seats: [0] });
    await standOutside(next!, showId);
    expect(await buyer!.ask('show:join', { showId })).toMatchObject({ access: 'open' });
  });

  it('lets nobody past those who wait, even when there is room for a moment', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'auto', maxShoppers: 1, admitPerMinute: 1 } });
    const [inside, next, late] = await service.connectAll(3);
    await comeIn(inside!, showId);
    await join(next!, showId);
    await inside!.ask('show:leave', { showId }); // the pace keeps the next outside for a minute
    expect(await standOutside(late!, showId)).toMatchObject({ ahead: 1, waiting: 2 });
    expect((await late!.refused('reservation:create', { showId, seats: [0] })).code).toBe('NOT_ADMITTED');
  });
});
