import { beforeAll, describe, expect, it } from '@jest/globals';
import { Session } from '@usher/contract';
import type { Service } from '../../../src/service.js';
import { adminKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { bearer, type MailedBooking, setUpMailedBookings } from '../../support/mailed-bookings.js';
import { testEnvironment } from '../../support/database.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';

const oldSecret = testEnvironment('')['SESSION_SECRET']!;
const newSecret = 'the secret after the rotation of 32 bytes';

/** The first node has only the old secret, as before the rotation. */
const bookings = setUpMailedBookings();
const { app } = bookings;
/** A node during the rotation. It signs with the new secret and verifies with both. */
let rotating: Service;
/** A node after the rotation, which has only the new secret. */
let rotated: Service;

let showId: number;
let mailed: MailedBooking;

beforeAll(async () => {
  // The mail is sent before the other nodes start, because each node signs the links of the mails that it sends.
  mailed = await bookings.bookAndMail();
  showId = await makeShow(app.pool);
  rotating = await app.startNode({ SESSION_SECRET: `${newSecret},${oldSecret}` });
  rotated = await app.startNode({ SESSION_SECRET: newSecret });
});

const listBookings = async (node: { url: string }, session: Session) =>
  (await new RestCaller(node.url, session).call('GET', `/v1/bookings?showId=${showId}`)).status;

describe('a session token of the old secret', () => {
  let old: Session;

  beforeAll(async () => {
    ({ session: old } = await RestCaller.begin(app.url));
  });

  it('works over REST and sockets while the old secret is listed, and is refused afterwards', async () => {
    expect([await listBookings(rotating, old), await listBookings(rotated, old)]).toEqual([200, 401]);
    const socket = await app.connect({ auth: { token: old.token } }, rotating.url);
    await socket.ask('show:join', { showId });
    await expect(TestSocket.connect(rotated.url, { auth: { token: old.token } })).rejects.toMatchObject({
      data: { code: 'UNAUTHENTICATED' },
    });
  });

  it('is renewed with the first secret, so that the session outlives the old secret', async () => {
    const { body } = await new RestCaller(rotating.url, old).call('POST', '/v1/sessions');
    const renewed = validate(Session, body);
    expect(renewed.sessionId).toBe(old.sessionId);
    expect([await listBookings(rotated, renewed), await listBookings(app, renewed)]).toEqual([200, 401]);
  });
});

it('a link in a mail works while the secret that signed it is listed, and is refused afterwards', async () => {
  const { token, path, booking } = mailed;
  const read = async ({ url }: { url: string }) => {
    const answer = await fetch(url + path, { headers: bearer(token) });
    return [answer.status, await answer.json()];
  };
  expect(await read(rotating)).toMatchObject([200, { code: booking.code }]);
  expect(await read(rotated)).toMatchObject([401, { detail: expect.stringMatching(/was changed/) }]);
});

describe('the stored answer of an idempotency key', () => {
  const createKey = (node: { url: string }, key: string) =>
    new RestCaller(node.url, bookings.buyer.session).call(
      'POST',
      '/v1/admin/api-keys',
      { name: 'Door', roles: ['gate'] },
      { 'x-api-key': adminKey, 'idempotency-key': key },
    );

  it.each([
    ['the whole answer is stored', async () => undefined],
    [
      'a node died between the effect and the answer',
      async (key: string) => {
        await app.pool.query(
          'update idempotency_key set answer = null, claimed_until = now() where key = $1 and effect is not null',
          [key],
        );
      },
    ],
  ])('can be read while its secret is listed, and not afterwards, if %s', async (name, interrupt) => {
    const made = await createKey(app, name);
    expect(made.status).toBe(201);
    await interrupt(name);
    expect(await createKey(rotated, name)).toMatchObject({ status: 409, body: { code: 'KEY_REUSED' } });
    await interrupt(name);
    expect(await createKey(rotating, name)).toMatchObject({ status: 201, body: made.body });
  });
});
