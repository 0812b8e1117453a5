import { expect, it } from '@jest/globals';
import { enterShow, joinEntryLineInOrder, joinEntryLine } from '../../support/entry-line.js';
import { setUpLineService, getPlace } from '../../support/line-service.js';
import { makeShow } from '../../support/show.js';

const service = setUpLineService({ QUEUE_MAX_WAIT_SECONDS: '2' });

const timeInMs = (ms: number) => new Date(Date.now() + ms);

it('a waiter loses the place after the maximum wait, and gets a new place at the end when joining again', async () => {
  const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
  const caller = await service.caller();
  const [inside, waiter] = await Promise.all([service.connect(), service.connect(caller.session.token)]);
  await enterShow(inside, showId);
  const place = await joinEntryLine(waiter, showId);
  expect(Date.parse(place.expiresAt) - Date.parse(place.joinedAt)).toBe(2000);
  expect(await waiter.next('queue:expired')).toEqual({ showId, line: 'entry', reason: 'maxWait' });
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(place.expiresAt));
  expect(await getPlace(waiter, showId)).toBeNull();
  expect((await waiter.refused('show:sync', { showId, since: 0 })).code).toBe('NOT_ADMITTED');
  const other = await service.connect();
  const [otherPlace, again] = await joinEntryLineInOrder([other, waiter], showId);
  expect(again!.ticket).toBe(otherPlace!.ticket + 1);
  expect(again!.receipt).not.toBe(place.receipt);
  expect(again).toMatchObject({ ahead: 1, place: again!.ticket });
});

it('the maximum wait of a lobby counts from the opening of the sale', async () => {
  const saleOpensAt = timeInMs(3500);
  const showId = await makeShow(service.pool, { saleOpensAt, waitingRoom: { mode: 'on', maxShoppers: 1 } });
  const [one, other] = await service.connectAll(2);
  const places = await joinEntryLineInOrder([one!, other!], showId);
  for (const { expiresAt } of places) expect(Date.parse(expiresAt)).toBe(saleOpensAt.getTime() + 2000);
  const admitted = await Promise.race(
    [one, other].map(async (socket) => {
      await socket!.next('queue:admitted');
      return socket!;
    }),
  );
  const outside = admitted === one ? other! : one!;
  expect(await outside.next('queue:expired')).toEqual({ showId, line: 'entry', reason: 'maxWait' });
  expect(Date.now()).toBeGreaterThanOrEqual(saleOpensAt.getTime() + 2000);
});

it('the end of the sale ends the entry line, including the lobby, and refuses later buyers', async () => {
  const startsAt = timeInMs(1500);
  const waitingRoom = { mode: 'on', maxShoppers: 1 } as const;
  const showId = await makeShow(service.pool, { startsAt, waitingRoom });
  const [inside, ...outside] = await service.connectAll(4);
  await enterShow(inside!, showId);
  await joinEntryLineInOrder(outside, showId);
  const expired = await Promise.all(outside.map((socket) => socket.next('queue:expired')));
  expect(expired).toEqual(outside.map(() => ({ showId, line: 'entry', reason: 'saleClosed' })));
  expect(Date.now()).toBeGreaterThanOrEqual(startsAt.getTime());
  expect(await getPlace(outside[0]!, showId)).toBeNull();
  const late = await service.connect();
  expect((await late.refused('queue:join', { showId, partySize: 1 })).code).toBe('SALE_CLOSED');
  expect((await inside!.refused('reservation:create', { showId, seats: [1] })).code).toBe('SALE_CLOSED');
});

it.each([
  ['a party of zero', { partySize: 0 }],
  ['a party of eleven', { partySize: 11 }],
  ['a party of two and a half', { partySize: 2.5 }],
  ['no party', {}],
  ['a tier that the hall does not have', { partySize: 1, tiers: ['balcony'] }],
])('a waiting room refuses %s and gives no line ticket for it', async (_, request) => {
  const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
  const [inside, asker] = await service.connectAll(2);
  await enterShow(inside!, showId);
  expect((await asker!.refused('queue:join', { showId, ...request })).code).toBe('INVALID_REQUEST');
  const caller = await service.caller();
  const posted = await caller.call('POST', `/v1/shows/${showId}/queue`, request);
  expect([posted.status, posted.body.code]).toEqual([400, 'INVALID_REQUEST']);
  expect(await joinEntryLine(asker!, showId)).toMatchObject({ ahead: 0, waiting: 1, version: 3 });
});
