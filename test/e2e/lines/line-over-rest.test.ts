import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Service } from '../../../src/service.js';
import { adminKey } from '../../support/api-keys.js';
import { testEnvironment } from '../../support/database.js';
import { joinOverRest, linePath } from '../../support/line-over-rest.js';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';
import { RestCaller } from '../../support/rest.js';
import { startTestService } from '../../support/service-host/start-test-service.js';

const service = setUpLineService({ ADMIN_API_KEY: adminKey });
/** A second node on the same database. */
let otherNode: Service;

beforeAll(async () => {
  otherNode = await service.startNode();
});

describe('the seat line over REST', () => {
  it('can be joined, read and left', async () => {
    const { showId } = await service.makeFullShow([4]);
    const caller = await service.caller();
    const queue = await joinOverRest(caller, showId, { partySize: 3, tiers: ['standard'] });
    expect(queue).toMatchObject({ showId, line: 'seats', ticket: 1, place: 1, ahead: 0, partySize: 3, waiting: 1 });
    const read = await caller.call('GET', linePath(showId));
    expect([read.status, read.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(read.headers.get('content-type')).toMatch(/^application\/json/);
    expect(read.body).toEqual(queue);
    expect((await caller.call('POST', linePath(showId), { partySize: 1 })).body).toEqual(queue);
    for (let turn = 0; turn < 2; turn++) {
      const left = await caller.call('DELETE', linePath(showId));
      expect([left.status, left.body]).toEqual([200, {}]);
    }
  });

  it('answers a caller outside the line at once, with null as JSON', async () => {
    const { showId } = await service.makeFullShow([1]);
    const caller = await service.caller();
    for (const query of ['', '?wait=25', '?wait=25&ahead=7']) {
      const { status, headers, body } = await caller.call('GET', linePath(showId) + query);
      expect([status, body]).toEqual([200, null]);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
    }
  });

  it('is the same line as the line over sockets', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const socket = await service.connect();
    const caller = await service.caller();
    await join(socket, showId);
    expect(await joinOverRest(caller, showId)).toMatchObject({ ticket: 2, ahead: 1, waiting: 2 });
    expect(await getPlace(socket, showId)).toMatchObject({ ticket: 1, ahead: 0, waiting: 2 });
    await giveBack(0);
    await socket.next('queue:offer');
    expect((await caller.call('GET', `/v1/bookings?showId=${showId}`)).body).toMatchObject({
      items: [{ status: 'reserved' }],
    });
  });

  it.each(['POST', 'GET', 'DELETE'])('refuses a %s without a session with UNAUTHENTICATED', async (method) => {
    const { showId } = await service.makeFullShow([1]);
    const body = method === 'POST' ? JSON.stringify({ partySize: 1 }) : undefined;
    for (const authorization of [undefined, 'Bearer', 'Bearer x.y.z', 'Basic dXNlcjpwYXNz']) {
      const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
      const answer = await fetch(service.url + linePath(showId), { method, headers, ...(body && { body }) });
      expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'UNAUTHENTICATED' }]);
    }
  });

  it.each([
    'wait=-1',
    'wait=61',
    'wait=100',
    'wait=1.5',
    'wait=1e1',
    'wait=abc',
    'wait=',
    'wait=%205',
    'wait=5&wait=6',
  ])('refuses the query %s', async (query) => {
    const { showId } = await service.makeFullShow([1]);
    const caller = await service.caller();
    const { status, body } = await caller.call('GET', `${linePath(showId)}?${query}`);
    expect([status, body]).toMatchObject([400, { code: 'INVALID_REQUEST', issues: [{ path: 'wait' }] }]);
  });

  it.each(['-1', '1.5', 'abc', '', '1e3', '9999999999999999'])('refuses the value %p of ahead', async (ahead) => {
    const { showId } = await service.makeFullShow([1]);
    const caller = await service.caller();
    const { status, body } = await caller.call('GET', `${linePath(showId)}?wait=5&ahead=${ahead}`);
    expect([status, body]).toMatchObject([400, { code: 'INVALID_REQUEST', issues: [{ path: 'ahead' }] }]);
  });
});

