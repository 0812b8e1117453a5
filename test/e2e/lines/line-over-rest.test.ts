import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Queue } from '@usher/contract';
import { readConfig } from '../../../src/config/config.js';
import { type Service, startService } from '../../../src/service.js';
import { adminKey } from '../../support/api-keys.js';
import { testEnvironment } from '../../support/database.js';
import { comeIn } from '../../support/entry-line.js';
import { join, LineService, placeOf } from '../../support/line-service.js';
import { makeShow } from '../../support/show.js';
import { type RestAnswer, RestCaller } from '../../support/rest.js';

let service: LineService;
/** A second node. */
let other: Service;

beforeAll(async () => {
  service = await LineService.start({ ADMIN_API_KEY: adminKey });
  other = await startService(readConfig(testEnvironment(service.app.databaseUrl)));
});

afterAll(async () => {
  await other.close();
  await service.close();
});

const lineOf = (showId: number): string => `/v1/shows/${showId}/queue`;

/** Joins over REST. */
async function stand(caller: RestCaller, showId: number, wish: object = { partySize: 1 }): Promise<Queue> {
  const { status, body } = await caller.call('POST', lineOf(showId), wish);
  expect(status).toBe(201);
  return Queue.parse(body);
}

/** A read that is held open: what is asked later is answered first. */
async function hold(
  caller: RestCaller,
  showId: number,
  ahead?: number | null,
): Promise<{ answer: Promise<RestAnswer> }> {
  let isAnswered = false;
  const path = `${lineOf(showId)}?wait=25${ahead === undefined ? '' : `&ahead=${ahead}`}`;
  const answer = caller.call('GET', path).finally(() => {
    isAnswered = true;
  });
  for (let turn = 0; turn < 5; turn++) await caller.call('GET', `/v1/bookings?showId=${showId}`);
  expect(isAnswered).toBe(false);
  return { answer };
}

