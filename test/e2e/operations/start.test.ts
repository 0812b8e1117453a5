import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { dataFolder, ServiceProcess } from '../../support/process.js';
import { type RestAnswer, RestCaller } from '../../support/rest.js';
import { TestSocket } from '../../support/socket.js';

const cleanUps: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

async function freshFolder(): Promise<string> {
  const { path, remove } = await dataFolder();
  cleanUps.push(remove);
  return path;
}

function start(env: Record<string, string>): ServiceProcess {
  const service = ServiceProcess.start(env);
  cleanUps.push(() => service.end('SIGTERM'));
  return service;
}

/** Calls until the answer is not "busy, try again in so many ms", as a client does while a database is away. */
async function served(call: () => Promise<RestAnswer>): Promise<RestAnswer> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await call();
    if (answer.status !== 503 || performance.now() > deadline) return answer;
    await delay(Number(answer.body['retryAfterMs']));
  }
}

/** The first show on sale that is found the way a buyer finds one. */
async function showOnSale(url: string): Promise<number> {
  const read = async (path: string) => (await (await fetch(`${url}/v1/${path}`)).json()) as { items: never[] };
  const cities = (await read('cities')).items as { cityId: number }[];
  for (const { cityId } of cities) {
    for (const { movieId } of (await read(`cities/${cityId}/movies`)).items as { movieId: number }[]) {
      const showtimes = (await read(`movies/${movieId}/showtimes?cityId=${cityId}`)).items as {
        shows: { showId: number; saleStatus: string; seatCount: number }[];
      }[];
      const open = showtimes.flatMap(({ shows }) => shows).find(({ saleStatus }) => saleStatus === 'open');
      if (open) return open.showId;
    }
  }
  throw new Error('the demo has no show on sale');
}

describe('a start that cannot be', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['a setting that makes no sense', { HOLD_SECONDS: 'soon' }, /HOLD_SECONDS: /],
    ['a data folder that cannot be written', { DATA_DIR: '/dev/null/usher' }, /DATA_DIR \/dev\/null\/usher cannot be/],
    [
      'a database that does not answer',
      { DATABASE_URL: 'postgres://usher:wrong@127.0.0.1:1/usher', SESSION_SECRET: 'x'.repeat(32) },
      /DATABASE_URL: no PostgreSQL answers as 127\.0\.0\.1:1\/usher .*: check/,
    ],
    ['a database that is none', { DATABASE_URL: 'http://127.0.0.1/' }, /DATABASE_URL: must be a postgres/],
    ['a missing secret', { DATABASE_URL: 'postgres://127.0.0.1/usher' }, /SESSION_SECRET is needed/],
    [
      'payments and an address that nobody has chosen',
      {
        DATABASE_URL: 'postgres://127.0.0.1/usher',
        SESSION_SECRET: 'x'.repeat(32),
        PAYMENT_PROVIDER: '',
        PUBLIC_URL: '',
      },
      /PAYMENT_PROVIDER is needed because .*PAYMENT_PROVIDER=sandbox.* PUBLIC_URL is needed because .*PUBLIC_URL=https:/,
    ],
  ])('stops with one line that names it and the cure: %s', async (_, env, line) => {
    const { code, error } = await start(env).failed();
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
    const { code, error } = await start({ DATA_DIR: await freshFolder(), PORT: port, DEMO: 'false' }).failed();
    expect([code, error]).toEqual([
      1,
      expect.stringMatching(new RegExp(`PORT: ${port} on 127\\.0\\.0\\.1 is in use: `)),
    ]);
  });
});

describe('one command', () => {
  it('starts everything on an empty folder; killed with -9 it loses no hold that was acknowledged', async () => {
    // Longer than the second start may take on a busy machine.
    const env = { DATA_DIR: await freshFolder(), HOLD_SECONDS: '15' };
    const first = start(env);
    const url = await first.ready();
    const page = await fetch(url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    const showId = await showOnSale(url);
    const caller = await RestCaller.begin(url);
    const made = await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 2 } });
    expect(made.status).toBe(201);
    await first.end('SIGKILL');

    const second = start(env);
    const again = await second.ready();
    const { token } = caller.session; // of the session secret that was kept
    const socket = await TestSocket.connect(again, { auth: { token } });
    cleanUps.push(async () => socket.close());
    const joined = await socket.ask('show:join', { showId });
    expect(joined).toMatchObject({ version: 1, bookings: [made.body] });
    const expired = await socket.next('booking:updated', undefined, 20_000);
    expect(expired.booking).toMatchObject({ bookingId: made.body.bookingId, status: 'expired' });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(made.body.expiresAt)));
    socket.close();
    await second.end('SIGKILL');
  }, 60_000);

  it('starts its database again when that dies, and has lost nothing', async () => {
    const dataDir = await freshFolder();
    const service = start({ DATA_DIR: dataDir });
    const url = await service.ready();
    const showId = await showOnSale(url);
    const [caller, socket] = await Promise.all([RestCaller.begin(url), TestSocket.connect(url)]);
    await socket.ask('show:join', { showId });
    const made = await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 2 } });
    const [postmaster] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(postmaster), 'SIGKILL');
    // Its connections outlive it for a moment, so the first answers may still be good ones.
    const again = await served(() => caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 1 } }));
    expect(again.status).toBe(201);
    const kept = await served(() => caller.call('GET', `/v1/bookings/${String(made.body.bookingId)}`));
    expect(kept.body).toEqual(made.body);
    expect(await socket.ask('show:join', { showId })).toMatchObject({ version: 2 });
    socket.close();
    expect([await service.end('SIGTERM'), service.errors]).toEqual([0, '']);
  }, 90_000);

  it('frees at the next start what ran out while nothing ran', async () => {
    const env = { DATA_DIR: await freshFolder(), HOLD_SECONDS: '1' };
    const first = start(env);
    const url = await first.ready();
    const showId = await showOnSale(url);
    const caller = await RestCaller.begin(url);
    const made = await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 4 } });
    await first.end('SIGKILL');
    const again = await start(env).ready(); // takes longer than the hold
    const socket = await TestSocket.connect(again, { auth: { token: caller.session.token } });
    await socket.ask('show:join', { showId });
    const { version } = await socket.next('show:version', (beat) => beat.version === 2);
    expect(version).toBe(2);
    const map = (await (await fetch(`${again}/v1/shows/${showId}/seats`)).json()) as { counts: unknown };
    expect(map.counts).toMatchObject({ held: 0 });
    const booking = await fetch(`${again}/v1/bookings/${String(made.body.bookingId)}`, {
      headers: { authorization: `Bearer ${caller.session.token}` },
    });
    expect(await booking.json()).toMatchObject({ status: 'expired' });
    socket.close();
  }, 60_000);

  it('refuses a second service on the same data folder, and the first goes on', async () => {
    const env = { DATA_DIR: await freshFolder(), DEMO: 'false' };
    const first = start(env);
    const url = await first.ready();
    const { code, error } = await start(env).failed();
    expect([code, error]).toEqual([1, expect.stringContaining('Another Usher runs on')]);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(await first.end('SIGTERM')).toBe(0);
  }, 60_000);
});
