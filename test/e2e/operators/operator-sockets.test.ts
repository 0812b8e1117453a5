import { beforeAll, expect, it } from '@jest/globals';
import type { OperatorBrowser } from '../../support/operator-browser.js';
import { setUpOperators } from '../../support/operators.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';
import { waitUntil } from '../../support/wait-until.js';

const { app, provider, signedIn, openBrowser } = setUpOperators();

beforeAll(() => {
  provider.add('staff', { usher_roles: ['staff'], usher_cinemas: '*' });
  provider.add('elsewhere', { usher_roles: ['staff'], usher_cinemas: [999_999] });
  provider.add('gate', { usher_roles: ['gate'], usher_cinemas: '*' });
});

const operator = { operator: true };

/** Connects as a page does whose browser sends the cookies of a person. */
const connect = ({ cookieHeader }: OperatorBrowser, auth: object = operator, origin = app.url) =>
  app.connect({ auth, extraHeaders: { cookie: cookieHeader, origin }, reconnection: false });

const isClosed = (socket: TestSocket) => waitUntil(() => Promise.resolve(!socket.io.connected));

it('a socket sells with the roles and the cinemas of its operator', async () => {
  const showId = await makeShow(app.pool);
  const staff = await connect(await signedIn('staff'));
  expect((await staff.ask('reservation:create', { showId, seats: [1] })).booking.status).toBe('reserved');
  for (const login of ['elsewhere', 'gate']) {
    const socket = await connect(await signedIn(login));
    expect(await socket.refused('reservation:create', { showId, seats: [2] })).toMatchObject({ code: 'FORBIDDEN' });
  }
});

it('a socket that does not ask to act for the operator belongs to a buyer', async () => {
  const showId = await makeShow(app.pool);
  const socket = await connect(await signedIn('gate'), {});
  expect((await socket.ask('reservation:create', { showId, seats: [1] })).booking.status).toBe('reserved');
});

it('a page of another site cannot open a socket for the operator', async () => {
  const browser = await signedIn('staff');
  for (const origin of ['https://evil.example', 'null']) {
    await expect(connect(browser, operator, origin)).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } });
  }
  const noOrigin = { auth: operator, extraHeaders: { cookie: browser.cookieHeader } };
  await expect(app.connect(noOrigin)).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } });
  await expect(connect(openBrowser())).rejects.toMatchObject({ data: { code: 'UNAUTHENTICATED' } });
});

it('the sockets of an operator close when the sign-in expires, and those of others stay open', async () => {
  const browser = await signedIn('staff');
  const [socket, other] = [await connect(browser), await connect(await signedIn('staff'))];
  await app.pool.query(
    `update operator_session set expires_at = now() + interval '1 second'
     where operator_session_id = (select operator_session_id from operator_session order by created_at desc offset 1 limit 1)`,
  );
  expect(await socket.next('operator:ended')).toEqual({ reason: 'expired' });
  await isClosed(socket);
  expect(other.io.connected).toBe(true);
  await expect(connect(browser)).rejects.toMatchObject({ data: { code: 'UNAUTHENTICATED' } });
});