describe('the line over REST', () => {
  it('is joined, read and left', async () => {
    const { showId } = await service.show([4]);
    const caller = await service.caller();
    const queue = await stand(caller, showId, { partySize: 3, tiers: ['standard'] });
    expect(queue).toMatchObject({ showId, line: 'seats', ticket: 1, place: 1, ahead: 0, partySize: 3, waiting: 1 });
    const read = await caller.call('GET', lineOf(showId));
    expect([read.status, read.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(read.headers.get('content-type')).toMatch(/^application\/json/);
    expect(read.body).toEqual(queue);
    expect((await caller.call('POST', lineOf(showId), { partySize: 1 })).body).toEqual(queue);
    for (let turn = 0; turn < 2; turn++) {
      const left = await caller.call('DELETE', lineOf(showId));
      expect([left.status, left.body]).toEqual([200, {}]);
    }
  });

  it('answers null, as JSON, to who is not in it, however long it was asked to wait', async () => {
    const { showId } = await service.show([1]);
    const caller = await service.caller();
    for (const query of ['', '?wait=25', '?wait=25&ahead=7']) {
      const { status, headers, body } = await caller.call('GET', lineOf(showId) + query);
      expect([status, body]).toEqual([200, null]);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
    }
  });

  it('is the same line as over sockets', async () => {
    const { showId, giveBack } = await service.show([2]);
    const socket = await service.connect();
    const caller = await service.caller();
    await join(socket, showId);
    expect(await stand(caller, showId)).toMatchObject({ ticket: 2, ahead: 1, waiting: 2 });
    expect(await placeOf(socket, showId)).toMatchObject({ ticket: 1, ahead: 0, waiting: 2 });
    await giveBack(0);
    await socket.next('queue:offer');
    expect((await caller.call('GET', `/v1/bookings?showId=${showId}`)).body).toMatchObject({
      items: [{ status: 'reserved' }],
    });
  });

  it.each(['POST', 'GET', 'DELETE'])('%s without a session is UNAUTHENTICATED', async (method) => {
    const { showId } = await service.show([1]);
    const body = method === 'POST' ? JSON.stringify({ partySize: 1 }) : undefined;
    for (const authorization of [undefined, 'Bearer', 'Bearer x.y.z', 'Basic dXNlcjpwYXNz']) {
      const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
      const answer = await fetch(service.app.url + lineOf(showId), { method, headers, ...(body && { body }) });
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
  ])('refuses %s', async (query) => {
    const { showId } = await service.show([1]);
    const caller = await service.caller();
    const { status, body } = await caller.call('GET', `${lineOf(showId)}?${query}`);
    expect([status, body]).toMatchObject([400, { code: 'INVALID_REQUEST', issues: [{ path: 'wait' }] }]);
  });

  it.each(['-1', '1.5', 'abc', '', '1e3', '9999999999999999'])('refuses the ahead %p', async (ahead) => {
    const { showId } = await service.show([1]);
    const caller = await service.caller();
    const { status, body } = await caller.call('GET', `${lineOf(showId)}?wait=5&ahead=${ahead}`);
    expect([status, body]).toMatchObject([400, { code: 'INVALID_REQUEST', issues: [{ path: 'ahead' }] }]);
  });
});

describe('a join with an idempotency key', () => {
  const joinWith = (caller: RestCaller, showId: number, key: string, wish: object = { partySize: 1 }) =>
    caller.call('POST', lineOf(showId), wish, { 'idempotency-key': key });
  const bookingsOf = async (caller: RestCaller, showId: number) =>
    (await caller.call('GET', `/v1/bookings?showId=${showId}`)).body.items;

  it('is answered the same, and makes one hold, however often and on whichever node it is sent', async () => {
    const { showId } = await service.show([1], { seatsPerRow: 6 });
    const caller = await service.caller();
    const there = new RestCaller(other.url, caller.session);
    const answers = await Promise.all(
      [caller, there, caller, there].map((one) => joinWith(one, showId, 'tab', { partySize: 1, tiers: ['standard'] })),
    );
    answers.push(await joinWith(caller, showId, 'tab', { tiers: ['standard'], partySize: 1 }));
    answers.push(await joinWith(there, showId, 'tab', { partySize: 1, tiers: ['standard'] }));
    const later = await startService(readConfig(testEnvironment(service.app.databaseUrl)));
    try {
      const afterwards = new RestCaller(later.url, caller.session);
      answers.push(await joinWith(afterwards, showId, 'tab', { partySize: 1, tiers: ['standard'] }));
    } finally {
      await later.close();
    }
    for (const { status, body } of answers) expect([status, body]).toEqual([201, answers[0]!.body]);
    expect(answers[0]!.body).toMatchObject({ ticket: 1, place: 1 });
    expect(await bookingsOf(caller, showId)).toHaveLength(1);
  });

  it('over a socket is the same join', async () => {
    const { showId } = await service.show([1], { seatsPerRow: 6 });
    const caller = await service.caller();
    const { body } = await joinWith(caller, showId, 'one');
    const socket = await service.connect(caller.session.token);
    expect((await socket.ask('queue:join', { showId, partySize: 1, key: 'one' })).queue).toEqual(body);
    expect(await bookingsOf(caller, showId)).toHaveLength(1);
  });

  it('gets no new place once the one that it was given is gone', async () => {
    const { showId } = await service.show([2]);
    const caller = await service.caller();
    const queue = await stand(caller, showId);
    // The session stood there before the key came.
    expect((await joinWith(caller, showId, 'late')).body).toEqual(queue);
    await caller.call('DELETE', lineOf(showId));
    // The chance is that of now.
    expect((await joinWith(caller, showId, 'late')).body).toEqual({ ...queue, chance: expect.any(String) });
    expect((await caller.call('GET', lineOf(showId))).body).toBeNull();
    expect((await joinWith(caller, showId, 'new')).body).toMatchObject({ ticket: 2 });
  });

  it('is refused with another body, and when the key held seats', async () => {
    const { showId } = await service.show([1], { seatsPerRow: 6 });
    const caller = await service.caller();
    await joinWith(caller, showId, 'body');
    const reserve = (key: string) =>
      caller.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 1 } }, { 'idempotency-key': key });
    const refused = { status: 409, body: { code: 'KEY_REUSED' } };
    expect(await joinWith(caller, showId, 'body', { partySize: 2 })).toMatchObject(refused);
    expect(await reserve('body')).toMatchObject(refused);
    expect(await reserve('seats')).toMatchObject({ status: 201 });
    expect(await joinWith(caller, showId, 'seats')).toMatchObject(refused);
    expect(await joinWith(caller, showId, 'x'.repeat(129))).toMatchObject({ status: 400 });
  });
});

