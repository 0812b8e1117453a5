import { beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { OperatorBrowser } from '../../support/operator-browser.js';
import { setUpOperators } from '../../support/operators.js';
import { TestSocket } from '../../support/socket.js';
import { waitUntil } from '../../support/wait-until.js';

const { app, provider, openBrowser, signedIn } = setUpOperators();

beforeAll(() => {
  provider.add('ada', {
    name: 'Ada Admin',
    email: 'ada@example.com',
    usher_roles: ['admin', 'cook'],
    usher_cinemas: '*',
  });
  provider.add('gus', { name: 'Gus Gate', usher_roles: ['gate'], usher_cinemas: [7, '9', 'x', -1] });
  provider.add('cook', { name: 'Carl Cook', usher_roles: ['cook'], usher_cinemas: '*' });
  provider.add('lost', { name: 'Lou Lost', usher_roles: ['gate'] });
});

const Claims = z.record(z.string(), z.unknown());

const codeOf = ({ text }: { readonly text: string }): unknown => JSON.parse(text);
const countSessions = async () =>
  (await app.pool.query<{ count: number }>('select count(*)::int as count from operator_session')).rows[0]!.count;

/** Starts a sign-in, and returns the address to which the provider sends the browser back. */
async function answerFor(browser: OperatorBrowser, login: string, returnTo = '/gate'): Promise<URL> {
  const start = await browser.open(`${app.url}/v1/operators/sign-in?returnTo=${encodeURIComponent(returnTo)}`);
  return new URL(await browser.confirm(start, login));
}

describe('a sign-in', () => {
  it('tells the service the name, the known roles and the cinemas of the person', async () => {
    const before = Date.now();
    const { canSignIn, operator } = await (await signedIn('ada')).status();
    expect({ canSignIn, operator }).toMatchObject({
      canSignIn: true,
      operator: { name: 'Ada Admin', email: 'ada@example.com', roles: ['admin'], cinemaIds: null },
    });
    const lifeMs = Date.parse(operator!.expiresAt) - before;
    expect(Math.abs(lifeMs - 480 * 60_000)).toBeLessThan(10_000);
    expect((await (await signedIn('gus')).status()).operator).toMatchObject({ roles: ['gate'], cinemaIds: [7, 9] });
  });

  it('returns to the page that started it, with a cookie that scripts and other sites cannot use', async () => {
    const browser = openBrowser();
    const answer = await answerFor(browser, 'ada', '/gate?show=7#list');
    const landed = await browser.call(answer.pathname + answer.search);
    expect([landed.status, landed.headers.get('location')]).toEqual([303, '/gate?show=7#list']);
    const cookies = landed.headers.getSetCookie();
    expect(cookies).toHaveLength(2);
    const cookie = cookies.find((line) => line.startsWith('usher-operator='))!;
    expect(cookie).toMatch(/; Max-Age=28800; Path=\/; .*HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toMatch(/domain/i);
  });

  it('stores only the hash of the token in the cookie', async () => {
    const { cookieHeader } = await signedIn('ada');
    const [token = ''] = cookieHeader.split('; ').flatMap((pair) => /^usher-operator=(.+)$/.exec(pair)?.[1] ?? []);
    expect(token.length).toBeGreaterThan(80);
    const { rows } = await app.pool.query<{ row: string }>('select o::text as row from operator_session o');
    expect(rows.map(({ row }) => row).join('\n')).toContain('ada@example.com');
    for (const { row } of rows) for (const part of token.split('.')) expect(row).not.toContain(part);
  });

  it.each([
    ['no role', 'cook', 'noRole'],
    ['no cinema', 'lost', 'noCinema'],
  ])('is refused for a person with %s', async (_, login, reason) => {
    const before = await countSessions();
    const browser = openBrowser();
    const refused = await browser.signIn(login);
    expect(codeOf(refused)).toMatchObject({ status: 403, code: 'SIGN_IN_FAILED', reason });
    expect((await browser.status()).operator).toBeNull();
    expect(await countSessions()).toBe(before);
  });

  it('that fails in a browser shows a page without scripts', async () => {
    const answer = await openBrowser().call('/v1/operators/callback?code=a&state=b', {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
    expect(answer.text).toContain('<h1>The sign-in failed</h1>');
    expect(answer.headers.get('content-security-policy')).not.toMatch(/script-src|unsafe/);
  });
});

describe('an attacker', () => {
  it('cannot finish a sign-in with another state', async () => {
    const browser = openBrowser();
    const answer = await answerFor(browser, 'ada');
    answer.searchParams.set('state', 'another');
    const refused = await browser.open(answer.href);
    expect(codeOf(refused)).toMatchObject({ code: 'SIGN_IN_FAILED', reason: 'refusedByProvider' });
  });

  it('cannot sign in a victim by sending the answer of the own sign-in', async () => {
    const answer = await answerFor(openBrowser(), 'ada');
    // The victim has started another sign-in.
    const victim = openBrowser();
    await victim.open(`${app.url}/v1/operators/sign-in`);
    for (const browser of [victim, openBrowser()]) {
      expect(codeOf(await browser.open(answer.href))).toMatchObject({ code: 'SIGN_IN_FAILED' });
      expect((await browser.status()).operator).toBeNull();
    }
  });

  it('cannot change the ID token on its way to the service', async () => {
    const raise = (token: string) => {
      const [header = '', payload = '', signature = ''] = token.split('.');
      const claims = Claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
      const raised = JSON.stringify({ ...claims, usher_roles: ['admin'] });
      return [header, Buffer.from(raised).toString('base64url'), signature].join('.');
    };
    provider.changeIdToken = raise;
    try {
      const browser = openBrowser();
      expect(codeOf(await browser.signIn('gus'))).toMatchObject({ reason: 'refusedByProvider' });
      expect((await browser.status()).operator).toBeNull();
    } finally {
      provider.changeIdToken = null;
    }
    expect((await (await signedIn('gus')).status()).operator).toMatchObject({ roles: ['gate'] });
  });

  it('cannot use the answer of a sign-in twice', async () => {
    const browser = openBrowser();
    const answer = await answerFor(browser, 'ada', '/v1/operators/me');
    const attempt = browser.cookieHeader.split('; ').find((pair) => pair.startsWith('usher-sign-in='))!;
    expect((await browser.open(answer.href)).status).toBe(200);
    // The browser has forgotten the attempt.
    expect(codeOf(await browser.open(answer.href))).toMatchObject({ reason: 'unknownAttempt' });
    // A thief has copied the attempt before, but the provider refuses the code.
    const thief = openBrowser();
    thief.setCookie('usher-sign-in', attempt.slice('usher-sign-in='.length));
    expect(codeOf(await thief.open(answer.href))).toMatchObject({ reason: 'refusedByProvider' });
    expect((await thief.status()).operator).toBeNull();
  });

  it('cannot change the attempt in the cookie', async () => {
    const browser = openBrowser();
    const answer = await answerFor(browser, 'ada');
    const attempt = /usher-sign-in=([^;]+)/.exec(browser.cookieHeader)![1]!;
    browser.setCookie('usher-sign-in', `${attempt.slice(0, 40)}AAAA${attempt.slice(44)}`);
    expect(codeOf(await browser.open(answer.href))).toMatchObject({ reason: 'unknownAttempt' });
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\t/evil.example/',
    '/\n/evil.example/',
    '/./\\evil.example/',
    '/.//evil.example/x',
    '/..//evil.example/x',
    '/a/..//evil.example/x',
    '/a/b/../..//evil.example/x',
    '/%2e//evil.example/x',
    '/%2E%2e//evil.example/x',
    '/.//user:password@evil.example/x',
    '/.///evil.example/x',
    '/.//',
    'gate',
    'javascript:alert(1)',
    '',
  ])('cannot make a sign-in return to %j', async (returnTo) => {
    const query = new URLSearchParams({ returnTo }).toString();
    const answer = await openBrowser().call(`/v1/operators/sign-in?${query}`);
    expect(codeOf(answer)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
  });

  it.each([
    '/%2F%2Fevil.example/',
    '/%5Cevil.example/',
    '/a//evil.example/',
    '/@evil.example/',
    '/?//evil.example/#//b',
  ])('only reaches a page of the service if a sign-in returns to %j', async (returnTo) => {
    const browser = openBrowser();
    const answer = await answerFor(browser, 'ada', returnTo);
    const landed = await browser.call(answer.pathname + answer.search);
    expect(landed.status).toBe(303);
    expect(new URL(landed.headers.get('location')!, app.url).href).toBe(app.url + returnTo);
  });

  it('cannot choose with the header Host where the identity provider sends the browser', async () => {
    const answer = await openBrowser().call('/v1/operators/sign-in', {
      headers: { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' },
    });
    const redirect = new URL(answer.headers.get('location')!).searchParams;
    expect(redirect.get('redirect_uri')).toBe(`${app.url}/v1/operators/callback`);
    expect(redirect.get('code_challenge_method')).toBe('S256');
  });

  it('cannot guess a sign-in, and a guess costs no query', async () => {
    const browser = await signedIn('ada');
    const genuine = /usher-operator=([^;]+)/.exec(browser.cookieHeader)![1]!;
    const [random = '', mac = ''] = genuine.split('.');
    const guesses = [`${random}.`, random, `${random.slice(1)}A.${mac}`, '.', `${random}.${mac.slice(1)}A`];
    // While the table is locked, a query on it would wait.
    const client = await app.pool.connect();
    try {
      await client.query('begin');
      await client.query('lock table operator_session in access exclusive mode');
      for (const guess of guesses) {
        browser.setCookie('usher-operator', guess);
        expect((await browser.call('/v1/admin/mails')).status).toBe(401);
      }
    } finally {
      await client.query('rollback');
      client.release();
    }
    browser.setCookie('usher-operator', genuine);
    expect((await browser.call('/v1/admin/mails')).status).toBe(200);
  });
});

describe('a sign-in ends', () => {
  const isSignedIn = async (browser: OperatorBrowser) => (await browser.call('/v1/admin/mails')).status === 200;

  it('when the operator signs out, also for a copy of the cookie', async () => {
    const [browser, copy] = [await signedIn('ada'), openBrowser()];
    copy.setCookie('usher-operator', /usher-operator=([^;]+)/.exec(browser.cookieHeader)![1]!);
    expect([await isSignedIn(browser), await isSignedIn(copy)]).toEqual([true, true]);
    const { status, text } = await browser.call('/v1/operators/sign-out', { method: 'POST' });
    expect(status).toBe(200);
    expect([await isSignedIn(browser), await isSignedIn(copy)]).toEqual([false, false]);
    expect(browser.cookieHeader).toBe('');
    const { providerUrl } = JSON.parse(text);
    const page = await browser.open(String(providerUrl));
    expect([page.status, page.text]).toEqual([200, expect.stringMatching(/sign-out/i)]);
  });

  /** A browser in which Ada has signed in to the service, and no longer at the identity provider. */
  const signedInOnlyHere = async () => {
    const browser = openBrowser();
    browser.setCookie('usher-operator', /usher-operator=([^;]+)/.exec((await signedIn('ada')).cookieHeader)![1]!);
    return browser;
  };

  it.each([
    ['same person', 'ada'],
    ['another person', 'gus'],
  ])('when the browser signs in again: %s', async (_, login) => {
    const [browser, copy, bystander] = [await signedInOnlyHere(), openBrowser(), await signedIn('ada')];
    copy.setCookie('usher-operator', /usher-operator=([^;]+)/.exec(browser.cookieHeader)![1]!);
    const socket = await TestSocket.connect(app.url, {
      auth: { operator: true },
      extraHeaders: { cookie: browser.cookieHeader, origin: app.url },
      reconnection: false,
    });
    const answer = await answerFor(browser, login);
    expect(await isSignedIn(copy)).toBe(true);
    // A browser does not send this cookie when the identity provider, which is another site, sends it back.
    browser.setCookie('usher-operator', null);
    expect((await browser.call(answer.pathname + answer.search)).status).toBe(303);
    expect(await isSignedIn(copy)).toBe(false);
    expect(await socket.next('operator:ended')).toEqual({ reason: 'signedOut' });
    expect((await browser.status()).operator?.name).toBe(login === 'ada' ? 'Ada Admin' : 'Gus Gate');
    expect(await isSignedIn(bystander)).toBe(true);
  });

  it('only when the next sign-in in the browser succeeds', async () => {
    const browser = await signedInOnlyHere();
    expect(codeOf(await browser.signIn('cook'))).toMatchObject({ reason: 'noRole' });
    expect(await isSignedIn(browser)).toBe(true);
  });

  it.each([
    ['after OPERATOR_SESSION_MINUTES', `expires_at = now() - interval '1 ms'`],
    ['after OPERATOR_IDLE_MINUTES without a call', `last_used_at = now() - interval '60 minutes'`],
  ])('%s', async (_, change) => {
    const browser = await signedIn('ada');
    await app.pool.query(`update operator_session set ${change}`);
    const refused = await browser.call('/v1/admin/mails');
    expect(codeOf(refused)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect((await browser.status()).operator).toBeNull();
    expect(browser.cookieHeader).toBe('');
  });

  it('later if calls use it', async () => {
    const browser = await signedIn('ada');
    await app.pool.query(`update operator_session set last_used_at = now() - interval '59 minutes'`);
    expect(await isSignedIn(browser)).toBe(true);
    // The node writes the use of the sign-in in the background.
    await waitUntil(async () => {
      const { rows } = await app.pool.query<{ isRecent: boolean }>(
        `select last_used_at > now() - interval '1 minute' as "isRecent" from operator_session
         order by operator_session_id desc limit 1`,
      );
      return rows[0]!.isRecent;
    });
  });
});

it('a service without an identity provider offers no sign-in', async () => {
  const node = await app.startNode({ PORT: '0', OIDC_ISSUER: '', OIDC_CLIENT_ID: '', OIDC_CLIENT_SECRET: '' });
  const browser = new OperatorBrowser(node.url);
  expect(await browser.status()).toEqual({ canSignIn: false, operator: null });
  expect(codeOf(await browser.call('/v1/operators/sign-in'))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
  expect(codeOf(await browser.call('/v1/operators/callback?code=a&state=b'))).toMatchObject({ status: 403 });
});
