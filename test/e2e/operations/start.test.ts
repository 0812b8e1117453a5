import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { endpoints, SeatMapWithCounts } from '@usher/contract';
import type { z } from 'zod';
import { readJson } from '../../support/contract-shapes.js';
import { makeDataFolder, ServiceProcess } from '../../support/service-process.js';
import { type RestAnswer, RestCaller } from '../../support/rest.js';
import { TestSocket } from '../../support/socket.js';

const cleanUps: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

async function createDataFolder(): Promise<string> {
  const { path, remove } = await makeDataFolder();
  cleanUps.push(remove);
  return path;
}

function start(env: Record<string, string>): ServiceProcess {
  const service = ServiceProcess.start(env);
  cleanUps.push(() => service.end('SIGTERM'));
  return service;
}

/** Repeats a call while the answer is 503, after the delay that the answer names, as a client does while the database is down. */
async function callUntilServed(call: () => Promise<RestAnswer>): Promise<RestAnswer> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await call();
    if (answer.status !== 503 || performance.now() > deadline) return answer;
    await delay(Number(answer.body['retryAfterMs']));
  }
}

/** Returns the first show on sale, found in the way a buyer finds a show. */
async function findShowOnSale(url: string): Promise<number> {
  const read = async <T>(schema: z.ZodType<T>, path: string) => readJson(schema, await fetch(`${url}/v1/${path}`));
  const cities = await read(endpoints.listCities.answer, 'cities');
  for (const { cityId } of cities.items) {
    const movies = await read(endpoints.listMoviesOfCity.answer, `cities/${cityId}/movies`);
    for (const { movieId } of movies.items) {
      const path = `movies/${movieId}/showtimes?cityId=${cityId}`;
      const showtimes = await read(endpoints.listShowtimesOfMovie.answer, path);
      const open = showtimes.items.flatMap(({ shows }) => shows).find(({ saleStatus }) => saleStatus === 'open');
      if (open) return open.showId;
    }
  }
  throw new Error('the demo has no show on sale');
}

describe('a start that must fail', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['an invalid setting', { HOLD_SECONDS: 'soon' }, /HOLD_SECONDS: /],
    [
      'a data folder that the service cannot write to',
      { DATA_DIR: '/dev/null/usher' },
      /DATA_DIR: this user cannot write to \/dev\/null\/usher/,
    ],
    [
      'a database that does not answer',
      { DATABASE_URL: 'postgres://usher:wrong@127.0.0.1:1/usher', SESSION_SECRET: 'x'.repeat(32) },
      /DATABASE_URL: cannot connect to PostgreSQL at 127\.0\.0\.1:1\/usher .*\. Check/,
    ],
    [
      'a URL that names no PostgreSQL database',
      { DATABASE_URL: 'http://127.0.0.1/' },
      /DATABASE_URL: must be a postgres/,
    ],
    ['a missing secret', { DATABASE_URL: 'postgres://127.0.0.1/usher' }, /SESSION_SECRET is needed/],
    [
      'no payment provider and no public address',
      {
        DATABASE_URL: 'postgres://127.0.0.1/usher',
        SESSION_SECRET: 'x'.repeat(32),
        PAYMENT_PROVIDER: '',
        PUBLIC_URL: '',
      },
      /PAYMENT_PROVIDER is needed because .*PAYMENT_PROVIDER=sandbox.* PUBLIC_URL is needed because .*PUBLIC_URL=https:/,
    ],
  ])('stops with one line that names the problem and its solution: %s', async (_, env, line) => {
    const { code, error } = await start(env).waitForFailure();
    expect(code).toBe(1);
    expect(error).toMatch(line);
    expect(error.trimEnd().split('\n')).toHaveLength(1);
    expect(error).not.toContain('wrong@');
  });

  it('stops when the port is in use, and leaves no database running', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => new Promise((resolve) => other.close(resolve)));
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const { code, error } = await start({
      DATA_DIR: await createDataFolder(),
      PORT: port,
      DEMO: 'false',
    }).waitForFailure();
    expect([code, error]).toEqual([
      1,
      expect.stringMatching(new RegExp(`PORT: another program uses port ${port} on 127\\.0\\.0\\.1\\. `)),
    ]);
  });
});

