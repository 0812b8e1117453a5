import { beforeAll, describe, expect, it } from '@jest/globals';
import { Session } from '@usher/contract';
import { SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { testEnvironment } from '../../support/database.js';
import { RestCaller } from '../../support/rest.js';
import { createTokenStorage, sdkClients } from '../../support/sdk.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';
import { waitUntil } from '../../support/wait-until.js';

const dayMs = 24 * 60 * 60 * 1000;
const lifetimeMs = 30 * dayMs;
const secret = new TextEncoder().encode(testEnvironment('')['SESSION_SECRET']);

const app = setUpApp();
let showId: number;
const createClient = sdkClients(() => app.url);

beforeAll(async () => {
  showId = await makeShow(app.pool);
});

/** Returns a session with a token as the service would have issued it `ageMs` ago. */
async function signSessionOfAge(ageMs: number): Promise<Session> {
  const sessionId = uuidv7();
  const expiresAt = new Date(Date.now() + lifetimeMs - ageMs);
  const token = await new SignJWT({ sub: sessionId, aud: 'usher-session' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(Math.floor(expiresAt.getTime() / 1000))
    .sign(secret);
  return { sessionId, token, expiresAt: expiresAt.toISOString() };
}

const createCallerOfAge = async (ageMs: number) => new RestCaller(app.url, await signSessionOfAge(ageMs));

/** Expects a new token for the same session, valid for the full lifetime. */
async function expectRenewed(before: Session, after: Session): Promise<void> {
  expect(after.sessionId).toBe(before.sessionId);
  expect(after.token).not.toBe(before.token);
  expect(Date.parse(after.expiresAt)).toBeGreaterThan(Date.now() + lifetimeMs - dayMs / 24);
  const bookings = await new RestCaller(app.url, after).call('GET', `/v1/bookings?showId=${showId}`);
  expect(bookings.status).toBe(200);
}

describe('POST /v1/sessions', () => {
  it('renews the session of a valid token, so that a session in use never ends', async () => {
    const caller = await createCallerOfAge(29.9 * dayMs);
    await caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 1 } });
    const renewed = await caller.call('POST', '/v1/sessions');
    expect([renewed.status, renewed.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const session = validate(Session, renewed.body);
    await expectRenewed(caller.session, session);
    const { body } = await new RestCaller(app.url, session).call('GET', `/v1/bookings?showId=${showId}`);
    expect(body.items).toHaveLength(1);
  });

  it.each([
    ['expired an hour ago', async () => (await signSessionOfAge(lifetimeMs + dayMs / 24)).token],
    ['expired a year ago', async () => (await signSessionOfAge(lifetimeMs + 365 * dayMs)).token],
    ['was forged', async () => `${(await signSessionOfAge(0)).token.slice(0, -4)}AAAA`],
  ])('creates a new session for a caller whose token %s', async (_, createToken) => {
    const old = { ...(await signSessionOfAge(0)), token: await createToken() };
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
  it('is reported as due for renewal in REST answers, unlike a younger token', async () => {
    const readRenewalHeaders = async (ageMs: number) => {
      const { headers } = await (await createCallerOfAge(ageMs)).call('GET', `/v1/bookings?showId=${showId}`);
      return [headers.get('usher-session-renewal'), headers.get('access-control-expose-headers')];
    };
    expect(await readRenewalHeaders(1.1 * dayMs)).toEqual(['due', expect.stringContaining('Usher-Session-Renewal')]);
    expect((await readRenewalHeaders(0.9 * dayMs))[0]).toBeNull();
  });

  it('is renewed when a socket connects with it', async () => {
    const old = await signSessionOfAge(2 * dayMs);
    const socket = await TestSocket.connect(app.url, { auth: { token: old.token } });
    await expectRenewed(old, await socket.session());
    socket.close();
  });

  it('is renewed on an open socket as soon as it reaches this age', async () => {
    const old = await signSessionOfAge(dayMs - 1500);
    const socket = await TestSocket.connect(app.url, { auth: { token: old.token } });
    await socket.ask('show:join', { showId });
    expect(socket.received.filter(({ event }) => event === 'session')).toEqual([]);
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
    const old = await signSessionOfAge(2 * dayMs);
    const answer = await reserve(old);
    const readField = (name: string) => new RegExp(`<session[ >].*<${name}>([^<]+)<`, 's').exec(answer)?.[1] ?? '';
    await expectRenewed(old, {
      sessionId: readField('sessionId'),
      token: readField('token'),
      expiresAt: readField('expiresAt'),
    });
    expect(await reserve(await signSessionOfAge(0))).not.toMatch(/<session[ >]/);
  });
});

describe('the SDK', () => {
  it('renews an old token over REST, without a socket, and stores the new token', async () => {
    const old = await signSessionOfAge(20 * dayMs);
    const storage = createTokenStorage(old.token);
    const usher = createClient({ storage });
    await usher.bookings.list(showId);
    await waitUntil(async () => storage.token !== old.token);
    await usher.bookings.list(showId);
    expect(await usher.session()).toEqual({ sessionId: old.sessionId, token: storage.token });
  });

  it('renews an old token over its socket', async () => {
    const old = await signSessionOfAge(20 * dayMs);
    const storage = createTokenStorage(old.token);
    const usher = createClient({ storage });
    await usher.openShow(showId).ready;
    await waitUntil(async () => storage.token !== old.token);
    expect(await usher.session()).toMatchObject({ sessionId: old.sessionId });
  });

  it('continues with a token that another tab has renewed if its own token has expired', async () => {
    const renewedSession = await signSessionOfAge(0);
    const storage = createTokenStorage((await signSessionOfAge(lifetimeMs + dayMs)).token);
    const usher = createClient({ storage });
    storage.token = renewedSession.token;
    await usher.bookings.list(showId);
    expect([storage.token, (await usher.session()).token]).toEqual([renewedSession.token, renewedSession.token]);
    await usher.openShow(showId).ready;
    expect(storage.token).toBe(renewedSession.token);
  });
});
