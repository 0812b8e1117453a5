import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { fetchProof } from '@usher/client';
import { testEnvironment, whileLocked } from '../../support/database.js';
import { comeIn, standInOrder, standOutside } from '../../support/entry-line.js';
import { join, LineService, placeOf } from '../../support/line-service.js';
import { ServiceProcess } from '../../support/process.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

/** Whose sockets are gone for so long, or who does not appear for so long, is inside no longer. */
const goneMs = 30_000;

/** For an event that comes only when somebody is found gone. */
const goneDeadlineMs = 45_000;

/** For one that only waited for the show: much less than the half minute until everybody is looked through again. */
const freedDeadlineMs = 10_000;

let service: LineService;
beforeAll(async () => {
  service = await LineService.start();
});
afterAll(() => service.close());

const busyShow = (admitPerMinute: number | null = null) =>
  makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1, admitPerMinute } });

/** A session with a socket inside and one behind it in line. */
async function oneInsideOneOutside() {
  const showId = await busyShow();
  const { session } = await service.caller();
  const [inside, outside] = await Promise.all([service.connect(session.token), service.connect()]);
  await comeIn(inside, showId);
  await standOutside(outside, showId);
  return { showId, token: session.token, inside, outside };
}

async function passesOverWhoDoesNotAppear() {
  const showId = await busyShow();
  const [absent, next] = await service.connectAll(2);
  const { ticket } = await join(absent!, showId);
  await absent!.next('queue:admitted');
  await standOutside(next!, showId);
  const expired = await absent!.next('queue:expired', undefined, goneDeadlineMs);
  expect(expired).toEqual({ showId, line: 'entry', reason: 'offerLapsed' });
  await comeIn(next!, showId);
  expect(await standOutside(absent!, showId)).toMatchObject({ ahead: 0, waiting: 1 });
  const { chain } = await fetchProof(service.app.url, showId, 'entry');
  const own = chain.filter((entry) => entry.ticket === ticket);
  expect(own.map(({ kind }) => kind)).toEqual(['join', 'admit', 'lapse']);
  const [, admitted, lapsed] = own.map(({ at }) => Date.parse(at));
  expect(lapsed! - admitted!).toBeGreaterThanOrEqual(goneMs);
}

/** Somebody has to be shown out of a show whose lock nobody gets: the other shows must not wait for it. */
async function holdsUpNoOtherShow(somebodyIsGone: Promise<unknown>) {
  const showId = await busyShow();
  const absent = await service.connect();
  await join(absent, showId);
  await absent.next('queue:admitted');
  await whileLocked(service.pool, showId, () => somebodyIsGone);
  expect(await absent.next('queue:expired', undefined, freedDeadlineMs)).toMatchObject({ reason: 'offerLapsed' });
}

async function makesRoomForWhoIsGone() {
  const { showId, inside, outside } = await oneInsideOneOutside();
  inside.close();
  const began = Date.now();
  await outside.next('queue:admitted', undefined, goneDeadlineMs);
  expect(Date.now() - began).toBeGreaterThan(goneMs - 1000);
  await comeIn(outside, showId);
}

async function makesRoomForWhoseNodeDied() {
  const node = ServiceProcess.start(testEnvironment(service.app.databaseUrl));
  try {
    const showId = await busyShow();
    const [inside, outside] = await Promise.all([TestSocket.connect(await node.ready()), service.connect()]);
    await comeIn(inside, showId);
    await standOutside(outside, showId);
    const began = Date.now();
    await node.end('SIGKILL');
    inside.close();
    await outside.next('queue:admitted', undefined, goneDeadlineMs);
    expect(Date.now() - began).toBeGreaterThan(goneMs - 1000);
  } finally {
    await node.end('SIGKILL');
  }
}

/** @param somebodyIsGone settled when those who went at the same time have been found gone */
async function keepsWhoCameBack(somebodyIsGone: Promise<unknown>) {
  const { showId, token, inside, outside } = await oneInsideOneOutside();
  inside.close();
  const again = await service.connect(token);
  expect(await again.ask('show:join', { showId })).toMatchObject({ access: 'open' });
  await somebodyIsGone;
  expect(await placeOf(outside, showId)).toMatchObject({ ahead: 0 });
  expect((await again.ask('reservation:create', { showId, seats: [1] })).booking.status).toBe('reserved');
}

async function keepsWhoHasAnotherSocket(somebodyIsGone: Promise<unknown>) {
  const { showId, token, inside, outside } = await oneInsideOneOutside();
  const twin = await service.connect(token);
  await comeIn(twin, showId);
  inside.close();
  await somebodyIsGone;
  expect(await placeOf(outside, showId)).toMatchObject({ ahead: 0 });
  expect((await twin.ask('reservation:create', { showId, seats: [1] })).booking.status).toBe('reserved');
}

async function keepsThePace(somebodyIsGone: Promise<unknown>) {
  const waitingRoom = { mode: 'on', maxShoppers: 9, admitPerMinute: 3 } as const;
  const showId = await makeShow(service.pool, { waitingRoom });
  const sockets = await service.connectAll(5);
  await comeIn(sockets[0]!, showId);
  const rest = sockets.slice(1);
  await standInOrder(rest, showId);
  for (const socket of rest.slice(0, 2)) await comeIn(socket, showId);
  await somebodyIsGone;
  expect(await placeOf(rest[2]!, showId)).toMatchObject({ ahead: 0, waiting: 2 });
}

it('passes over who was let in and does not appear, makes room for who is gone, and keeps who comes back', async () => {
  const gone = Promise.all([passesOverWhoDoesNotAppear(), makesRoomForWhoIsGone(), makesRoomForWhoseNodeDied()]);
  const all = Promise.all([
    gone,
    holdsUpNoOtherShow(gone),
    keepsWhoCameBack(gone),
    keepsWhoHasAnotherSocket(gone),
    keepsThePace(gone),
  ]);
  await expect(all).resolves.toBeDefined();
}, 90_000);
