import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, SeatMapWithCounts } from '@usher/contract';
import type { z } from 'zod';
import { readJson } from '../../support/contract-shapes.js';
import { makeDataFolder, ServiceProcess } from '../../support/service-process.js';
import { testSessionSecret } from '../../support/test-session-secret.js';
import { type RestAnswer, RestCaller } from '../../support/rest.js';
import { TestSocket } from '../../support/socket.js';

const cleanUps: (() => Promise<unknown>)[] = [];

async function cleanUp(): Promise<void> {
  for (const one of cleanUps.splice(0).toReversed()) await one();
}

/**
 * The data folder that all tests share. The first start creates a database and the demo catalog in it, which takes
 * several seconds.
 */
let dataDir: string;
let removeDataDir: () => Promise<void>;

beforeAll(async () => {
  ({ path: dataDir, remove: removeDataDir } = await makeDataFolder());
});

afterAll(async () => {
  await cleanUp();
  await removeDataDir();
});

function start(env: Record<string, string>): ServiceProcess {
  const service = ServiceProcess.start(env);
  cleanUps.push(() => service.end('SIGTERM'));
  return service;
}

const startOnDataFolder = (env: Record<string, string> = {}) => start({ DATA_DIR: dataDir, ...env });

/**
 * Repeats a call as long as the answer is 503 because the database is down. Waits before each repetition as long as the
 * answer says, as a client does.
 */
async function callUntilServed(call: () => Promise<RestAnswer>): Promise<RestAnswer> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await call();
    if (answer.status !== 503 || performance.now() > deadline) return answer;
    await delay(Number(answer.body['retryAfterMs']));
  }
}

const usedShows = new Set<number>();

/** Returns the first show on sale that no test has used yet. Finds the show in the same way as a buyer. */
async function findUnusedShow(url: string): Promise<number> {
  const read = async <T>(schema: z.ZodType<T>, path: string) => readJson(schema, await fetch(`${url}/v1/${path}`));
  const cities = await read(endpoints.listCities.answer, 'cities');
  for (const { cityId } of cities.items) {
    const movies = await read(endpoints.listMoviesOfCity.answer, `cities/${cityId}/movies`);
    for (const { movieId } of movies.items) {
      const path = `movies/${movieId}/showtimes?cityId=${cityId}`;
      const showtimes = await read(endpoints.listShowtimesOfMovie.answer, path);
      const unused = showtimes.items
        .flatMap(({ shows }) => shows)
        .find(({ showId, saleStatus }) => saleStatus === 'open' && !usedShows.has(showId));
      if (!unused) continue;
      usedShows.add(unused.showId);
      return unused.showId;
    }
  }
  throw new Error('the demo has no unused show on sale');
}

describe('the command that starts the service', () => {
  let service: ServiceProcess | undefined;

  /** Returns the URL of the service that several tests share. Starts it if it does not run. */
  async function ensureRunning(): Promise<string> {
    service ??= startOnDataFolder();
    return service.waitUntilReady();
  }

  afterAll(cleanUp);

  it('starts everything on an empty folder, and loses no acknowledged hold after kill -9', async () => {
    expect(await readdir(dataDir)).toEqual([]);
    // On a busy machine, the second start may take almost as long as this hold lasts.
    const first = startOnDataFolder({ HOLD_SECONDS: '15' });
    const url = await first.waitUntilReady();
    const page = await fetch(url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    const showId = await findUnusedShow(url);
    const caller = await RestCaller.begin(url);
    const created = await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 2 } });
    expect(created.status).toBe(201);
    await first.end('SIGKILL');

    const secondUrl = await ensureRunning();
    const { token } = caller.session; // The secret that signed this token survives the restart.
    const socket = await TestSocket.connect(secondUrl, { auth: { token } });
    cleanUps.push(async () => socket.close());
    const joined = await socket.ask('show:join', { showId });
    expect(joined).toMatchObject({ version: 1, bookings: [created.body] });
    const expired = await socket.next('booking:updated', undefined, 20_000);
    expect(expired.booking).toMatchObject({ bookingId: created.body.bookingId, status: 'expired' });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(created.body.expiresAt)));
    socket.close();
  }, 60_000);

  it('refuses to start a second service on the same data folder, and the first one continues', async () => {
    const url = await ensureRunning();
    const { code, error } = await startOnDataFolder().waitForFailure();
    expect([code, error]).toEqual([1, expect.stringContaining('Another Usher uses ')]);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  }, 60_000);

  it('restarts its database when the database dies, and loses nothing', async () => {
    const url = await ensureRunning();
    const showId = await findUnusedShow(url);
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
  }, 90_000);

  it('ends without an error on SIGTERM', async () => {
    await ensureRunning();
    const running = service!;
    service = undefined;
    expect([await running.end('SIGTERM'), running.errors]).toEqual([0, '']);
  }, 60_000);

  it('expires holds at the next start if their time ended while the service was down', async () => {
    const shortHolds = { HOLD_SECONDS: '1' };
    const first = startOnDataFolder(shortHolds);
    const url = await first.waitUntilReady();
    const showId = await findUnusedShow(url);
    const caller = await RestCaller.begin(url);
    const created = await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 4 } });
    await first.end('SIGKILL');
    const secondUrl = await startOnDataFolder(shortHolds).waitUntilReady(); // The start takes longer than the hold lasts.
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
});

