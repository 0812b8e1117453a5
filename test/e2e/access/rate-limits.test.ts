import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { WebSocket } from 'ws';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { useApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const callsPerSecond = 20;
const burst = 2 * callsPerSecond;

const app = useApp({
  env: {
    ADMIN_API_KEY: adminKey,
    PROXIES: '1',
    CALLS_PER_SECOND_MAX: String(callsPerSecond),
    ADDRESS_CALLS_PER_SECOND_MAX: '50',

    KEY_GUESSES_PER_MINUTE_MAX: '5',
  },
});
let showId: number;
let lastAddress = 0;

beforeAll(async () => {
  showId = await makeShow(app.pool);
});

/** Returns an address that no other test uses. */
const nextAddress = () => `192.0.2.${++lastAddress}`;
const forwardedFor = (address: string) => ({ 'x-forwarded-for': address });

interface Call {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const call = ({ path = '/v1/cities', ...options }: Call) => fetch(app.url + path, options);

/** Sends requests at once and returns their statuses. SOAP answers every fault with 500, so a RATE_LIMITED fault counts as 429. */
async function collectStatuses(count: number, makeCall: (index: number) => Promise<Response>): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => makeCall(index)));
  return Promise.all(
    answers.map(async (answer) => ((await answer.text()).includes('<code>RATE_LIMITED</code>') ? 429 : answer.status)),
  );
}

const countStatus = (statuses: number[], status: number) => statuses.filter((one) => one === status).length;

async function beginSession(address: string): Promise<RestCaller> {
  const answer = await call({ method: 'POST', path: '/v1/sessions', headers: forwardedFor(address) });
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
  ])('applies to %s', async (_, makeCall) => {
    const address = nextAddress();
    const statuses = await collectStatuses(150, (index) => {
      const { headers, ...options } = makeCall(index);
      const authorization = `Bearer ${randomBytes(24).toString('base64url')}`;
      return call({ ...options, headers: { ...forwardedFor(address), authorization, ...headers } });
    });
    expect(countStatus(statuses, 429)).toBeGreaterThanOrEqual(40);
    expect(await collectStatuses(1, () => call({ headers: forwardedFor(nextAddress()) }))).toEqual([200]);
  });

  it('counts all addresses of an IPv6 /64 as one, and an IPv4-mapped IPv6 address as its IPv4 address', async () => {
    const statusesOfIpv6 = await collectStatuses(burst + 20, (index) =>
      call({ headers: forwardedFor(`2001:db8:1:1:${index + 1}::9`) }),
    );
    expect(countStatus(statusesOfIpv6, 429)).toBeGreaterThan(0);
    expect(await collectStatuses(1, () => call({ headers: forwardedFor('2001:db8:1:2::9') }))).toEqual([200]);
    const statusesOfIpv4 = await collectStatuses(burst + 20, (index) =>
      call({ headers: forwardedFor(index % 2 === 0 ? '198.51.100.1' : '::ffff:198.51.100.1') }),
    );
    expect(countStatus(statusesOfIpv4, 429)).toBeGreaterThan(0);
  });

  it('tells the caller when to retry, in problem details that pages of other origins can read', async () => {
    const address = nextAddress();
    await collectStatuses(burst, () => call({ headers: forwardedFor(address) }));
    const answer = await call({ headers: forwardedFor(address) });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429, retryAfterMs: expect.any(Number) });
  });

  it('gives sessions behind the same address a budget each, up to the larger budget of the address', async () => {
    const address = nextAddress();
    const callers = await Promise.all([beginSession(address), beginSession(address)]);
    await collectStatuses(burst, () => call({ headers: forwardedFor(address) }));
    const read = (caller: RestCaller) => caller.call('GET', '/v1/cities', undefined, forwardedFor(address));
    for (const caller of callers) expect((await read(caller)).status).toBe(200);
    const moreReads = await Promise.all(Array.from({ length: 80 }, (_, index) => read(callers[index % 2]!)));
    expect(
      countStatus(
        moreReads.map(({ status }) => status),
        429,
      ),
    ).toBeGreaterThan(0);
  });

  it('rejects a request before the server reads its body', async () => {
    const address = nextAddress();
    await collectStatuses(burst, () => call({ headers: forwardedFor(address) }));
    const answer = await call({
      method: 'POST',
      path: `/v1/shows/${showId}/reservations`,
      headers: { ...forwardedFor(address), 'content-type': 'application/json' },
      body: '{ not JSON',
    });
    expect(answer.status).toBe(429);
  });
});

