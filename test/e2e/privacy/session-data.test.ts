import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchProof, verifyLine } from '@usher/client';
import { endpoints, type SessionData, type SessionErased } from '@usher/contract';
import getPort from 'get-port';
import type { Pool } from 'pg';
import { ShowLogRepository } from '../../../src/shows/store/show-log.repository.js';
import { digestOf } from '../../simulation/reference/digest.js';
import { ReferenceShow } from '../../simulation/reference/reference-show.js';
import { makeAccessCodes, redeem, reserve } from '../../support/access-codes.js';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { passChallenge, quickChallenges } from '../../support/challenges.js';
import { book } from '../../support/book-seats.js';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../../support/database.js';
import { tablesWith } from '../../support/database-text.js';
import { enterShow } from '../../support/entry-line.js';
import { openLane, plainTerms } from '../../support/lanes.js';
import { TestMailbox } from '../../support/mailbox.js';
import { cards, Payer } from '../../support/payer.js';
import { RestCaller } from '../../support/rest.js';
import { ServiceProcess } from '../../support/service-process.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';
import { fetchTicketsOf } from '../../support/tickets.js';
import { waitUntil } from '../../support/wait-until.js';

const dataPath = '/v1/session/data';
const email = 'ada.erased@example.com';
const endpoint = 'https://push.example.com/send/erased-browser';
const keys = {
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
};

let database: TestDatabase;
let mailbox: TestMailbox;
let service: ServiceProcess;
let url: string;
let pool: Pool;
const sockets: TestSocket[] = [];