describe('the outcome of a wait', () => {
  /** The header, the body that is asked for, and what a socket is answered: alike on every node. */
  async function outcomeOf(caller: RestCaller, showId: number) {
    const answers = [];
    for (const one of [caller, new RestCaller(other.url, caller.session)]) {
      const plain = await one.call('GET', lineOf(showId));
      const { body, headers } = await one.call('GET', `${lineOf(showId)}?outcome=true`);
      expect(plain.body).toEqual(body.queue);
      const { type } = body.outcome as { type: string };
      expect([plain, { headers }].map((answer) => answer.headers.get('usher-queue-outcome'))).toEqual([type, type]);
      answers.push(body.outcome);
    }
    expect(answers[1]).toEqual(answers[0]);
    const socket = await service.connect(caller.session.token);
    const { queue, outcome } = await socket.ask('queue:status', { showId });
    expect(outcome).toEqual(queue === null ? answers[0] : undefined);
    return answers[0];
  }
  const nothing = { line: null, ticket: null, at: null, reason: null, booking: null, until: null };

  it('is never, waiting, and left', async () => {
    const { showId } = await service.show([1]);
    const caller = await service.caller();
    expect(await outcomeOf(caller, showId)).toEqual({ ...nothing, type: 'never' });
    await stand(caller, showId);
    expect(await outcomeOf(caller, showId)).toEqual({ ...nothing, type: 'waiting', line: 'seats', ticket: 1 });
    await caller.call('DELETE', lineOf(showId));
    const left = { ...nothing, type: 'left', line: 'seats', ticket: 1, at: expect.any(String) };
    expect(await outcomeOf(caller, showId)).toEqual(left);
  });

  it('is offered, with the booking as it is now, and left once the seats are given back', async () => {
    const { showId, giveBack } = await service.show([2]);
    const caller = await service.caller();
    await stand(caller, showId, { partySize: 2 });
    const { answer } = await hold(caller, showId);
    await giveBack(0);
    const { body, headers } = await answer;
    expect([body, headers.get('usher-queue-outcome')]).toEqual([null, 'offered']);
    const [booking] = (await caller.call('GET', `/v1/bookings?showId=${showId}`)).body.items as { bookingId: string }[];
    expect(await outcomeOf(caller, showId)).toMatchObject({ type: 'offered', line: 'seats', booking });
    await caller.call('DELETE', `/v1/bookings/${booking!.bookingId}`);
    expect(await outcomeOf(caller, showId)).toMatchObject({ type: 'left', line: 'seats' });
  });

  it('is admitted, until the stay ends', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const first = await service.connect();
    await comeIn(first, showId);
    const caller = await service.caller();
    expect(await stand(caller, showId)).toMatchObject({ line: 'entry' });
    await first.ask('queue:leave', { showId });
    const admitted = { type: 'admitted', line: 'entry', ticket: expect.any(Number), until: expect.any(String) };
    await caller.call('GET', `${lineOf(showId)}?wait=25&ahead=0`);
    expect(await outcomeOf(caller, showId)).toMatchObject(admitted);
    expect(await outcomeOf(new RestCaller(service.app.url, await first.session()), showId)).toMatchObject({
      type: 'admitted',
      until: null,
    });
  });

  it('is calledOff for who waited, and for who had an offer', async () => {
    const { showId, giveBack } = await service.show([1, 1]);
    const [offered, waiting, never] = [await service.caller(), await service.caller(), await service.caller()];
    await stand(offered, showId);
    await stand(waiting, showId);
    await giveBack(0);
    const { answer } = await hold(waiting, showId);
    const off = await never.call(
      'POST',
      `/v1/admin/shows/${showId}/call-off`,
      { reason: 'a test' },
      { 'x-api-key': adminKey },
    );
    expect(off.status).toBe(200);
    expect((await answer).headers.get('usher-queue-outcome')).toBe('calledOff');
    for (const caller of [offered, waiting]) {
      expect(await outcomeOf(caller, showId)).toMatchObject({ type: 'calledOff', line: 'seats', reason: null });
    }
    expect(await outcomeOf(never, showId)).toEqual({ ...nothing, type: 'never' });
  });

  it('is expired with its reason', async () => {
    const { showId } = await service.show([1]);
    const caller = await service.caller();
    await stand(caller, showId);
    await service.pool.query(
      `update waiter set outcome = 'maxWait', waits = false, ended_at = now() where show_id = $1`,
      [showId],
    );
    const later = await startService(readConfig(testEnvironment(service.app.databaseUrl)));
    try {
      const { body } = await new RestCaller(later.url, caller.session).call('GET', `${lineOf(showId)}?outcome=true`);
      expect(body).toMatchObject({ queue: null, outcome: { type: 'expired', reason: 'maxWait', line: 'seats' } });
    } finally {
      await later.close();
    }
  });
});