describe('the command that starts the service', () => {
  it('starts everything on an empty folder, and loses no acknowledged hold after kill -9', async () => {
    // The second start may take almost this long on a busy machine.
    const env = { DATA_DIR: await createDataFolder(), HOLD_SECONDS: '15' };
    const first = start(env);
    const url = await first.waitUntilReady();
    const page = await fetch(url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    const showId = await findShowOnSale(url);
    const caller = await RestCaller.begin(url);
    const created = await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 2 } });
    expect(created.status).toBe(201);
    await first.end('SIGKILL');

    const second = start(env);
    const secondUrl = await second.waitUntilReady();
    const { token } = caller.session; // The secret that signed this token survives the restart.
    const socket = await TestSocket.connect(secondUrl, { auth: { token } });
    cleanUps.push(async () => socket.close());
    const joined = await socket.ask('show:join', { showId });
    expect(joined).toMatchObject({ version: 1, bookings: [created.body] });
    const expired = await socket.next('booking:updated', undefined, 20_000);
    expect(expired.booking).toMatchObject({ bookingId: created.body.bookingId, status: 'expired' });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(created.body.expiresAt)));
    socket.close();
    await second.end('SIGKILL');
  }, 60_000);

  it('restarts its database when the database dies, and loses nothing', async () => {
    const dataDir = await createDataFolder();
    const service = start({ DATA_DIR: dataDir });
    const url = await service.waitUntilReady();
    const showId = await findShowOnSale(url);
    const [caller, socket] = await Promise.all([RestCaller.begin(url), TestSocket.connect(url)]);
    await socket.ask('show:join', { showId });
    const created = await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 2 } });
    const [postmaster] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(postmaster), 'SIGKILL');
    // The connections live for a moment longer, so the first answers may still succeed.
    const secondHold = await callUntilServed(() =>
      caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 1 } }),
    );
    expect(secondHold.status).toBe(201);
    const kept = await callUntilServed(() => caller.call('GET', `/v1/bookings/${String(created.body.bookingId)}`));
    expect(kept.body).toEqual(created.body);
    expect(await socket.ask('show:join', { showId })).toMatchObject({ version: 2 });
    socket.close();
    expect([await service.end('SIGTERM'), service.errors]).toEqual([0, '']);
  }, 90_000);

  it('expires at the next start the holds that ran out while the service was down', async () => {
    const env = { DATA_DIR: await createDataFolder(), HOLD_SECONDS: '1' };
    const first = start(env);
    const url = await first.waitUntilReady();
    const showId = await findShowOnSale(url);
    const caller = await RestCaller.begin(url);
    const created = await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 4 } });
    await first.end('SIGKILL');
    const secondUrl = await start(env).waitUntilReady(); // The start takes longer than the hold lasts.
    const socket = await TestSocket.connect(secondUrl, { auth: { token: caller.session.token } });
    await socket.ask('show:join', { showId });
    const { version } = await socket.next('show:version', (beat) => beat.version === 2);
    expect(version).toBe(2);
    const map = await readJson(SeatMapWithCounts, await fetch(`${secondUrl}/v1/shows/${showId}/seats`));
    expect(map.counts).toMatchObject({ held: 0 });
    const booking = await fetch(`${secondUrl}/v1/bookings/${String(created.body.bookingId)}`, {
      headers: { authorization: `Bearer ${caller.session.token}` },
    });
    expect(await booking.json()).toMatchObject({ status: 'expired' });
    socket.close();
  }, 60_000);

  it('refuses to start a second service on the same data folder, and the first one continues', async () => {
    const env = { DATA_DIR: await createDataFolder(), DEMO: 'false' };
    const first = start(env);
    const url = await first.waitUntilReady();
    const { code, error } = await start(env).waitForFailure();
    expect([code, error]).toEqual([1, expect.stringContaining('Another Usher uses ')]);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(await first.end('SIGTERM')).toBe(0);
  }, 60_000);
});
