import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Session } from '@usher/contract';
import { SignJWT } from 'jose';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { startApp, type TestApp } from '../../support/app.js';
import { testEnvironment, testPool } from '../../support/database.js';
import { RestCaller } from '../../support/rest.js';
import { sdkClients } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';
import { until } from '../../support/until.js';

const dayMs = 24 * 60 * 60 * 1000;
const lifetimeMs = 30 * dayMs;
const secret = new TextEncoder().encode(testEnvironment('')['SESSION_SECRET']);

let app: TestApp;
let pool: pg.Pool;
let showId: number;
const usherOf = sdkClients(() => app.url);

beforeAll(async () => {
  app = await startApp({ demo: false });
  pool = testPool(app.databaseUrl, 1);
  showId = await makeShow(pool);
});

afterAll(async () => {
  await pool.end();
  await app.close();
});

/** A session whose token the service issued `ageMs` ago. */
async function sessionOfAge(ageMs: number): Promise<Session> {
  const sessionId = uuidv7();
  const expiresAt = new Date(Date.now() + lifetimeMs - ageMs);
  const token = await new SignJWT({ sub: sessionId, aud: 'usher-session' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(Math.floor(expiresAt.getTime() / 1000))
    .sign(secret);
  return { sessionId, token, expiresAt: expiresAt.toISOString() };
}

const callerOfAge = async (ageMs: number) => new RestCaller(app.url, await sessionOfAge(ageMs));

/** Expects a token for the same session that is valid for the whole lifetime again. */
async function expectRenewed(before: Session, after: Session): Promise<void> {
  expect(after.sessionId).toBe(before.sessionId);
  expect(after.token).not.toBe(before.token);
  expect(Date.parse(after.expiresAt)).toBeGreaterThan(Date.now() + lifetimeMs - dayMs / 24);
  const bookings = await new RestCaller(app.url, after).call('GET', `/v1/bookings?showId=${showId}`);
  expect(bookings.status).toBe(200);
}

describe('POST /v1/sessions', () => {
  it('renews the session of a valid token, so that a session that is used never ends', async () => {
    const caller = await callerOfAge(29.9 * dayMs);
    await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 1 } });
    const renewed = await caller.call('POST', '/v1/sessions');
    expect([renewed.status, renewed.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const session = renewed.body as unknown as Session;
    await expectRenewed(caller.session, session);
    const { body } = await new RestCaller(app.url, session).call('GET', `/v1/bookings?showId=${showId}`);
    expect(body.items).toHaveLength(1);
  });

  it.each([
    ['expired an hour ago', async () => (await sessionOfAge(lifetimeMs + dayMs / 24)).token],
    ['expired a year ago', async () => (await sessionOfAge(lifetimeMs + 365 * dayMs)).token],
    ['was forged', async () => `${(await sessionOfAge(0)).token.slice(0, -4)}AAAA`],
  ])('gives a new session to a caller whose token %s', async (_, make) => {
    const old = { ...(await sessionOfAge(0)), token: await make() };
    const caller = new RestCaller(app.url, old);
    expect(await caller.call('GET', `/v1/bookings?showId=${showId}`)).toMatchObject({
      status: 401,
      body: { code: 'UNAUTHENTICATED' },
    });
    const answer = await caller.call('POST', '/v1/sessions');
    expect(answer.status).toBe(201);
    expect(answer.body['sessionId']).not.toBe(old.sessionId);
  });
});

describe('a token that is more than a day old', () => {
  it('is reported as due in the answer to every REST call, and a younger one is not', async () => {
    const header = async (ageMs: number) => {
      const { headers } = await (await callerOfAge(ageMs)).call('GET', `/v1/bookings?showId=${showId}`);
      return [headers.get('usher-session-renewal'), headers.get('access-control-expose-headers')];
    };
    expect(await header(1.1 * dayMs)).toEqual(['due', expect.stringContaining('Usher-Session-Renewal')]);
    expect((await header(0.9 * dayMs))[0]).toBeNull();
  });

  it('is renewed when a socket connects with it', async () => {
    const old = await sessionOfAge(2 * dayMs);
    const socket = await TestSocket.connect(app.url, { auth: { token: old.token } });
    await expectRenewed(old, await socket.session());
    socket.close();
  });

  it('is renewed while a socket stays connected', async () => {
    const old = await sessionOfAge(dayMs - 1500);
    const socket = await TestSocket.connect(app.url, { auth: { token: old.token } });
    await socket.ask('show:join', { showId });
    expect(socket.heard.filter(({ event }) => event === 'session')).toEqual([]);
    await expectRenewed(old, await socket.session());
    socket.close();
  });

  it('is renewed in the answer to a SOAP call', async () => {
    const reserve = async ({ token }: Session) => {
      const answer = await fetch(`${app.url}/soap`, {
        method: 'POST',
        headers: { 'content-type': 'text/xml', authorization: `Bearer ${token}` },
        body: `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><ReserveSeatsRequest xmlns="urn:usher:soap:1">
          <showId>${showId}</showId><best><count>1</count></best></ReserveSeatsRequest></Body></Envelope>`,
      });
      return answer.text();
    };
    const old = await sessionOfAge(2 * dayMs);
    const answer = await reserve(old);
    const field = (name: string) => new RegExp(`<session[ >].*<${name}>([^<]+)<`, 's').exec(answer)?.[1] ?? '';
    await expectRenewed(old, {
      sessionId: field('sessionId'),
      token: field('token'),
      expiresAt: field('expiresAt'),
    });
    expect(await reserve(await sessionOfAge(0))).not.toMatch(/<session[ >]/);
  });
});

describe('the SDK', () => {
  /** A storage as two tabs of one browser share it. */
  const storageWith = (token: string) => ({
    token,
    get() {
      return this.token;
    },
    set(kept: string) {
      this.token = kept;
    },
  });

  it('renews an old token by REST alone and keeps the new one', async () => {
    const old = await sessionOfAge(20 * dayMs);
    const storage = storageWith(old.token);
    const usher = usherOf({ storage });
    await usher.bookings.list(showId);
    await until(async () => storage.token !== old.token);
    await usher.bookings.list(showId);
    expect(await usher.session()).toEqual({ sessionId: old.sessionId, token: storage.token });
  });

  it('renews an old token by its socket', async () => {
    const old = await sessionOfAge(20 * dayMs);
    const storage = storageWith(old.token);
    const usher = usherOf({ storage });
    await usher.openShow(showId).ready;
    await until(async () => storage.token !== old.token);
    expect(await usher.session()).toMatchObject({ sessionId: old.sessionId });
  });

  it('continues with the token that another tab has renewed when its own has expired', async () => {
    const fresh = await sessionOfAge(0);
    const storage = storageWith((await sessionOfAge(lifetimeMs + dayMs)).token);
    const usher = usherOf({ storage });
    storage.token = fresh.token;
    await usher.bookings.list(showId);
    expect([storage.token, (await usher.session()).token]).toEqual([fresh.token, fresh.token]);
    await usher.openShow(showId).ready;
    expect(storage.token).toBe(fresh.token);
  });
});