describe('a read that is held open', () => {
  it('is answered at once when the line moves for it, to each of many', async () => {
    const { showId } = await service.show([1]);
    const first = await service.connect();
    await join(first, showId);
    const callers = await Promise.all(Array.from({ length: 20 }, () => service.caller()));
    for (const caller of callers) await stand(caller, showId);
    const reads = await Promise.all(callers.map((caller) => hold(caller, showId)));
    await first.ask('queue:leave', { showId });
    const answers = await Promise.all(reads.map(({ answer }) => answer));
    expect(answers.map(({ status }) => status)).toEqual(callers.map(() => 200));
    expect(answers.map(({ body }) => body.ahead)).toEqual(callers.map((_, index) => index));
  });

  it('is answered null at once when seats are offered, which are then among the bookings', async () => {
    const { showId, giveBack } = await service.show([2]);
    const caller = await service.caller();
    const { ahead } = await stand(caller, showId, { partySize: 2 });
    const { answer } = await hold(caller, showId, ahead);
    await giveBack(0);
    expect((await answer).body).toBeNull();
    const { body } = await caller.call('GET', `/v1/bookings?showId=${showId}`);
    expect(body).toMatchObject({ items: [{ status: 'reserved', seats: [{ seat: 0 }, { seat: 1 }] }] });
  });

  it('is answered null at once when a socket of the session leaves', async () => {
    const { showId } = await service.show([2]);
    const caller = await service.caller();
    await stand(caller, showId);
    const { answer } = await hold(caller, showId);
    await (await service.connect(caller.session.token)).ask('queue:leave', { showId });
    expect((await answer).body).toBeNull();
  });

  it('is answered as it was when nothing happens in time', async () => {
    const { showId } = await service.show([2]);
    const caller = await service.caller();
    const queue = await stand(caller, showId);
    const began = performance.now();
    const { body } = await caller.call('GET', `${lineOf(showId)}?wait=1&ahead=${queue.ahead}`);
    const took = performance.now() - began;
    expect(body).toEqual(queue);
    expect(took).toBeGreaterThan(990);
    expect(took).toBeLessThan(5000);
  });

  it('is answered at once when the line moved since the caller was told last', async () => {
    const { showId } = await service.show([2]);
    const first = await service.connect();
    await join(first, showId);
    const caller = await service.caller();
    const { version, ahead } = await stand(caller, showId);
    await first.ask('queue:leave', { showId });
    const { body } = await caller.call('GET', `${lineOf(showId)}?wait=25&ahead=${ahead}`);
    expect(body).toMatchObject({ version: version + 1, ahead: 0 });
  });

  it('is answered when the session asks anew: one is held open for it', async () => {
    const { showId } = await service.show([2]);
    const caller = await service.caller();
    const queue = await stand(caller, showId);
    const older = await hold(caller, showId);
    const newer = await hold(caller, showId);
    expect((await older.answer).body).toEqual(queue);
    const left = performance.now();
    await caller.call('DELETE', lineOf(showId));
    expect((await newer.answer).body).toBeNull();
    expect(performance.now() - left).toBeLessThan(10_000);
  });

  it('of one show is not answered by another', async () => {
    const [one, another] = [await service.show([1]), await service.show([1])];
    const caller = await service.caller();
    await stand(caller, one.showId);
    await stand(caller, another.showId);
    const reads = [await hold(caller, one.showId), await hold(caller, another.showId)];
    await one.giveBack(0);
    expect((await reads[0]!.answer).body).toBeNull();
    expect((await caller.call('GET', lineOf(another.showId))).body).toMatchObject({ ticket: 1 });
    await another.giveBack(0);
    expect((await reads[1]!.answer).body).toBeNull();
  });

  it('leaves nothing behind when its caller hangs up, and the place stays', async () => {
    const { showId } = await service.show([2]);
    const callers = await Promise.all(Array.from({ length: 80 }, () => service.caller()));
    for (const caller of callers) await stand(caller, showId);
    const before = timers();
    const hangUp = new AbortController();
    const reads = callers.map(({ session: { token } }) =>
      fetch(`${service.app.url + lineOf(showId)}?wait=60`, {
        headers: { authorization: `Bearer ${token}` },
        signal: hangUp.signal,
      }),
    );
    // A timer each; the margin is for those of connections and pools that come and go meanwhile.
    await until(callers[0]!, () => timers() >= before + 60);
    const held = timers();
    hangUp.abort();
    expect((await Promise.allSettled(reads)).map(({ status }) => status)).toEqual(callers.map(() => 'rejected'));
    await until(callers[0]!, () => timers() <= held - 60);
    expect((await callers[79]!.call('GET', lineOf(showId))).body).toMatchObject({ ticket: 80, waiting: 80 });
  });
});

/** Timers that run in this process, the service's among them. */
const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

/** Calls the service until something holds. */
async function until(caller: RestCaller, holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not in time; ${timers()} timers run`);
    await caller.call('GET', '/health/live');
  }
}

describe('a service that is closed', () => {
  it('answers the reads that it holds open, and does not wait for their time', async () => {
    const closing = await LineService.start();
    const { showId } = await closing.show([1]);
    const callers = await Promise.all(Array.from({ length: 5 }, () => closing.caller()));
    const places: Queue[] = [];
    for (const caller of callers) places.push(await stand(caller, showId));
    const reads = await Promise.all(callers.map((caller) => hold(caller, showId)));
    const began = performance.now();
    const closed = closing.close();
    const answers = await Promise.all(reads.map(({ answer }) => answer));
    expect(answers.map(({ status, body }) => [status, body.ticket])).toEqual(places.map(({ ticket }) => [200, ticket]));
    await closed;
    expect(performance.now() - began).toBeLessThan(8000);
  });
});
