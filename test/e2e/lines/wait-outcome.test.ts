import { beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, QueueOutcome } from '@usher/contract';
import type { Service } from '../../../src/service.js';
import { adminKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { testEnvironment } from '../../support/database.js';
import { enterShow } from '../../support/entry-line.js';
import { joinOverRest, linePath, startLongPoll } from '../../support/line-over-rest.js';
import { setUpLineService } from '../../support/line-service.js';
import { makeShow } from '../../support/show.js';
import { RestCaller } from '../../support/rest.js';
import { startTestService } from '../../support/service-host/start-test-service.js';

const service = setUpLineService({ ADMIN_API_KEY: adminKey });
/** A second node on the same database. */
let otherNode: Service;

beforeAll(async () => {
  otherNode = await service.startNode();
});

describe('the outcome of a wait', () => {
  /** Returns the outcome. Expects that it is the same in the header, in the body, over a socket, and on both nodes. */
  async function readOutcome(caller: RestCaller, showId: number) {
    const answers = [];
    for (const nodeCaller of [caller, new RestCaller(otherNode.url, caller.session)]) {
      const withoutOutcome = await nodeCaller.call('GET', linePath(showId));
      const { body, headers } = await nodeCaller.call('GET', `${linePath(showId)}?outcome=true`);
      expect(withoutOutcome.body).toEqual(body.queue);
      const { type } = validate(QueueOutcome, body.outcome);
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

  it('is "never" first, then "waiting", then "left"', async () => {
    const { showId } = await service.makeFullShow([1]);
    const caller = await service.caller();
    expect(await readOutcome(caller, showId)).toEqual({ ...emptyOutcome, type: 'never' });
    await joinOverRest(caller, showId);
    expect(await readOutcome(caller, showId)).toEqual({ ...emptyOutcome, type: 'waiting', line: 'seats', ticket: 1 });
    await caller.call('DELETE', linePath(showId));
    const left = { ...emptyOutcome, type: 'left', line: 'seats', ticket: 1, at: expect.any(String) };
    expect(await readOutcome(caller, showId)).toEqual(left);
  });

  it('is "offered" with the current booking, and "left" after the seats are given back', async () => {
    const { showId, release: giveBack } = await service.makeFullShow([2]);
    const caller = await service.caller();
    await joinOverRest(caller, showId, { partySize: 2 });
    const { answer } = await startLongPoll(caller, showId);
    await giveBack(0);
    const { body, headers } = await answer;
    expect([body, headers.get('usher-queue-outcome')]).toEqual([null, 'offered']);
    const list = await caller.call('GET', `/v1/bookings?showId=${showId}`);
    const [booking] = validate(endpoints.listBookings.answer, list.body).items;
    expect(await readOutcome(caller, showId)).toMatchObject({ type: 'offered', line: 'seats', booking });
    await caller.call('DELETE', `/v1/bookings/${booking!.bookingId}`);
    expect(await readOutcome(caller, showId)).toMatchObject({ type: 'left', line: 'seats' });
  });

  it('is "admitted" until the stay ends', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const first = await service.connect();
    await enterShow(first, showId);
    const caller = await service.caller();
    expect(await joinOverRest(caller, showId)).toMatchObject({ line: 'entry' });
    await first.ask('queue:leave', { showId });
    const admitted = { type: 'admitted', line: 'entry', ticket: expect.any(Number), until: expect.any(String) };
    await caller.call('GET', `${linePath(showId)}?wait=25&ahead=0`);
    expect(await readOutcome(caller, showId)).toMatchObject(admitted);
    expect(await readOutcome(new RestCaller(service.url, await first.session()), showId)).toMatchObject({
      type: 'admitted',
      until: null,
    });
  });

  it('is "calledOff" for a waiter and for a buyer with an offer', async () => {
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

  it('is "expired" with a reason', async () => {
    const { showId } = await service.makeFullShow([1]);
    const caller = await service.caller();
    await joinOverRest(caller, showId);
    await service.pool.query(
      `update waiter set outcome = 'maxWait', waits = false, ended_at = now() where show_id = $1`,
      [showId],
    );
    const laterNode = await startTestService(testEnvironment(service.databaseUrl));
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
