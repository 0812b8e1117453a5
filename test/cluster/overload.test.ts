import { afterEach, describe, expect, it } from '@jest/globals';
import type { Acknowledgement } from '@usher/contract';
import { io } from 'socket.io-client';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../support/database.js';
import { ServiceProcess } from '../support/process.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';

/** How long a node may take to notice that it is past what it can do, or no longer. */
const noticeMsMax = 15_000;

describe('a node', () => {
  let database: TestDatabase;
  let process: ServiceProcess;
  const sockets: TestSocket[] = [];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await process.end('SIGKILL');
    await database.drop();
  });

  async function start(env: Record<string, string>): Promise<{ url: string; showId: number }> {
    database = await createTestDatabase({ demo: false });
    const pool = testPool(database.url, 1);
    const showId = await makeShow(pool, { rows: 20, seatsPerRow: 20 });
    await pool.end();
    process = ServiceProcess.start(testEnvironment(database.url, env));
    return { url: await process.ready(), showId };
  }

  async function connect(url: string, headers: Record<string, string> = {}): Promise<TestSocket> {
    const socket = await TestSocket.connect(url, { extraHeaders: headers, reconnection: false });
    sockets.push(socket);
    return socket;
  }

  it('that is past what it can do refuses new work quickly, finishes the rest, and takes it again afterwards', async () => {
    const { url, showId } = await start({ LOOP_WAIT_MS_MAX: '3' });
    const [calm, ...crowd] = await Promise.all(Array.from({ length: 100 }, () => connect(url)));
    const { booking } = await calm!.ask('reservation:create', { showId, seats: [0] });
    const caller = await RestCaller.begin(url);

    const flooding = new AbortController();
    const answers = new Map<string, number>();
    const flood = crowd.map(async (socket) => {
      while (!flooding.signal.aborted) {
        const batch = await Promise.all(Array.from({ length: 50 }, () => socket.send('show:join', { showId })));
        for (const answer of batch) count(answers, answer);
      }
    });
    const refused = await firstRefusal(() => calm!.send('reservation:create', { showId, seats: [1] }));
    expect(refused).toMatchObject({ code: 'BUSY', status: 503, retryAfterMs: expect.any(Number) });
    const headers = await firstRefusalOverRest(caller, showId);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    await firstConnectionRefused(url);
    // What gives seats back is taken, and health is answered.
    const released = await calm!.ask('reservation:release', { bookingId: booking.bookingId });
    expect(released.booking.status).toBe('released');
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);

    flooding.abort();
    await Promise.all(flood);
    expect([...answers.keys()].toSorted()).toEqual(['BUSY', 'ok']);
    await untilTaken(() => calm!.send('reservation:create', { showId, seats: [3] }));
  }, 60_000);

  it('takes so many sockets of one address and no more, by what its own proxy says and not by what a client does', async () => {
    const { url } = await start({ SOCKETS_PER_ADDRESS_MAX: '2', PROXIES: '1' });
    const from = (addresses: string) => connect(url, { 'x-forwarded-for': addresses });
    const first = await from('192.0.2.1');
    await from('192.0.2.1');
    await expect(from('192.0.2.1')).rejects.toThrow('websocket error');
    await expect(from('198.51.100.7, 192.0.2.1')).rejects.toThrow('websocket error');
    await from('192.0.2.2');
    first.close();
    const again = io(url, {
      transports: ['websocket'],
      forceNew: true,
      extraHeaders: { 'x-forwarded-for': '192.0.2.1' },
    });
    // Socket.IO's clients come again by themselves, and are taken as soon as there is room.
    await new Promise((resolve) => again.once('connect', () => resolve(undefined)));
    again.disconnect();
  });

  it('gives each session its share of calls, and says when the next is taken', async () => {
    const { url } = await start({ CALLS_PER_SECOND_MAX: '5' });
    const [eager, other] = await Promise.all([RestCaller.begin(url), RestCaller.begin(url)]);
    const call = (caller: RestCaller) => caller.call('GET', '/v1/bookings?showId=1');
    const answers = await Promise.all(Array.from({ length: 40 }, () => call(eager)));
    const limited = answers.find(({ status }) => status === 429);
    expect(limited?.body).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) });
    expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect((await call(other)).status).toBe(200);
  });
});

function count(answers: Map<string, number>, answer: Acknowledgement<Record<string, unknown>>): void {
  const what = answer.ok ? 'ok' : answer.error.code;
  answers.set(what, (answers.get(what) ?? 0) + 1);
}

type Ask = () => Promise<Acknowledgement<Record<string, unknown>>>;

/** Asks until it is refused as `BUSY`. */
async function firstRefusal(ask: Ask) {
  const deadline = performance.now() + noticeMsMax;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (!answer.ok && answer.error.code === 'BUSY') return answer.error;
  }
  throw new Error('it took everything');
}

async function firstRefusalOverRest(caller: RestCaller, showId: number): Promise<Headers> {
  const deadline = performance.now() + noticeMsMax;
  while (performance.now() < deadline) {
    const { body, headers } = await caller.call('POST', `/v1/shows/${showId}/reservations`, { seats: [2] });
    if (body.code === 'BUSY') return headers;
  }
  throw new Error('it took every call');
}

async function firstConnectionRefused(url: string): Promise<void> {
  const deadline = performance.now() + noticeMsMax;
  while (performance.now() < deadline) {
    try {
      (await TestSocket.connect(url, { reconnection: false })).close();
    } catch (error) {
      if (error instanceof Error && error.message === 'websocket error') return;
      throw error;
    }
  }
  throw new Error('it took every connection');
}

/** Asks until it is refused as `BUSY` no longer. */
async function untilTaken(ask: Ask): Promise<void> {
  const deadline = performance.now() + noticeMsMax;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer.ok || answer.error.code !== 'BUSY') return;
  }
  throw new Error('it stays busy');
}