beforeAll(async () => {
  [database, mailbox] = await Promise.all([createTestDatabase({ demo: false }), TestMailbox.start()]);
  pool = testPool(database.url, 3);
  const port = await getPort({ host: '127.0.0.1' });
  service = ServiceProcess.start({
    ...testEnvironment(database.url, quickChallenges),
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`, // the pay pages are at this address
    ADMIN_API_KEY: adminKey,
    LOG_LEVEL: 'trace',
    SMTP_URL: mailbox.url,
  });
  url = await service.waitUntilReady();
}, 60_000);

afterAll(async () => {
  for (const socket of sockets) socket.close();
  await service.end('SIGKILL');
  await pool.end();
  await mailbox.close();
  await database.drop();
});

/** Connects a socket that is closed after the last test. */
async function connect(token?: string): Promise<TestSocket> {
  const socket = await TestSocket.connect(url, token === undefined ? {} : { auth: { token } });
  sockets.push(socket);
  return socket;
}

const exportData = async (caller: RestCaller): Promise<SessionData> => {
  const { status, body } = await caller.call('GET', dataPath);
  expect(status).toBe(200);
  return validate(endpoints.exportSessionData.answer, body);
};

const eraseData = async (caller: RestCaller): Promise<SessionErased> => {
  const { status, body } = await caller.call('DELETE', dataPath);
  expect({ status, body }).toMatchObject({ status: 200 });
  return validate(endpoints.eraseSessionData.answer, body);
};

/** So soon that a gate admits the holders of tickets. */
const soon = new Date(Date.now() + 30 * 60 * 1000);

const room = { waitingRoom: { mode: 'on', maxShoppers: 1 } } as const;

/** A buyer about whom the service has stored data of every kind. */
interface Buyer {
  readonly caller: RestCaller;
  readonly socket: TestSocket;
  readonly sale: number;
  readonly entered: number;
  readonly line: number;
  readonly bookingId: string;
  readonly holdId: string;
}

/** Creates the data with one buyer. Mails to the buyer's address stay pending, because the mail server is busy. */
async function createBuyer(): Promise<Buyer> {
  mailbox.refusals.set(email, 451);
  const caller = await RestCaller.begin(url);
  const { sessionId, token } = caller.session;
  const socket = await connect(token);
  const [sale, entered, line] = [
    await makeShow(pool, { startsAt: soon }),
    await makeShow(pool, room),
    await makeShow(pool, room),
  ];
  const { codes } = await makeAccessCodes(new Admin(() => url), sale);
  await redeem(caller, sale, codes[0]);
  const payer = new Payer(caller);
  const held = await payer.hold(sale, [0]);
  const contact = await caller.call(
    'PUT',
    `/v1/bookings/${held.bookingId}/contact`,
    { email },
    {
      'idempotency-key': `${sessionId} contact`,
    },
  );
  expect(contact.status).toBe(200);
  await payer.startAndPay(held, cards.good);
  await socket.next('booking:updated', ({ booking }) => booking.status === 'booked');
  await fetchTicketsOf(caller, held.bookingId);
  await passChallenge(caller, sale);
  const hold = await caller.call(
    'POST',
    `/v1/shows/${sale}/reservations`,
    { seats: [4, 5] },
    {
      'idempotency-key': `${sessionId} hold`,
    },
  );
  const released = await payer.hold(sale, [8]);
  await caller.call('DELETE', `/v1/bookings/${released.bookingId}`);
  await enterShow(socket, entered);
  await enterShow(await connect(), line);
  const joined = await caller.call(
    'POST',
    `/v1/shows/${line}/queue`,
    { partySize: 2 },
    {
      'idempotency-key': `${sessionId} join`,
    },
  );
  const pushed = await caller.call('POST', '/v1/push/subscriptions', { endpoint, keys });
  expect([hold.status, joined.status, pushed.status]).toEqual([201, 201, 201]);
  await waitUntil(async () => (await tablesWith(pool, [email])).includes('mail_message'));
  return { caller, socket, sale, entered, line, bookingId: held.bookingId, holdId: String(hold.body['bookingId']) };
}

describe('a session', () => {
  it('exports everything that is stored about it', async () => {
    const { caller, sale, entered, line, bookingId, holdId } = await createBuyer();
    const data = await exportData(caller);
    expect(data).toMatchObject({ sessionId: caller.session.sessionId, isComplete: true });
    expect(data.bookings.map((one) => [one.showId, one.status, one.seats, one.email])).toEqual([
      [sale, 'released', [8], null],
      [sale, 'reserved', [4, 5], null],
      [sale, 'booked', [0], email],
    ]);
    expect(data.bookings.map((one) => one.bookingId).slice(1)).toEqual([holdId, bookingId]);
    expect(data.payments).toMatchObject([{ bookingId, status: 'succeeded', price: { amount: 1250, currency: 'EUR' } }]);
    expect(data.tickets).toMatchObject([{ bookingId, seat: 0, usedAt: null }]);
    expect(data.mails).toMatchObject([{ bookingId, kind: 'booked', status: 'pending', to: email }]);
    expect(data.waits).toMatchObject([
      { showId: line, line: 'entry', partySize: 2, outcome: null },
      { showId: entered },
    ]);
    expect(data.stays).toMatchObject([{ showId: entered, isInside: true }]);
    expect(data.accessCodeUses).toMatchObject([{ showId: sale, seats: 2 }]);
    expect(data.pushSubscriptions).toMatchObject([{ endpoint }]);
    const names = ['join', 'hold', 'contact'];
    expect(data.idempotencyKeys.map(({ key }) => key)).toEqual(
      names.map((name) => `${caller.session.sessionId} ${name}`),
    );
    expect(data.challenges).toMatchObject([{ showId: sale }]);
    const stranger = await RestCaller.begin(url);
    expect((await exportData(stranger)).bookings).toEqual([]);
    await eraseData(caller);
  });

  it('erases its data, so that no table and no log line contains its id, its address or its browser', async () => {
    const { caller, socket, sale, line, bookingId, holdId } = await createBuyer();
    const [ticket] = await fetchTicketsOf(caller, bookingId);
    const { sessionId } = caller.session;
    const traces = [sessionId, email, endpoint];
    // The data exists, so the test would notice if one of these tables kept it.
    expect(await tablesWith(pool, traces)).toEqual(
      expect.arrayContaining([
        'access_code_use',
        'booking',
        'booking_contact',
        'challenge_pass',
        'idempotency_key',
        'line_key',
        'mail_message',
        'payment',
        'push_subscription',
        'show_log',
        'stay',
        'waiter',
      ]),
    );
    const disconnected = new Promise((resolve) => socket.io.once('disconnect', resolve));
    const { session, keptBookings } = await eraseData(caller);
    await disconnected;
    expect(keptBookings).toEqual([bookingId]);
    expect(session.sessionId).not.toBe(sessionId);
    expect(await tablesWith(pool, traces)).toEqual([]);
    expect(service.output + service.errors).toContain('/v1/session/data');
    for (const trace of traces) expect(service.output + service.errors).not.toContain(trace);

    // The seats of the hold are free, the place in line is gone, and the paid ticket still admits its holder.
    const { rows } = await pool.query('select status from booking where booking_id = $1', [holdId]);
    expect(rows).toEqual([{ status: 'released' }]);
    const { body: queue } = await caller.call('GET', `/v1/shows/${line}/queue`);
    expect(queue).toBeNull();
    const admitted = await caller.call(
      'POST',
      '/v1/tickets/check-ins',
      { code: ticket!.code },
      { 'x-api-key': adminKey },
    );
    expect(admitted).toMatchObject({ status: 200, body: { result: 'admitted' } });
    expect((await caller.call('GET', `/v1/bookings/${bookingId}`)).status).toBe(403);
    const byStaff = await caller.call('GET', `/v1/bookings/${bookingId}`, undefined, { 'x-api-key': adminKey });
    expect(byStaff).toMatchObject({ status: 200, body: { status: 'booked', total: { amount: 1250 } } });

    // The log still gives exactly the tables, and the proof of the line is still complete.
    await expectLogMatchesTables(sale);
    const proof = await fetchProof(url, line, 'entry');
    expect((await verifyLine({ proof, line: 'entry' })).checks.filter(({ state }) => state === 'failed')).toEqual([]);

    // A repeated call is harmless.
    expect((await eraseData(caller)).keptBookings).toEqual([]);
  });

  it('that was erased cannot use its access code again, not even at once on the node that remembers it', async () => {
    const caller = await RestCaller.begin(url);
    const showId = await makeShow(pool, { protection: { codeRequired: true } });
    const { codes } = await makeAccessCodes(new Admin(() => url), showId);
    await redeem(caller, showId, codes[0]);
    await book(pool, caller, showId, [0, 1]);
    // The node reads the uses of the code, and remembers them for a second.
    await caller.call('GET', `/v1/shows/${showId}/access-code`);
    await eraseData(caller);
    const calls = await Promise.all([2, 3, 4].map((seat) => reserve(caller, showId, [seat])));
    expect(calls.map(({ body }) => body.code)).toEqual(['CODE_REQUIRED', 'CODE_REQUIRED', 'CODE_REQUIRED']);
    expect(await redeem(caller, showId, codes[0])).toMatchObject({ status: 409, body: { reason: 'usedUp' } });
  });

  it('cannot be erased while a payment is running, and can be erased when the payment has ended', async () => {
    const caller = await RestCaller.begin(url);
    const payer = new Payer(caller);
    const socket = await connect(caller.session.token);
    const held = await payer.hold(await makeShow(pool), [0]);
    const payment = await payer.start(held);
    const refusal = await caller.call('DELETE', dataPath);
    expect(refusal).toMatchObject({ status: 409, body: { code: 'BOOKING_STATE', bookingStatus: 'reserved' } });
    expect(await payer.booking(held)).toMatchObject({ status: 'reserved' });
    await payer.pay(payment, cards.good);
    await socket.next('booking:updated', ({ booking }) => booking.status === 'booked');
    expect((await eraseData(caller)).keptBookings).toEqual([held.bookingId]);
    expect(await tablesWith(pool, [caller.session.sessionId])).toEqual([]);
  });

  it('is erased by another node if the node of the call dies in the middle', async () => {
    const caller = await RestCaller.begin(url);
    const { sessionId } = caller.session;
    const showId = await makeShow(pool);
    await new Payer(caller).hold(showId, [0]);
    const { bookingId } = await book(pool, caller, showId, [1]);
    await caller.call('PUT', `/v1/bookings/${bookingId}/contact`, { email: 'crash@example.com' });
    // A node stores this at the beginning. Its lane then gives the paid bookings to the pseudonym.
    const pseudonym = '00000000-0000-7000-8000-000000000001';
    await pool.query('update booking set session_id = $1 where booking_id = $2', [pseudonym, bookingId]);
    await pool.query('insert into session_erasure (session_id, pseudonym, due_at) values ($1, $2, now())', [
      sessionId,
      pseudonym,
    ]);
    const other = ServiceProcess.start(testEnvironment(database.url));
    try {
      await other.waitUntilReady();
      await waitUntil(async () => (await tablesWith(pool, [sessionId, 'crash@example.com'])).length === 0);
    } finally {
      await other.end('SIGKILL');
    }
    await expectLogMatchesTables(showId);
  });

  it('needs a token', async () => {
    for (const method of ['GET', 'DELETE']) {
      expect((await fetch(url + dataPath, { method })).status).toBe(401);
    }
  });
});

/** Folds the log of a show, and compares the result with the tables. */
async function expectLogMatchesTables(showId: number): Promise<void> {
  const { lane } = await openLane(plainTerms(showId), pool);
  const fold = new ReferenceShow(lane.terms.layout.seatCount);
  for (const entry of await new ShowLogRepository(pool).entriesAfter(showId, 0, null)) fold.apply(entry);
  expect(digestOf(lane.state)).toBe(fold.digest());
}
