import { expect, it } from '@jest/globals';
import { fetchProof } from '@usher/client';
import { testEnvironment, whileLocked } from '../../support/database.js';
import { enterShow, joinEntryLineInOrder, joinEntryLine } from '../../support/entry-line.js';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';
import { ServiceProcess } from '../../support/service-process.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

/**
 * A stay ends when its session has had no socket for this long. It also ends when an admitted session has not entered
 * the show for this long.
 */
const presenceTimeoutMs = 30_000;

/** Deadline for an event that happens when the service finds that a session is absent. */
const absenceDeadlineMs = 45_000;

/** Deadline for an event that only the show's lock delayed. It is shorter than the 30 s until the next full scan. */
const unlockDeadlineMs = 10_000;

const service = setUpLineService();

const createBusyShow = (admitPerMinute: number | null = null) =>
  makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1, admitPerMinute } });

/** Creates a busy show with one session inside and one waiter. */
async function admitOneOfTwo() {
  const showId = await createBusyShow();
  const { session } = await service.caller();
  const [inside, outside] = await Promise.all([service.connect(session.token), service.connect()]);
  await enterShow(inside, showId);
  await joinEntryLine(outside, showId);
  return { showId, token: session.token, inside, outside };
}

async function expectAbsentBuyerSkipped() {
  const showId = await createBusyShow();
  const [absent, next] = await service.connectAll(2);
  const { ticket } = await join(absent!, showId);
  await absent!.next('queue:admitted');
  await joinEntryLine(next!, showId);
  const expired = await absent!.next('queue:expired', undefined, absenceDeadlineMs);
  expect(expired).toEqual({ showId, line: 'entry', reason: 'offerLapsed' });
  await enterShow(next!, showId);
  expect(await joinEntryLine(absent!, showId)).toMatchObject({ ahead: 0, waiting: 1 });
  const { chain } = await fetchProof(service.url, showId, 'entry');
  const eventsOfTicket = chain.filter((entry) => entry.ticket === ticket);
  expect(eventsOfTicket.map(({ kind }) => kind)).toEqual(['join', 'admit', 'lapse']);
  const [, admitted, lapsed] = eventsOfTicket.map(({ at }) => Date.parse(at));
  expect(lapsed! - admitted!).toBeGreaterThanOrEqual(presenceTimeoutMs);
}

/** Keeps a show locked at the time at which its absent session must leave. Other shows must not wait for this lock. */
async function expectOtherShowsUnaffected(absenceIsFound: Promise<unknown>) {
  const showId = await createBusyShow();
  const absent = await service.connect();
  await join(absent, showId);
  await absent.next('queue:admitted');
  await whileLocked(service.pool, showId, () => absenceIsFound);
  expect(await absent.next('queue:expired', undefined, unlockDeadlineMs)).toMatchObject({ reason: 'offerLapsed' });
}

async function expectNextAdmittedAfterDisconnect() {
  const { showId, inside, outside } = await admitOneOfTwo();
  inside.close();
  const began = Date.now();
  await outside.next('queue:admitted', undefined, absenceDeadlineMs);
  expect(Date.now() - began).toBeGreaterThan(presenceTimeoutMs - 1000);
  await enterShow(outside, showId);
}

async function expectNextAdmittedAfterNodeDeath() {
  const node = ServiceProcess.start(testEnvironment(service.databaseUrl));
  try {
    const showId = await createBusyShow();
    const [inside, outside] = await Promise.all([TestSocket.connect(await node.waitUntilReady()), service.connect()]);
    await enterShow(inside, showId);
    await joinEntryLine(outside, showId);
    const began = Date.now();
    await node.end('SIGKILL');
    inside.close();
    await outside.next('queue:admitted', undefined, absenceDeadlineMs);
    expect(Date.now() - began).toBeGreaterThan(presenceTimeoutMs - 1000);
  } finally {
    await node.end('SIGKILL');
  }
}

/**
 * @param absenceIsFound resolves when the service has found that the sessions of the other checks are absent, which
 *   left at the same time
 */
async function expectReturningSessionKept(absenceIsFound: Promise<unknown>) {
  const { showId, token, inside, outside } = await admitOneOfTwo();
  inside.close();
  const again = await service.connect(token);
  expect(await again.ask('show:join', { showId })).toMatchObject({ access: 'open' });
  await absenceIsFound;
  expect(await getPlace(outside, showId)).toMatchObject({ ahead: 0 });
  expect((await again.ask('reservation:create', { showId, seats: [1] })).booking.status).toBe('reserved');
}

async function expectSessionWithSecondSocketKept(absenceIsFound: Promise<unknown>) {
  const { showId, token, inside, outside } = await admitOneOfTwo();
  const secondSocket = await service.connect(token);
  await enterShow(secondSocket, showId);
  inside.close();
  await absenceIsFound;
  expect(await getPlace(outside, showId)).toMatchObject({ ahead: 0 });
  expect((await secondSocket.ask('reservation:create', { showId, seats: [1] })).booking.status).toBe('reserved');
}

async function expectPaceKept(absenceIsFound: Promise<unknown>) {
  const waitingRoom = { mode: 'on', maxShoppers: 9, admitPerMinute: 3 } as const;
  const showId = await makeShow(service.pool, { waitingRoom });
  const sockets = await service.connectAll(5);
  await enterShow(sockets[0]!, showId);
  const rest = sockets.slice(1);
  await joinEntryLineInOrder(rest, showId);
  for (const socket of rest.slice(0, 2)) await enterShow(socket, showId);
  await absenceIsFound;
  expect(await getPlace(rest[2]!, showId)).toMatchObject({ ahead: 0, waiting: 2 });
}

it('a waiting room skips an absent buyer, admits the next waiter after a session is gone, and keeps a returning session', async () => {
  const absenceIsFound = Promise.all([
    expectAbsentBuyerSkipped(),
    expectNextAdmittedAfterDisconnect(),
    expectNextAdmittedAfterNodeDeath(),
  ]);
  const all = Promise.all([
    absenceIsFound,
    expectOtherShowsUnaffected(absenceIsFound),
    expectReturningSessionKept(absenceIsFound),
    expectSessionWithSecondSocketKept(absenceIsFound),
    expectPaceKept(absenceIsFound),
  ]);
  await expect(all).resolves.toBeDefined();
}, 90_000);