describe('the limit of a session', () => {
  it('applies to one verified session that calls from many addresses', async () => {
    const { session: own } = await beginSession(nextAddress());
    const statuses = await collectStatuses(burst + 20, (index) =>
      call({ headers: { ...forwardedFor(`203.0.113.${index}`), authorization: `Bearer ${own.token}` } }),
    );
    expect(countStatus(statuses, 200)).toBe(burst);
    expect(countStatus(statuses, 429)).toBe(20);
  });

  it('is not charged by a forged or expired token', async () => {
    const address = nextAddress();
    const { session: own } = await beginSession(nextAddress());
    const claims = { sub: own.sessionId, aud: 'usher-session' };
    const forged = Array.from({ length: burst + 20 }, (_, index) =>
      jwt.sign({ ...claims, exp: Math.floor(Date.now() / 1000) + 1000, index }, 'a foreign key'),
    );
    const statuses = await collectStatuses(forged.length, (index) =>
      call({ headers: { ...forwardedFor(address), authorization: `Bearer ${forged[index]}` } }),
    );
    expect(countStatus(statuses, 429)).toBeGreaterThan(0);
    // The session that the forged tokens name still has its full budget.
    const answers = await collectStatuses(burst, (index) =>
      call({ headers: { ...forwardedFor(`198.51.100.${10 + index}`), authorization: `Bearer ${own.token}` } }),
    );
    expect(countStatus(answers, 200)).toBe(burst);
  });
});

