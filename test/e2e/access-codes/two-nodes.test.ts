import { beforeAll, expect, it } from '@jest/globals';
import type { Service } from '../../../src/service.js';
import { makeAccessCodes, redeem, reserve } from '../../support/access-codes.js';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { book } from '../../support/book-seats.js';
import { setUpApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { waitUntil } from '../../support/wait-until.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);
/** A second node on the same database. The two nodes share no Redis, so no messages pass between them. */
let otherNode: Service;

beforeAll(async () => {
  otherNode = await app.startNode();
});

const makePresale = () => makeShow(app.pool, { protection: { codeRequired: true } });

/** Returns a caller with the same session for each of the two nodes. */
async function makeBuyer(): Promise<{ here: RestCaller; there: RestCaller }> {
  const here = await RestCaller.begin(app.url);
  return { here, there: new RestCaller(otherNode.url, here.session) };
}

it('a code that a session used on one node counts on the other node at once, even if that node has just refused the session', async () => {
  const showId = await makePresale();
  const { codes } = await makeAccessCodes(admin, showId, { count: 2 });
  const { here, there } = await makeBuyer();
  expect(await reserve(there, showId, [0])).toMatchObject({ body: { code: 'CODE_REQUIRED' } });
  await redeem(here, showId, codes[0]);
  expect(await reserve(there, showId, [0, 1])).toMatchObject({ status: 201 });
  // The other node remembers two seats now, and the second code must count there at once too.
  expect(await reserve(there, showId, [2])).toMatchObject({ body: { code: 'HOLD_LIMIT', limit: 2 } });
  await redeem(here, showId, codes[1]);
  expect(await reserve(there, showId, [2, 3])).toMatchObject({ status: 201 });
});

it('a show that begins to require codes on one node requires them on the other node at once', async () => {
  const { showId } = await admin.showInRow('ssss');
  const { here, there } = await makeBuyer();
  expect(await reserve(there, showId, [0])).toMatchObject({ status: 201 });
  const { codes } = await makeAccessCodes(admin, showId);
  const invited = await makeBuyer();
  await redeem(invited.here, showId, codes[0]);
  await admin.call('PATCH', `/shows/${showId}`, { protection: { codeRequired: true } });
  // The other node learns of the change only under the lock. The call of the invited session runs a second time then.
  expect(await reserve(invited.there, showId, [1])).toMatchObject({ status: 201 });
  expect(await reserve(there, showId, [2])).toMatchObject({ body: { code: 'CODE_REQUIRED' } });
  expect(await reserve(here, showId, [2])).toMatchObject({ body: { code: 'CODE_REQUIRED' } });
});

it('seats of one session are counted together on both nodes', async () => {
  const showId = await makePresale();
  const { codes } = await makeAccessCodes(admin, showId);
  const { here, there } = await makeBuyer();
  await redeem(here, showId, codes[0]);
  const calls = Array.from({ length: 20 }, (_, seat) => reserve(seat % 2 === 0 ? here : there, showId, [seat]));
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(2);
});

it('a code sells no seats after one node erased its session, not even to calls under way', async () => {
  const showId = await makePresale();
  const { codes } = await makeAccessCodes(admin, showId);
  const { here, there } = await makeBuyer();
  await redeem(here, showId, codes[0]);
  await book(app.pool, here, showId, [0, 1]);
  for (const node of [here, there]) await node.call('GET', `/v1/shows/${showId}/access-code`);
  const seats = Array.from({ length: 30 }, (_, n) => n + 2);
  const [erased, ...calls] = await Promise.all([
    here.call('DELETE', '/v1/session/data'),
    ...seats.map((seat) => reserve(seat % 2 === 0 ? here : there, showId, [seat])),
  ]);
  expect(erased).toMatchObject({ status: 200 });
  calls.push(await reserve(there, showId, [40]), await reserve(here, showId, [41]));
  expect(calls.filter(({ status }) => status === 201)).toEqual([]);
  expect(calls.slice(-2).map(({ body }) => body.code)).toEqual(['CODE_REQUIRED', 'CODE_REQUIRED']);
});

it('an erasure on one node costs the sessions with other codes nothing on the other node', async () => {
  const showId = await makePresale();
  const { codes } = await makeAccessCodes(admin, showId, { count: 2 });
  const [erased, other] = [await makeBuyer(), await makeBuyer()];
  await redeem(erased.here, showId, codes[0]);
  await redeem(other.there, showId, codes[1]);
  await book(app.pool, erased.here, showId, [0, 1]);
  await erased.here.call('DELETE', '/v1/session/data');
  expect(await reserve(other.there, showId, [2, 3])).toMatchObject({ status: 201 });
  expect(await reserve(other.there, showId, [4])).toMatchObject({ body: { code: 'HOLD_LIMIT', limit: 2 } });
});

it('a batch that one node revokes allows no more seats on the other node within a second', async () => {
  const showId = await makePresale();
  const { batchId, codes } = await makeAccessCodes(admin, showId);
  const { there } = await makeBuyer();
  await redeem(there, showId, codes[0]);
  await reserve(there, showId, [0]);
  await admin.call('DELETE', `/shows/${showId}/access-codes/${batchId}`);
  const revokedAt = performance.now();
  await waitUntil(async () => {
    const { status, body } = await reserve(there, showId, [1]);
    if (status === 201) await there.call('DELETE', `/v1/bookings/${String(body['bookingId'])}`);
    return body.code === 'CODE_REQUIRED';
  });
  // The node reads the revocation after a second. The rest is for a busy machine.
  expect(performance.now() - revokedAt).toBeLessThan(5000);
});
