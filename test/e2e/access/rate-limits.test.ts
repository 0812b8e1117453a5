import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import type pg from 'pg';
import { WebSocket } from 'ws';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { startApp, type TestApp } from '../../support/app.js';
import { testPool } from '../../support/database.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const callsPerSecond = 20;
const burst = 2 * callsPerSecond;

let app: TestApp;
let pool: pg.Pool;
let showId: number;
let lastAddress = 0;

beforeAll(async () => {
  app = await startApp({
    demo: false,
    env: {
      ADMIN_API_KEY: adminKey,
      PROXIES: '1',
      CALLS_PER_SECOND_MAX: String(callsPerSecond),
      ADDRESS_CALLS_PER_SECOND_MAX: '50',

      KEY_GUESSES_PER_MINUTE_MAX: '5',
    },
  });
  pool = testPool(app.databaseUrl);
  showId = await makeShow(pool);
});

afterAll(async () => {
  await pool.end();
  await app.close();
});

/** An address that no other test calls from. */
const freshAddress = () => `192.0.2.${++lastAddress}`;
const from = (address: string) => ({ 'x-forwarded-for': address });

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const call = ({ path = '/v1/cities', ...options }: Call) => fetch(app.url + path, options);

/** The statuses of calls that are sent at once. SOAP answers every fault with 500, so its code counts. */
async function statusesOf(count: number, makeCall: (index: number) => Promise<Response>): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => makeCall(index)));
  return Promise.all(
    answers.map(async (answer) => ((await answer.text()).includes('<code>RATE_LIMITED</code>') ? 429 : answer.status)),
  );
}

const count = (statuses: number[], status: number) => statuses.filter((one) => one === status).length;

async function session(address: string): Promise<RestCaller> {
  const answer = await call({ method: 'POST', path: '/v1/sessions', headers: from(address) });
  return new RestCaller(app.url, (await answer.json()) as RestCaller['session']);
}

describe('the limit of an address', () => {
  it.each<[string, (index: number) => Call]>([
    ['new sessions with a random bearer token each', () => ({ method: 'POST', path: '/v1/sessions' })],
    ['anonymous reads', () => ({})],
    ['reads with a random bearer token each', () => ({ path: `/v1/shows/${showId}/seats` })],
    ['paths that do not exist', (index) => ({ path: `/v1/nothing-${index}` })],
    ['administration with a wrong key', () => ({ path: '/v1/admin/mails', headers: { 'x-api-key': 'wrong' } })],
    ['administration in capitals, without a key', () => ({ path: '/V1/ADMIN/mails' })],
    ['administration with a slash at the end', () => ({ path: '/v1/admin/mails/' })],
    ['check-ins without a key', () => ({ method: 'POST', path: '/v1/tickets/check-ins' })],
    ['payment webhooks', () => ({ method: 'POST', path: '/v1/payments/webhooks/sandbox' })],
    ['health', () => ({ path: '/health/ready' })],
    ['metrics', () => ({ path: '/METRICS/' })],
    ['the API document', () => ({ path: '/openapi.json' })],
    ['SOAP', () => ({ method: 'POST', path: '/soap' })],
    ['SOAP in capitals', () => ({ method: 'POST', path: '/SOAP/' })],
    ['pages', () => ({ path: '/no-page' })],
  ])('holds for %s', async (_, makeCall) => {
    const address = freshAddress();
    const statuses = await statusesOf(150, (index) => {
      const { headers, ...options } = makeCall(index);
      const authorization = `Bearer ${randomBytes(24).toString('base64url')}`;
      return call({ ...options, headers: { ...from(address), authorization, ...headers } });
    });
    expect(count(statuses, 429)).toBeGreaterThanOrEqual(40);
    expect(await statusesOf(1, () => call({ headers: from(freshAddress()) }))).toEqual([200]);
  });

  it('is one limit for all addresses of an IPv6 /64, and for an IPv4 address in IPv6 form', async () => {
    const sixes = await statusesOf(burst + 20, (index) => call({ headers: from(`2001:db8:1:1:${index + 1}::9`) }));
    expect(count(sixes, 429)).toBeGreaterThan(0);
    expect(await statusesOf(1, () => call({ headers: from('2001:db8:1:2::9') }))).toEqual([200]);
    const fours = await statusesOf(burst + 20, (index) =>
      call({ headers: from(index % 2 === 0 ? '198.51.100.1' : '::ffff:198.51.100.1') }),
    );
    expect(count(fours, 429)).toBeGreaterThan(0);
  });

  it('says when the next call is accepted, as problem details that another site may read', async () => {
    const address = freshAddress();
    await statusesOf(burst, () => call({ headers: from(address) }));
    const answer = await call({ headers: from(address) });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429, retryAfterMs: expect.any(Number) });
  });

  it('leaves sessions behind the same address their own budgets, up to the wider budget of the address', async () => {
    const address = freshAddress();
    const callers = await Promise.all([session(address), session(address)]);
    await statusesOf(burst, () => call({ headers: from(address) }));
    const read = (caller: RestCaller) => caller.call('GET', '/v1/cities', undefined, from(address));
    for (const caller of callers) expect((await read(caller)).status).toBe(200);
    const more = await Promise.all(Array.from({ length: 80 }, (_, index) => read(callers[index % 2]!)));
    expect(
      count(
        more.map(({ status }) => status),
        429,
      ),
    ).toBeGreaterThan(0);
  });

  it('does not let a body be read first', async () => {
    const address = freshAddress();
    await statusesOf(burst, () => call({ headers: from(address) }));
    const answer = await call({
      method: 'POST',
      path: `/v1/shows/${showId}/reservations`,
      headers: { ...from(address), 'content-type': 'application/json' },
      body: '{ not JSON',
    });
    expect(answer.status).toBe(429);
  });
});