describe('guesses of API keys', () => {
  const withKey = (address: string, key: string) => ({ ...forwardedFor(address), 'x-api-key': key });
  /** Ways to try a key. Each returns an error code of the contract, or 'ok'. */
  const waysToSendKeys: [string, (address: string, key: string) => Promise<string>][] = [
    ['administration', (address, key) => tryOverRest('GET', '/v1/admin/mails', address, key)],
    ['the upload of a hall', (address, key) => tryOverRest('POST', '/v1/admin/halls', address, key)],
    ['partners', (address, key) => tryOverRest('GET', '/v1/partners/webhooks', address, key)],
    ['check-ins', (address, key) => tryOverRest('POST', '/v1/tickets/check-ins', address, key)],
    [
      'refunds',
      (address, key) => tryOverRest('POST', '/v1/bookings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/refunds', address, key),
    ],
    ['socket handshakes', tryInHandshake],
    ['SOAP', tryOverSoap],
  ];

  async function tryOverRest(method: string, path: string, address: string, key: string): Promise<string> {
    const answer = await call({ method, path, headers: withKey(address, key) });
    const { code = 'ok' } = (await answer.json()) as { code?: string };
    return code;
  }

  async function tryInHandshake(address: string, apiKey: string): Promise<string> {
    try {
      const options = { auth: { apiKey }, extraHeaders: forwardedFor(address), reconnection: false };
      (await TestSocket.connect(app.url, options)).close();
      return 'ok';
    } catch (error) {
      return (error as { data: { code: string } }).data.code;
    }
  }

  async function tryOverSoap(address: string, key: string): Promise<string> {
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

  /** Runs `act` while the table of keys is locked. A query on it would block, and the test would time out. */
  async function whileKeyTableIsLocked<T>(act: () => Promise<T>): Promise<T> {
    const client = await app.pool.connect();
    try {
      await client.query('begin; lock table api_key in access exclusive mode');
      return await act();
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  it.each(waysToSendKeys)('have a small budget per address: %s', async (_, tryKey) => {
    const address = nextAddress();
    const answers: string[] = [];
    for (let guess = 0; guess < 12; guess++) answers.push(await tryKey(address, `usher_guess_${address}_${guess}`));
    expect(answers.slice(0, 5)).toEqual(Array(5).fill('UNAUTHENTICATED'));
    expect(answers.slice(5)).toEqual(Array(7).fill('RATE_LIMITED'));
    expect(await whileKeyTableIsLocked(() => tryKey(address, 'usher_one_more'))).toBe('RATE_LIMITED');
  });

  it('share one budget across all ways to send a key, even when they arrive at once', async () => {
    const address = nextAddress();
    const guesses = Array.from({ length: 14 }, (_, index) =>
      waysToSendKeys[index % waysToSendKeys.length]![1](address, `guess ${index}`),
    );
    const answers = await Promise.all(guesses);
    expect(answers.filter((answer) => answer === 'UNAUTHENTICATED')).toHaveLength(5);
    expect(answers.filter((answer) => answer === 'RATE_LIMITED')).toHaveLength(9);
  });

  it('block even ADMIN_API_KEY once the budget is spent, unless the address used that key before', async () => {
    const [known, unknown] = [nextAddress(), nextAddress()];
    const list = (address: string, key: string) => tryOverRest('GET', '/v1/admin/mails', address, key);
    expect(await list(known, adminKey)).toBe('ok');
    for (const address of [known, unknown]) {
      for (let guess = 0; guess < 6; guess++) await list(address, `guess ${guess}`);
    }
    expect(await list(known, adminKey)).toBe('ok');
    expect(await list(unknown, adminKey)).toBe('RATE_LIMITED');
  });

  it('do not block a key that this address has used before, until the key is revoked', async () => {
    const address = nextAddress();
    const { key, keyId } = await makeKey(app.url, { roles: ['partner'] });
    const list = () => tryOverRest('GET', '/v1/partners/webhooks', address, key);
    expect(await list()).toBe('ok');
    for (let guess = 0; guess < 6; guess++)
      await tryOverRest('GET', '/v1/partners/webhooks', address, `guess ${guess}`);
    expect(await list()).toBe('ok');
    await call({ method: 'DELETE', path: `/v1/admin/api-keys/${keyId}`, headers: withKey(nextAddress(), adminKey) });
    expect(await list()).toBe('RATE_LIMITED');
  });

  it('count a repeated wrong key once, so that one device with an old key does not lock out the others', async () => {
    const address = nextAddress();
    const { key } = await makeKey(app.url, { roles: ['partner'] });
    const repeated: string[] = [];
    const tryOldKey = async () => repeated.push(await tryOverRest('GET', '/v1/partners/webhooks', address, 'old key'));
    await tryOldKey();
    await whileKeyTableIsLocked(async () => {
      for (let turn = 0; turn < 11; turn++) await tryOldKey();
    });
    expect(repeated).toEqual(Array(12).fill('UNAUTHENTICATED'));
    expect(await tryOverRest('GET', '/v1/partners/webhooks', address, key)).toBe('ok');
  });

  it('do not block many valid keys that arrive at once from one address', async () => {
    const address = nextAddress();
    const keys = await Promise.all(Array.from({ length: 12 }, () => makeKey(app.url, { roles: ['partner'] })));
    const answers = await Promise.all(keys.map(({ key }) => tryOverRest('GET', '/v1/partners/webhooks', address, key)));
    expect(answers).toEqual(Array(12).fill('ok'));
  });
});

describe('the limits of handshakes', () => {
  const socketUrl = () => `${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;

  /** Opens a connection without the client of Socket.IO. Returns whether the server accepted it. */
  async function openConnection(address: string): Promise<'open' | 'refused'> {
    const socket = new WebSocket(socketUrl(), { headers: forwardedFor(address) });
    const { promise, resolve } = Promise.withResolvers<'open' | 'refused'>();
    socket.once('open', () => resolve('open'));
    socket.once('error', () => resolve('refused'));
    const result = await promise;
    socket.terminate();
    return result;
  }

  it('reject more handshakes from one address than its larger budget allows', async () => {
    const address = nextAddress();
    const results = await Promise.all(Array.from({ length: 130 }, () => openConnection(address)));
    expect(results.filter((result) => result === 'open')).toHaveLength(100);
    expect(await openConnection(nextAddress())).toBe('open');
  });

  it('reject more handshakes of one session from many addresses than the session’s budget allows', async () => {
    const { session: own } = await beginSession(nextAddress());
    const connect = async (index: number) => {
      const options = {
        auth: { token: own.token },
        extraHeaders: forwardedFor(`198.18.0.${index}`),
        reconnection: false,
      };
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

  it('count every handshake on one connection', async () => {
    const socket = new WebSocket(socketUrl(), { headers: forwardedFor(nextAddress()) });
    const refusals: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('44')) refusals.push(text);
      if (text.includes('RATE_LIMITED')) resolve();
      // A refused handshake leaves the connection open, so the client can try again on it.
      else socket.send('40{"token":"no token"}');
    });
    await promise;
    socket.terminate();
    expect(refusals.length).toBeGreaterThanOrEqual(burst + 2);
    expect(refusals[0]).toContain('UNAUTHENTICATED');
  });
});

it('rejects headers of more than 8 KB before it reads them', async () => {
  const answer = await call({
    headers: { ...forwardedFor(nextAddress()), authorization: `Bearer ${'x'.repeat(15_000)}` },
  });
  expect(answer.status).toBe(431);
  const short = await call({
    headers: { ...forwardedFor(nextAddress()), authorization: `Bearer ${'x'.repeat(6000)}` },
  });
  expect(short.status).toBe(200);
});