describe('a join with an idempotency key', () => {
  const joinWithKey = (caller: RestCaller, showId: number, key: string, request: object = { partySize: 1 }) =>
    caller.call('POST', linePath(showId), request, { 'idempotency-key': key });
  const listBookings = async (caller: RestCaller, showId: number) =>
    (await caller.call('GET', `/v1/bookings?showId=${showId}`)).body.items;

  it('gets the same answer and makes one hold, no matter how often and to which node it is sent', async () => {
    const { showId } = await service.makeFullShow([1], { seatsPerRow: 6 });
    const caller = await service.caller();
    const callerOnOtherNode = new RestCaller(otherNode.url, caller.session);
    const answers = await Promise.all(
      [caller, callerOnOtherNode, caller, callerOnOtherNode].map((nodeCaller) =>
        joinWithKey(nodeCaller, showId, 'tab', { partySize: 1, tiers: ['standard'] }),
      ),
    );
    answers.push(await joinWithKey(caller, showId, 'tab', { tiers: ['standard'], partySize: 1 }));
    answers.push(await joinWithKey(callerOnOtherNode, showId, 'tab', { partySize: 1, tiers: ['standard'] }));
    const laterNode = await startTestService(testEnvironment(service.databaseUrl));
    try {
      const callerOnLaterNode = new RestCaller(laterNode.url, caller.session);
      answers.push(await joinWithKey(callerOnLaterNode, showId, 'tab', { partySize: 1, tiers: ['standard'] }));
    } finally {
      await laterNode.close();
    }
    for (const { status, body } of answers) expect([status, body]).toEqual([201, answers[0]!.body]);
    expect(answers[0]!.body).toMatchObject({ ticket: 1, place: 1 });
    expect(await listBookings(caller, showId)).toHaveLength(1);
  });

  it('is recognized if it is repeated over a socket', async () => {
    const { showId } = await service.makeFullShow([1], { seatsPerRow: 6 });
    const caller = await service.caller();
    const { body } = await joinWithKey(caller, showId, 'one');
    const socket = await service.connect(caller.session.token);
    expect((await socket.ask('queue:join', { showId, partySize: 1, key: 'one' })).queue).toEqual(body);
    expect(await listBookings(caller, showId)).toHaveLength(1);
  });

  it('gets no new place if it is repeated after the session has left the line', async () => {
    const { showId } = await service.makeFullShow([2]);
    const caller = await service.caller();
    const queue = await joinOverRest(caller, showId);
    // The session was already in line before it used the key.
    expect((await joinWithKey(caller, showId, 'late')).body).toEqual(queue);
    await caller.call('DELETE', linePath(showId));
    // The chance is computed anew for each answer.
    expect((await joinWithKey(caller, showId, 'late')).body).toEqual({ ...queue, chance: expect.any(String) });
    expect((await caller.call('GET', linePath(showId))).body).toBeNull();
    expect((await joinWithKey(caller, showId, 'new')).body).toMatchObject({ ticket: 2 });
  });

  it('is refused if its key is too long, or was used with another body or for a reservation', async () => {
    const { showId } = await service.makeFullShow([1], { seatsPerRow: 6 });
    const caller = await service.caller();
    await joinWithKey(caller, showId, 'body');
    const reserve = (key: string) =>
      caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 1 } }, { 'idempotency-key': key });
    const refused = { status: 409, body: { code: 'KEY_REUSED' } };
    expect(await joinWithKey(caller, showId, 'body', { partySize: 2 })).toMatchObject(refused);
    expect(await reserve('body')).toMatchObject(refused);
    expect(await reserve('seats')).toMatchObject({ status: 201 });
    expect(await joinWithKey(caller, showId, 'seats')).toMatchObject(refused);
    expect(await joinWithKey(caller, showId, 'x'.repeat(129))).toMatchObject({ status: 400 });
  });
});
