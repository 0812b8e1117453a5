import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Queue } from '@usher/contract';
import { readConfig } from '../../../src/config/config.js';
import { type Service, startService } from '../../../src/service.js';
import { adminKey } from '../../support/api-keys.js';
import { testEnvironment } from '../../support/database.js';
import { enterShow } from '../../support/entry-line.js';
import { join, LineService, getPlace } from '../../support/line-service.js';
import { makeShow } from '../../support/show.js';
import { type RestAnswer, RestCaller } from '../../support/rest.js';

let service: LineService;
/** A second node on the same database. */
let otherNode: Service;

beforeAll(async () => {
  service = await LineService.start({ ADMIN_API_KEY: adminKey });
  otherNode = await startService(readConfig(testEnvironment(service.app.databaseUrl)));
});

afterAll(async () => {
  await otherNode.close();
  await service.close();
});

const linePath = (showId: number): string => `/v1/shows/${showId}/queue`;

/** Joins the line over REST. */
async function joinOverRest(caller: RestCaller, showId: number, request: object = { partySize: 1 }): Promise<Queue> {
  const { status, body } = await caller.call('POST', linePath(showId), request);
  expect(status).toBe(201);
  return Queue.parse(body);
}

/** Starts a long poll. Later requests are answered first, which proves that the server holds the poll open. */
async function startLongPoll(
  caller: RestCaller,
  showId: number,
  ahead?: number | null,
): Promise<{ answer: Promise<RestAnswer> }> {
  let isAnswered = false;
  const path = `${linePath(showId)}?wait=25${ahead === undefined ? '' : `&ahead=${ahead}`}`;
  const answer = caller.call('GET', path).finally(() => {
    isAnswered = true;
  });
  for (let turn = 0; turn < 5; turn++) await caller.call('GET', `/v1/bookings?showId=${showId}`);
  expect(isAnswered).toBe(false);
  return { answer };
}

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

  it('answers null as JSON to a caller outside the line, without waiting', async () => {
    const { showId } = await service.makeFullShow([1]);
    const caller = await service.caller();
    for (const query of ['', '?wait=25', '?wait=25&ahead=7']) {
      const { status, headers, body } = await caller.call('GET', linePath(showId) + query);
      expect([status, body]).toEqual([200, null]);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
    }
  });

  it('is the same line as over sockets', async () => {
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

  it.each(['POST', 'GET', 'DELETE'])('answers %s without a session with UNAUTHENTICATED', async (method) => {
    const { showId } = await service.makeFullShow([1]);
    const body = method === 'POST' ? JSON.stringify({ partySize: 1 }) : undefined;
    for (const authorization of [undefined, 'Bearer', 'Bearer x.y.z', 'Basic dXNlcjpwYXNz']) {
      const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
      const answer = await fetch(service.app.url + linePath(showId), { method, headers, ...(body && { body }) });
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

  it('gets the same answer and one hold, however often and on whichever node it is sent', async () => {
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
    const laterNode = await startService(readConfig(testEnvironment(service.app.databaseUrl)));
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

  it('is the same join over a socket', async () => {
    const { showId } = await service.makeFullShow([1], { seatsPerRow: 6 });
    const caller = await service.caller();
    const { body } = await joinWithKey(caller, showId, 'one');
    const socket = await service.connect(caller.session.token);
    expect((await socket.ask('queue:join', { showId, partySize: 1, key: 'one' })).queue).toEqual(body);
    expect(await listBookings(caller, showId)).toHaveLength(1);
  });

  it('gets no new place after its first place is gone', async () => {
    const { showId } = await service.makeFullShow([2]);
    const caller = await service.caller();
    const queue = await joinOverRest(caller, showId);
    // The session was already in line before it used the key.
    expect((await joinWithKey(caller, showId, 'late')).body).toEqual(queue);
    await caller.call('DELETE', linePath(showId));
    // The chance is computed for the time of the call.
    expect((await joinWithKey(caller, showId, 'late')).body).toEqual({ ...queue, chance: expect.any(String) });
    expect((await caller.call('GET', linePath(showId))).body).toBeNull();
    expect((await joinWithKey(caller, showId, 'new')).body).toMatchObject({ ticket: 2 });
  });

  it('is refused with another body, and with a key that was used for a reservation', async () => {
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

describe('the outcome of a wait', () => {
  /** Returns the outcome, which must be the same in the header, in the body, over a socket, and on every node. */
  async function readOutcome(caller: RestCaller, showId: number) {
    const answers = [];
    for (const nodeCaller of [caller, new RestCaller(otherNode.url, caller.session)]) {
      const withoutOutcome = await nodeCaller.call('GET', linePath(showId));
      const { body, headers } = await nodeCaller.call('GET', `${linePath(showId)}?outcome=true`);
      expect(withoutOutcome.body).toEqual(body.queue);
      const { type } = body.outcome as { type: string };
      expect([withoutOutcome, { headers }].map((answer) => answer.headers.get('usher-queue-outcome'))).toEqual([
        type,
        type,
      ]);
      answers.push(body.outcome);
    }
    expect(answers[1]).toEqual(answers[0]);
    const socket = await service.connect(caller.session.token);
    const { queue, outcome } = await socket.ask('queue:status', { showId });
    expect(outcome).toEqual(queue === null ? answers[0] : undefined);
    return answers[0];
  }
  const emptyOutcome = { line: null, ticket: null, at: null, reason: null, booking: null, until: null };

  it('is first never, then waiting, then left', async () => {
    const { showId } = await service.makeFullShow([1]);
    const caller = await service.caller();
    expect(await readOutcome(caller, showId)).toEqual({ ...emptyOutcome, type: 'never' });
    await joinOverRest(caller, showId);
    expect(await readOutcome(caller, showId)).toEqual({ ...emptyOutcome, type: 'waiting', line: 'seats', ticket: 1 });
    await caller.call('DELETE', linePath(showId));
    const left = { ...emptyOutcome, type: 'left', line: 'seats', ticket: 1, at: expect.any(String) };
    expect(await readOutcome(caller, showId)).toEqual(left);
  });

  it('is offered with the current booking, and left after the seats are given back', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const caller = await service.caller();
    await joinOverRest(caller, showId, { partySize: 2 });
    const { answer } = await startLongPoll(caller, showId);
    await giveBack(0);
    const { body, headers } = await answer;
    expect([body, headers.get('usher-queue-outcome')]).toEqual([null, 'offered']);
    const [booking] = (await caller.call('GET', `/v1/bookings?showId=${showId}`)).body.items as { bookingId: string }[];
    expect(await readOutcome(caller, showId)).toMatchObject({ type: 'offered', line: 'seats', booking });
    await caller.call('DELETE', `/v1/bookings/${booking!.bookingId}`);
    expect(await readOutcome(caller, showId)).toMatchObject({ type: 'left', line: 'seats' });
  });

  it('is admitted until the stay ends', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const first = await service.connect();
    await enterShow(first, showId);
    const caller = await service.caller();
    expect(await joinOverRest(caller, showId)).toMatchObject({ line: 'entry' });
    await first.ask('queue:leave', { showId });
    const admitted = { type: 'admitted', line: 'entry', ticket: expect.any(Number), until: expect.any(String) };
    await caller.call('GET', `${linePath(showId)}?wait=25&ahead=0`);
    expect(await readOutcome(caller, showId)).toMatchObject(admitted);
    expect(await readOutcome(new RestCaller(service.app.url, await first.session()), showId)).toMatchObject({
      type: 'admitted',
      until: null,
    });
  });

  it('is calledOff for a waiter and for a buyer with an offer', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([1, 1]);
    const [offered, waiting, never] = [await service.caller(), await service.caller(), await service.caller()];
    await joinOverRest(offered, showId);
    await joinOverRest(waiting, showId);
    await giveBack(0);
    const { answer } = await startLongPoll(waiting, showId);
    const calledOff = await never.call(
      'POST',
      `/v1/admin/shows/${showId}/call-off`,
      { reason: 'a test' },
      { 'x-api-key': adminKey },
    );
    expect(calledOff.status).toBe(200);
    expect((await answer).headers.get('usher-queue-outcome')).toBe('calledOff');
    for (const caller of [offered, waiting]) {
      expect(await readOutcome(caller, showId)).toMatchObject({ type: 'calledOff', line: 'seats', reason: null });
    }
    expect(await readOutcome(never, showId)).toEqual({ ...emptyOutcome, type: 'never' });
  });

  it('is expired with a reason', async () => {
    const { showId } = await service.makeFullShow([1]);
    const caller = await service.caller();
    await joinOverRest(caller, showId);
    await service.pool.query(
      `update waiter set outcome = 'maxWait', waits = false, ended_at = now() where show_id = $1`,
      [showId],
    );
    const laterNode = await startService(readConfig(testEnvironment(service.app.databaseUrl)));
    try {
      const { body } = await new RestCaller(laterNode.url, caller.session).call(
        'GET',
        `${linePath(showId)}?outcome=true`,
      );
      expect(body).toMatchObject({ queue: null, outcome: { type: 'expired', reason: 'maxWait', line: 'seats' } });
    } finally {
      await laterNode.close();
    }
  });
});

describe('a long poll', () => {
  it('is answered for each of many callers as soon as the caller moves up', async () => {
    const { showId } = await service.makeFullShow([1]);
    const first = await service.connect();
    await join(first, showId);
    const callers = await Promise.all(Array.from({ length: 20 }, () => service.caller()));
    for (const caller of callers) await joinOverRest(caller, showId);
    const reads = await Promise.all(callers.map((caller) => startLongPoll(caller, showId)));
    await first.ask('queue:leave', { showId });
    const answers = await Promise.all(reads.map(({ answer }) => answer));
    expect(answers.map(({ status }) => status)).toEqual(callers.map(() => 200));
    expect(answers.map(({ body }) => body.ahead)).toEqual(callers.map((_, index) => index));
  });

  it('is answered with null as soon as seats are offered, which are then among the bookings', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const caller = await service.caller();
    const { ahead } = await joinOverRest(caller, showId, { partySize: 2 });
    const { answer } = await startLongPoll(caller, showId, ahead);
    await giveBack(0);
    expect((await answer).body).toBeNull();
    const { body } = await caller.call('GET', `/v1/bookings?showId=${showId}`);
    expect(body).toMatchObject({ items: [{ status: 'reserved', seats: [{ seat: 0 }, { seat: 1 }] }] });
  });

  it('is answered with null as soon as a socket of the session leaves the line', async () => {
    const { showId } = await service.makeFullShow([2]);
    const caller = await service.caller();
    await joinOverRest(caller, showId);
    const { answer } = await startLongPoll(caller, showId);
    await (await service.connect(caller.session.token)).ask('queue:leave', { showId });
    expect((await answer).body).toBeNull();
  });

  it('is answered with the unchanged place when nothing happens in time', async () => {
    const { showId } = await service.makeFullShow([2]);
    const caller = await service.caller();
    const queue = await joinOverRest(caller, showId);
    const began = performance.now();
    const { body } = await caller.call('GET', `${linePath(showId)}?wait=1&ahead=${queue.ahead}`);
    const took = performance.now() - began;
    expect(body).toEqual(queue);
    expect(took).toBeGreaterThan(990);
    expect(took).toBeLessThan(5000);
  });

  it('is answered at once when the line has moved since the caller’s last answer', async () => {
    const { showId } = await service.makeFullShow([2]);
    const first = await service.connect();
    await join(first, showId);
    const caller = await service.caller();
    const { version, ahead } = await joinOverRest(caller, showId);
    await first.ask('queue:leave', { showId });
    const { body } = await caller.call('GET', `${linePath(showId)}?wait=25&ahead=${ahead}`);
    expect(body).toMatchObject({ version: version + 1, ahead: 0 });
  });

  it('is answered when the session polls again, because a session has one open poll', async () => {
    const { showId } = await service.makeFullShow([2]);
    const caller = await service.caller();
    const queue = await joinOverRest(caller, showId);
    const older = await startLongPoll(caller, showId);
    const newer = await startLongPoll(caller, showId);
    expect((await older.answer).body).toEqual(queue);
    const left = performance.now();
    await caller.call('DELETE', linePath(showId));
    expect((await newer.answer).body).toBeNull();
    expect(performance.now() - left).toBeLessThan(10_000);
  });

  it('is not answered by an event of another show', async () => {
    const [firstShow, secondShow] = [await service.makeFullShow([1]), await service.makeFullShow([1])];
    const caller = await service.caller();
    await joinOverRest(caller, firstShow.showId);
    await joinOverRest(caller, secondShow.showId);
    const reads = [await startLongPoll(caller, firstShow.showId), await startLongPoll(caller, secondShow.showId)];
    await firstShow.release(0);
    expect((await reads[0]!.answer).body).toBeNull();
    expect((await caller.call('GET', linePath(secondShow.showId))).body).toMatchObject({ ticket: 1 });
    await secondShow.release(0);
    expect((await reads[1]!.answer).body).toBeNull();
  });

  it('leaves no timer behind when its caller hangs up, and the place stays', async () => {
    const { showId } = await service.makeFullShow([2]);
    const callers = await Promise.all(Array.from({ length: 80 }, () => service.caller()));
    for (const caller of callers) await joinOverRest(caller, showId);
    const before = countTimers();
    const hangUp = new AbortController();
    const reads = callers.map(({ session: { token } }) =>
      fetch(`${service.app.url + linePath(showId)}?wait=60`, {
        headers: { authorization: `Bearer ${token}` },
        signal: hangUp.signal,
      }),
    );
    // Each poll has a timer. The margin of 20 covers timers of connections and pools that come and go.
    await callUntil(callers[0]!, () => countTimers() >= before + 60);
    const timersWithPolls = countTimers();
    hangUp.abort();
    expect((await Promise.allSettled(reads)).map(({ status }) => status)).toEqual(callers.map(() => 'rejected'));
    await callUntil(callers[0]!, () => countTimers() <= timersWithPolls - 60);
    expect((await callers[79]!.call('GET', linePath(showId))).body).toMatchObject({ ticket: 80, waiting: 80 });
  });
});

/** Counts the timers of this process, which include the service's timers. */
const countTimers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

/** Calls the service until a condition holds. */
async function callUntil(caller: RestCaller, isFulfilled: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!isFulfilled()) {
    if (performance.now() > end) throw new Error(`not in time; ${countTimers()} timers run`);
    await caller.call('GET', '/health/live');
  }
}

describe('a service that shuts down', () => {
  it('answers its open polls at once', async () => {
    const closingService = await LineService.start();
    const { showId } = await closingService.makeFullShow([1]);
    const callers = await Promise.all(Array.from({ length: 5 }, () => closingService.caller()));
    const places: Queue[] = [];
    for (const caller of callers) places.push(await joinOverRest(caller, showId));
    const reads = await Promise.all(callers.map((caller) => startLongPoll(caller, showId)));
    const began = performance.now();
    const closed = closingService.close();
    const answers = await Promise.all(reads.map(({ answer }) => answer));
    expect(answers.map(({ status, body }) => [status, body.ticket])).toEqual(places.map(({ ticket }) => [200, ticket]));
    await closed;
    expect(performance.now() - began).toBeLessThan(8000);
  });
});
