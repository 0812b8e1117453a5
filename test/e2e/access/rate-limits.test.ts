import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { makeKey } from '../../support/api-keys.js';
import { burst, forwardedFor, type LimitedCall, setUpLimitedApp } from '../../support/limited-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const { app, call, nextAddress, beginSession } = setUpLimitedApp();
let showId: number;

beforeAll(async () => {
  showId = await makeShow(app.pool);
});

/**
 * Sends requests at the same time and returns the statuses of the answers. SOAP answers every fault with 500, so a
 * RATE_LIMITED fault is reported as 429.
 */
async function collectStatuses(count: number, makeCall: (index: number) => Promise<Response>): Promise<number[]> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => makeCall(index)));
  return Promise.all(
    answers.map(async (answer) => ((await answer.text()).includes('<code>RATE_LIMITED</code>') ? 429 : answer.status)),
  );
}

const countStatus = (statuses: number[], status: number) => statuses.filter((one) => one === status).length;

describe('the limit of an address', () => {
  it.each<[string, (index: number) => LimitedCall]>([
    ['new sessions, each with a random bearer token', () => ({ method: 'POST', path: '/v1/sessions' })],
    ['anonymous reads', () => ({})],
    ['reads, each with a random bearer token', () => ({ path: `/v1/shows/${showId}/seats` })],
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

  it('counts all addresses of an IPv6 /64 network as one address, and an IPv4-mapped IPv6 address as its IPv4 address', async () => {
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

  it('gives each session behind an address a budget of its own, until the larger budget of the address is used up', async () => {
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

  it('is not used up by requests with forged tokens that name the session', async () => {
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

describe('the headers RateLimit-Policy and RateLimit', () => {
  const readBudget = ({ headers }: Response) => [headers.get('ratelimit-policy'), headers.get('ratelimit')];

  it('show how many calls are left to callers without a session', async () => {
    const headers = forwardedFor(nextAddress());
    expect(readBudget(await call({ headers }))).toEqual([
      `"anonymous";q=${burst};w=2`,
      `"anonymous";r=${burst - 1};t=2`,
    ]);
    const [, left] = readBudget(await call({ headers }));
    expect(left).toMatch(new RegExp(`^"anonymous";r=${burst - 2};t=[12]$`));
  });

  it.each(['session', 'key'])(
    'show the budget of the %s, because it is more specific than that of the address',
    async (name) => {
      const address = nextAddress();
      const { session: own } = await beginSession(address);
      const { key } = await makeKey(app.url, { roles: ['staff'] });
      const headers = {
        ...forwardedFor(address),
        ...(name === 'session' ? { authorization: `Bearer ${own.token}` } : { 'x-api-key': key }),
      };
      // The service knows a key at an address after a call that needs the key.
      await call({ path: '/v1/bookings?code=AAA-AAAA', headers });
      const [policy, left] = readBudget(await call({ headers }));
      expect(policy).toBe(`"${name}";q=${burst};w=2`);
      expect(left).toMatch(new RegExp(`^"${name}";r=\\d+;t=[12]$`));
    },
  );

  it('show the budget of the address for pages, which count only for it', async () => {
    const answer = await call({ path: '/no-page', headers: forwardedFor(nextAddress()) });
    expect(readBudget(answer)).toEqual(['"address";q=100;w=2', '"address";r=99;t=2']);
  });

  it('show that nothing is left if a call is refused', async () => {
    const headers = forwardedFor(nextAddress());
    const answers = await Promise.all(Array.from({ length: burst + 1 }, () => call({ headers })));
    const refused = answers.find(({ status }) => status === 429)!;
    expect(readBudget(refused)).toEqual([
      `"anonymous";q=${burst};w=2`,
      `"anonymous";r=0;t=${refused.headers.get('retry-after')}`,
    ]);
  });

  it('can be read by pages of other sites', async () => {
    const answer = await call({ headers: { ...forwardedFor(nextAddress()), origin: 'https://partner.example' } });
    const exposed = answer.headers.get('access-control-expose-headers')?.split(',');
    expect(exposed).toEqual(expect.arrayContaining(['RateLimit', 'RateLimit-Policy']));
  });
});

it('rejects a request whose headers have more than 8 KB', async () => {
  const answer = await call({
    headers: { ...forwardedFor(nextAddress()), authorization: `Bearer ${'x'.repeat(15_000)}` },
  });
  expect(answer.status).toBe(431);
  const short = await call({
    headers: { ...forwardedFor(nextAddress()), authorization: `Bearer ${'x'.repeat(6000)}` },
  });
  expect(short.status).toBe(200);
});
