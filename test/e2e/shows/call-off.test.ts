import { expect, it } from '@jest/globals';
import { setUpApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const key = 'a key for tests only';
const app = setUpApp({ env: { ADMIN_API_KEY: key } });

it('calling a show off ends both lines with saleClosed and closes the sale', async () => {
  const showId = await makeShow(app.pool, { rows: 1, seatsPerRow: 2, waitingRoom: { mode: 'on', maxShoppers: 2 } });
  const [shopper, inSeatLine, inEntryLine] = [await app.connect(), await app.connect(), await app.connect()];
  for (const socket of [shopper, inSeatLine]) {
    expect(await socket.ask('show:join', { showId })).toMatchObject({ access: 'open' });
  }
  await shopper.ask('reservation:create', { showId, seats: [0, 1] });
  expect((await inSeatLine.ask('queue:join', { showId, partySize: 1 })).queue).toMatchObject({ line: 'seats' });
  expect(await inEntryLine.ask('show:join', { showId })).toMatchObject({ access: 'waiting', queue: { line: 'entry' } });

  const admin = await RestCaller.begin(app.url);
  const path = `/v1/admin/shows/${showId}/call-off`;
  const answer = await admin.call('POST', path, { reason: 'The projector is broken' }, { 'x-api-key': key });
  expect([answer.status, answer.body]).toMatchObject([200, { showId, calledOff: true, saleStatus: 'closed' }]);

  expect(await inSeatLine.next('queue:expired')).toEqual({ showId, line: 'seats', reason: 'saleClosed' });
  expect(await inEntryLine.next('queue:expired')).toEqual({ showId, line: 'entry', reason: 'saleClosed' });
  expect(await inSeatLine.refused('queue:join', { showId, partySize: 1 })).toMatchObject({ code: 'SALE_CLOSED' });
  // Nothing is left to wait for, so every client may look at the show.
  expect(await inEntryLine.ask('show:join', { showId })).toMatchObject({ access: 'open' });
  expect(await shopper.refused('reservation:create', { showId, seats: [0] })).toMatchObject({ code: 'SALE_CLOSED' });
  // Calling the show off has ended the wait in line.
  const { queue } = await inSeatLine.ask('queue:status', { showId });
  expect(queue).toBeNull();
});

it('calling a show off needs the administrator’s key and a reason', async () => {
  const showId = await makeShow(app.pool);
  const caller = await RestCaller.begin(app.url);
  const callOff = (headers: Record<string, string>, body: unknown = { reason: 'a test' }) =>
    caller.call('POST', `/v1/admin/shows/${showId}/call-off`, body, headers);
  expect(await callOff({})).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  expect(await callOff({ 'x-api-key': 'another key' })).toMatchObject({
    status: 401,
    body: { code: 'UNAUTHENTICATED' },
  });
  expect(await callOff({ 'x-api-key': key }, {})).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  expect((await caller.call('GET', `/v1/shows/${showId}`)).body).toMatchObject({ calledOff: false });
});
