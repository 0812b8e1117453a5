import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { insertSyntheticCatalog } from '../../../src/catalog/synthetic/synthetic-catalog.js';
import { adminKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import { forwardedFor } from '../../support/limited-app.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';
import { waitUntil } from '../../support/wait-until.js';

/** The service has its default limits. The tests pretend to call from any address. */
const app = setUpApp({ env: { ADMIN_API_KEY: adminKey, PROXIES: '1' } });
const buyerAddress = '198.51.100.1';
let showId: number;
let buyer: TestSocket;
let nextSeat = 0;

beforeAll(async () => {
  const client = await app.pool.connect();
  const size = { country: 'US', cities: 100, cinemas: 10, halls: 2, movies: 2000, days: 14, shows: 30_000 };
  await insertSyntheticCatalog(client, { ...size, seed: 'floods' }, new Date(), () => undefined);
  client.release();
  showId = await makeShow(app.pool, { rows: 150, seatsPerRow: 200, rules: { maxSeatsPerSession: 30_000 } });
  buyer = await app.connect({ extraHeaders: forwardedFor(buyerAddress) });
  await measureReservations(500);
}, 60_000);

/** Reserves seats one after the other for some time. Returns the median time of a reservation in ms. */
async function measureReservations(forMs: number): Promise<number> {
  const times: number[] = [];
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    const startedAt = performance.now();
    await buyer.ask('reservation:create', { showId, seats: [nextSeat++] });
    times.push(performance.now() - startedAt);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/**
 * Maximum number of calls per second of a flood. The client shares the machine with the service, so cheap calls without a
 * pause would measure the client.
 */
const callsPerSecond = 300;

/** Sends calls from an address on 30 connections, until the test has ended. */
async function flood(
  act: () => Promise<unknown>,
  address: string,
  request: (n: number) => [string, object?],
): Promise<void> {
  const end = new AbortController();
  const beganAt = performance.now();
  let n = 0;
  const callers = Array.from({ length: 30 }, async () => {
    while (!end.signal.aborted) {
      const [path, headers] = request(n++);
      const earlyMs = beganAt + (n * 1000) / callsPerSecond - performance.now();
      if (earlyMs > 0) await delay(earlyMs);
      const answer = await fetch(app.url + path, { headers: { ...forwardedFor(address), ...headers } });
      await answer.arrayBuffer();
    }
  });
  try {
    await act();
  } finally {
    end.abort();
    await Promise.all(callers);
  }
}

describe('a buyer still reserves in time during', () => {
  it.each<[string, (n: number) => [string, object?]]>([
    [
      'searches of everything',
      (n) => [`/v1/movies/search?sort=title&limit=100&lat=40&lon=-9${n % 10}.${n}&radiusKm=500`],
    ],
    ['misspelt searches', (n) => [`/v1/movies/search?keyword=mignihgt${n.toString(36)}`]],
    ['listings with ever-new parameters', (n) => [`/v1/cities/${1 + (n % 100)}/movies?limit=${1 + (n % 100)}`]],
    ['guesses of API keys', (n) => ['/v1/admin/mails', { 'x-api-key': `usher_guess_${n}` }]],
  ])('%s, from the same and from another address', async (_, request) => {
    for (const address of [buyerAddress, '203.0.113.7']) {
      // Other tests may slow the machine down at any time, so the buyer is measured alone before and after the flood.
      const beforeMs = await measureReservations(500);
      let duringMs = 0;
      const measure = async () => {
        duringMs = await measureReservations(1000);
      };
      await flood(measure, address, request);
      const afterMs = await measureReservations(500);
      expect(duringMs).toBeLessThan(5 * Math.max(beforeMs, afterMs) + 50);
    }
  });
});

describe('expensive reads that hang', () => {
  /** Number of reads that wait for the locked table. */
  async function countHangingReads(): Promise<number> {
    const { rows } = await app.pool.query<{ count: number }>(
      `select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows[0]!.count;
  }

  it.each<[string, (n: number) => string]>([
    ['searches', (n) => `/v1/movies/search?city=${1 + n}`],
    ['listings', (n) => `/v1/cities/${1 + n}/movies`],
  ])('occupy two connections of a node, so that a buyer still reserves, and end with BUSY: %s', async (_, path) => {
    const client = await app.pool.connect();
    try {
      await client.query('begin; lock table movie in access exclusive mode');
      const reads = Array.from({ length: 40 }, (_unused, n) =>
        fetch(app.url + path(n), { headers: forwardedFor(`203.0.113.${n}`) }),
      );
      await waitUntil(async () => (await countHangingReads()) > 0);
      await measureReservations(500);
      expect(await countHangingReads()).toBeLessThanOrEqual(2);
      const first = await Promise.race(reads);
      expect(await first.json()).toMatchObject({ code: 'BUSY', retryAfterMs: expect.any(Number) });
      await client.query('rollback');
      await Promise.all(reads);
    } finally {
      // Closes the connection, which ends its transaction if the test has failed.
      client.release(true);
    }
  });
});