/** Each entry has a mistake, the settings with this mistake, and the line that the start must print. */
const impossibleStarts: readonly [mistake: string, env: Record<string, string>, line: RegExp][] = [
  ['an invalid setting', { HOLD_SECONDS: 'soon' }, /HOLD_SECONDS: /],
  [
    'a data folder that the service cannot write to',
    { DATA_DIR: '/dev/null/usher' },
    /DATA_DIR: this user cannot write to \/dev\/null\/usher/,
  ],
  [
    'a database that does not answer',
    { DATABASE_URL: 'postgres://usher:wrong@127.0.0.1:1/usher', SESSION_SECRET: testSessionSecret },
    /DATABASE_URL: cannot connect to PostgreSQL at 127\.0\.0\.1:1\/usher .*\. Check/,
  ],
  [
    'a URL that names no PostgreSQL database',
    { DATABASE_URL: 'http://127.0.0.1/' },
    /DATABASE_URL: must be a postgres/,
  ],
  [
    'secrets that are easy to guess',
    { DATABASE_URL: 'postgres://127.0.0.1/usher', SESSION_SECRET: 'x'.repeat(32), ADMIN_API_KEY: 'changeme changeme' },
    /SESSION_SECRET has fewer than .* ADMIN_API_KEY contains a word of an example.*openssl rand -base64 32/,
  ],
  ['a missing secret', { DATABASE_URL: 'postgres://127.0.0.1/usher' }, /SESSION_SECRET is needed/],
  [
    'a missing encryption key',
    { DATABASE_URL: 'postgres://127.0.0.1/usher', SESSION_SECRET: testSessionSecret, ENCRYPTION_KEY: '' },
    /ENCRYPTION_KEY is needed because .*ENCRYPTION_KEY=\$\(openssl rand -hex 32\)/,
  ],
  [
    'no payment provider and no public address',
    {
      DATABASE_URL: 'postgres://127.0.0.1/usher',
      SESSION_SECRET: testSessionSecret,
      PAYMENT_PROVIDER: '',
      PUBLIC_URL: '',
    },
    /PAYMENT_PROVIDER is needed because .*PAYMENT_PROVIDER=sandbox.* PUBLIC_URL is needed because .*PUBLIC_URL=https:/,
  ],
];

describe('a start that must fail', () => {
  const services = new Map<string, ServiceProcess>();

  // All starts run at the same time, because one of them waits 10 s for its database.
  beforeAll(() => {
    for (const [mistake, env] of impossibleStarts) services.set(mistake, start(env));
  });

  it.each(impossibleStarts)(
    'stops with one line that names the problem and its solution: %s',
    async (mistake, _, line) => {
      const { code, error } = await services.get(mistake)!.waitForFailure();
      expect(code).toBe(1);
      expect(error).toMatch(line);
      expect(error.trimEnd().split('\n')).toHaveLength(1);
      expect(error).not.toContain('wrong@');
    },
    60_000,
  );

  it('stops when the port is in use, and leaves no database running', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => new Promise((resolve) => other.close(resolve)));
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const { code, error } = await startOnDataFolder({ PORT: port }).waitForFailure();
    expect([code, error]).toEqual([
      1,
      expect.stringMatching(new RegExp(`PORT: another program uses port ${port} on 127\\.0\\.0\\.1\\. `)),
    ]);
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid');
  }, 60_000);

  it('stops if the key file is not the one with which the secrets of the embedded database were encrypted', async () => {
    const file = join(dataDir, 'encryption-key');
    const key = await readFile(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await writeFile(file, 'f'.repeat(64));
    const { code, error } = await startOnDataFolder().waitForFailure();
    await writeFile(file, key);
    expect([code, error]).toEqual([
      1,
      expect.stringMatching(/encryption-key is not the key of this database\. Restore the file from a backup/),
    ]);
    expect(error.trimEnd().split('\n')).toHaveLength(1);
    expect(await readdir(join(dataDir, 'postgres'))).not.toContain('postmaster.pid');
  }, 60_000);
});
