import { afterEach, describe, expect, it } from '@jest/globals';
import type { Acknowledgement } from '@usher/contract';
import { io } from 'socket.io-client';
import { createTestDatabase, type TestDatabase, testEnvironment, testPool } from '../support/database.js';
import { ServiceProcess } from '../support/service-process.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';
import { TestSocket } from '../support/socket.js';

/** How long a node may take to detect the start or the end of an overload, in ms. */
const detectionMsMax = 15_000;

describe('a node with load limits', () => {
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
    return { url: await process.waitUntilReady(), showId };
  }

  async function connect(url: string, headers: Record<string, string> = {}): Promise<TestSocket> {
    const socket = await TestSocket.connect(url, { extraHeaders: headers, reconnection: false });
    sockets.push(socket);
    return socket;
  }

  it('refuses new work while it is overloaded, finishes accepted work, and accepts new work afterwards', async () => {
    // The crowd stands for buyers at many addresses, so it must not reach the limit of one address.
    const { url, showId } = await start({ LOOP_WAIT_MS_MAX: '3', ADDRESS_PACKETS_PER_SECOND_MAX: '1000000' });
    const [calm, ...crowd] = await Promise.all(Array.from({ length: 100 }, () => connect(url)));
    const { booking } = await calm!.ask('reservation:create', { showId, seats: [0] });
    const caller = await RestCaller.begin(url);

    const flooding = new AbortController();
    const answers = new Map<string, number>();
    const flood = crowd.map(async (socket) => {
      while (!flooding.signal.aborted) {
        const batch = await Promise.all(Array.from({ length: 50 }, () => socket.send('show:join', { showId })));
        for (const answer of batch) countAnswer(answers, answer);
      }
    });
    const refused = await waitForRefusal(() => calm!.send('reservation:create', { showId, seats: [1] }));
    expect(refused).toMatchObject({ code: 'BUSY', status: 503, retryAfterMs: expect.any(Number) });
    const headers = await waitForRestRefusal(caller, showId);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    await waitForRefusedConnection(url);
    // The node still accepts requests that release seats, and answers health checks.
    const released = await calm!.ask('reservation:release', { bookingId: booking.bookingId });
    expect(released.booking.status).toBe('released');
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);

    flooding.abort();
    await Promise.all(flood);
    expect([...answers.keys()].toSorted()).toEqual(['BUSY', 'ok']);
    await waitUntilAccepted(() => calm!.send('reservation:create', { showId, seats: [3] }));
  }, 60_000);

  it('limits the sockets per address, and trusts the address from its proxy but not an address from the client', async () => {
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
    // Socket.IO's clients reconnect by themselves, so this client connects once the node has closed the first socket.
    await new Promise((resolve) => again.once('connect', () => resolve(undefined)));
    again.disconnect();
  });

  it('limits the calls of each session separately, and says in the refusal when the next call is allowed', async () => {
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

function countAnswer(answers: Map<string, number>, answer: Acknowledgement<Record<string, unknown>>): void {
  const result = answer.ok ? 'ok' : answer.error.code;
  answers.set(result, (answers.get(result) ?? 0) + 1);
}

type SendRequest = () => Promise<Acknowledgement<Record<string, unknown>>>;

/** Sends requests until the node refuses one with `BUSY`. Returns the error. */
async function waitForRefusal(send: SendRequest) {
  const deadline = performance.now() + detectionMsMax;
  while (performance.now() < deadline) {
    const answer = await send();
    if (!answer.ok && answer.error.code === 'BUSY') return answer.error;
  }
  throw new Error('the node refused no reservation over a socket in time');
}

async function waitForRestRefusal(caller: RestCaller, showId: number): Promise<Headers> {
  const deadline = performance.now() + detectionMsMax;
  while (performance.now() < deadline) {
    const { body, headers } = await caller.call('POST', `/v1/shows/${showId}/reservations`, { seats: [2] });
    if (body.code === 'BUSY') return headers;
  }
  throw new Error('the node refused no reservation over REST in time');
}

async function waitForRefusedConnection(url: string): Promise<void> {
  const deadline = performance.now() + detectionMsMax;
  while (performance.now() < deadline) {
    try {
      (await TestSocket.connect(url, { reconnection: false })).close();
    } catch (error) {
      if (error instanceof Error && error.message === 'websocket error') return;
      throw error;
    }
  }
  throw new Error('the node refused no connection in time');
}

/** Sends requests until the node no longer refuses them with `BUSY`. */
async function waitUntilAccepted(send: SendRequest): Promise<void> {
  const deadline = performance.now() + detectionMsMax;
  while (performance.now() < deadline) {
    const answer = await send();
    if (answer.ok || answer.error.code !== 'BUSY') return;
  }
  throw new Error('the node still answered BUSY at the deadline');
}