describe('the limit of a session', () => {
  it('holds for one verified session from many addresses', async () => {
    const { session: own } = await session(freshAddress());
    const statuses = await statusesOf(burst + 20, (index) =>
      call({ headers: { ...from(`203.0.113.${index}`), authorization: `Bearer ${own.token}` } }),
    );
    expect(count(statuses, 200)).toBe(burst);
    expect(count(statuses, 429)).toBe(20);
  });

  it('is never chosen by a token that is forged or expired', async () => {
    const address = freshAddress();
    const { session: own } = await session(freshAddress());
    const claims = { sub: own.sessionId, aud: 'usher-session' };
    const forged = Array.from({ length: burst + 20 }, (_, index) =>
      jwt.sign({ ...claims, exp: Math.floor(Date.now() / 1000) + 1000, index }, 'a key of somebody else'),
    );
    const statuses = await statusesOf(forged.length, (index) =>
      call({ headers: { ...from(address), authorization: `Bearer ${forged[index]}` } }),
    );
    expect(count(statuses, 429)).toBeGreaterThan(0);
    // The session that the tokens name has its whole budget.
    const answers = await statusesOf(burst, (index) =>
      call({ headers: { ...from(`198.51.100.${10 + index}`), authorization: `Bearer ${own.token}` } }),
    );
    expect(count(answers, 200)).toBe(burst);
  });
});

describe('guesses of API keys', () => {
  const withKey = (address: string, key: string) => ({ ...from(address), 'x-api-key': key });
  /** Ways to try a key. Each answers a code of the contract, or 'ok'. */
  const ways: [string, (address: string, key: string) => Promise<string>][] = [
    ['administration', (address, key) => rest('GET', '/v1/admin/mails', address, key)],
    ['the upload of a hall', (address, key) => rest('POST', '/v1/admin/halls', address, key)],
    ['partners', (address, key) => rest('GET', '/v1/partners/webhooks', address, key)],
    ['check-ins', (address, key) => rest('POST', '/v1/tickets/check-ins', address, key)],
    [
      'refunds',
      (address, key) => rest('POST', '/v1/bookings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/refunds', address, key),
    ],
    ['socket handshakes', handshake],
    ['SOAP', soap],
  ];

  async function rest(method: string, path: string, address: string, key: string): Promise<string> {
    const answer = await call({ method, path, headers: withKey(address, key) });
    const { code = 'ok' } = (await answer.json()) as { code?: string };
    return code;
  }

  async function handshake(address: string, apiKey: string): Promise<string> {
    try {
      const options = { auth: { apiKey }, extraHeaders: from(address), reconnection: false };
      (await TestSocket.connect(app.url, options)).close();
      return 'ok';
    } catch (error) {
      return (error as { data: { code: string } }).data.code;
    }
  }

  async function soap(address: string, key: string): Promise<string> {
    const answer = await call({
      method: 'POST',
      path: '/soap',
      headers: { ...withKey(address, key), 'content-type': 'text/xml' },
      body:
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>' +
        '<SearchMoviesRequest xmlns="urn:usher:soap:1"/></e:Body></e:Envelope>',
    });
    return /<code>(\w+)<\/code>/.exec(await answer.text())?.[1] ?? 'ok';
  }

  /** Acts while nobody can read the table of keys. A query would wait for the lock, so the test would fail. */
  async function withoutQueries<T>(act: () => Promise<T>): Promise<T> {
    const client = await pool.connect();
    try {
      await client.query('begin; lock table api_key in access exclusive mode');
      return await act();
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  it.each(ways)('have a small budget per address: %s', async (_, tryKey) => {
    const address = freshAddress();
    const answers: string[] = [];
    for (let guess = 0; guess < 12; guess++) answers.push(await tryKey(address, `usher_guess_${address}_${guess}`));
    expect(answers.slice(0, 5)).toEqual(Array(5).fill('UNAUTHENTICATED'));
    expect(answers.slice(5)).toEqual(Array(7).fill('RATE_LIMITED'));
    expect(await withoutQueries(() => tryKey(address, 'usher_one_more'))).toBe('RATE_LIMITED');
  });

  it('share one budget over all ways, also when many come at once', async () => {
    const address = freshAddress();
    const guesses = Array.from({ length: 14 }, (_, index) => ways[index % ways.length]![1](address, `guess ${index}`));
    const answers = await Promise.all(guesses);
    expect(answers.filter((answer) => answer === 'UNAUTHENTICATED')).toHaveLength(5);
    expect(answers.filter((answer) => answer === 'RATE_LIMITED')).toHaveLength(9);
  });

  it('refuse the setting ADMIN_API_KEY too after the budget is spent, unless the address used it before', async () => {
    const [known, unknown] = [freshAddress(), freshAddress()];
    const list = (address: string, key: string) => rest('GET', '/v1/admin/mails', address, key);
    expect(await list(known, adminKey)).toBe('ok');
    for (const address of [known, unknown]) {
      for (let guess = 0; guess < 6; guess++) await list(address, `guess ${guess}`);
    }
    expect(await list(known, adminKey)).toBe('ok');
    expect(await list(unknown, adminKey)).toBe('RATE_LIMITED');
  });

  it('leave a key that was used from this address before its access, until it is revoked', async () => {
    const address = freshAddress();
    const { key, keyId } = await makeKey(app.url, { roles: ['partner'] });
    const list = () => rest('GET', '/v1/partners/webhooks', address, key);
    expect(await list()).toBe('ok');
    for (let guess = 0; guess < 6; guess++) await rest('GET', '/v1/partners/webhooks', address, `guess ${guess}`);
    expect(await list()).toBe('ok');
    await call({ method: 'DELETE', path: `/v1/admin/api-keys/${keyId}`, headers: withKey(freshAddress(), adminKey) });
    expect(await list()).toBe('RATE_LIMITED');
  });

  it('count a wrong key once, so that a device with an old key does not lock out the others', async () => {
    const address = freshAddress();
    const { key } = await makeKey(app.url, { roles: ['partner'] });
    const repeated: string[] = [];
    const tryOldKey = async () => repeated.push(await rest('GET', '/v1/partners/webhooks', address, 'old key'));
    await tryOldKey();
    await withoutQueries(async () => {
      for (let turn = 0; turn < 11; turn++) await tryOldKey();
    });
    expect(repeated).toEqual(Array(12).fill('UNAUTHENTICATED'));
    expect(await rest('GET', '/v1/partners/webhooks', address, key)).toBe('ok');
  });

  it('do not shut out many valid keys that come at once from one address', async () => {
    const address = freshAddress();
    const keys = await Promise.all(Array.from({ length: 12 }, () => makeKey(app.url, { roles: ['partner'] })));
    const answers = await Promise.all(keys.map(({ key }) => rest('GET', '/v1/partners/webhooks', address, key)));
    expect(answers).toEqual(Array(12).fill('ok'));
  });
});

describe('the limits of handshakes', () => {
  const path = () => `${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;

  /** Opens a connection without Socket.IO's client. Returns how it went. */
  async function open(address: string): Promise<'open' | 'refused'> {
    const socket = new WebSocket(path(), { headers: from(address) });
    const { promise, resolve } = Promise.withResolvers<'open' | 'refused'>();
    socket.once('open', () => resolve('open'));
    socket.once('error', () => resolve('refused'));
    const result = await promise;
    socket.terminate();
    return result;
  }

  it('refuse more handshakes of one address than its wider budget', async () => {
    const address = freshAddress();
    const results = await Promise.all(Array.from({ length: 130 }, () => open(address)));
    expect(results.filter((result) => result === 'open')).toHaveLength(100);
    expect(await open(freshAddress())).toBe('open');
  });

  it('refuse more handshakes of one session from many addresses than the budget of the session', async () => {
    const { session: own } = await session(freshAddress());
    const connect = async (index: number) => {
      const options = { auth: { token: own.token }, extraHeaders: from(`198.18.0.${index}`), reconnection: false };
      try {
        (await TestSocket.connect(app.url, options)).close();
        return 'ok';
      } catch (error) {
        return (error as { data: { code: string } }).data.code;
      }
    };
    const results = await Promise.all(Array.from({ length: burst + 10 }, (_, index) => connect(index)));
    expect(results.filter((result) => result === 'RATE_LIMITED')).toHaveLength(10);
  });

  it('count each handshake on one connection', async () => {
    const socket = new WebSocket(path(), { headers: from(freshAddress()) });
    const refusals: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('44')) refusals.push(text);
      if (text.includes('RATE_LIMITED')) resolve();
      // A refused handshake leaves the connection open for the next one.
      else socket.send('40{"token":"no token"}');
    });
    await promise;
    socket.terminate();
    expect(refusals.length).toBeGreaterThanOrEqual(burst + 2);
    expect(refusals[0]).toContain('UNAUTHENTICATED');
  });
});

it('refuses headers of more than 8 KB before it reads them', async () => {
  const answer = await call({ headers: { ...from(freshAddress()), authorization: `Bearer ${'x'.repeat(15_000)}` } });
  expect(answer.status).toBe(431);
  const short = await call({ headers: { ...from(freshAddress()), authorization: `Bearer ${'x'.repeat(6000)}` } });
  expect(short.status).toBe(200);
});
