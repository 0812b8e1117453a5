import { describe, expect, it } from '@jest/globals';
import { Queue } from '@usher/contract';
import { readConfig } from '../../../src/config/config.js';
import { startService } from '../../../src/service.js';
import { testEnvironment } from '../../support/database.js';
import { joinOverRest, linePath, startLongPoll } from '../../support/line-over-rest.js';
import { join, LineService, setUpLineService } from '../../support/line-service.js';
import { RestCaller } from '../../support/rest.js';

const service = setUpLineService();

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

  it('is answered with null as soon as seats are offered, and the offer is then among the bookings', async () => {
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

  it('is answered with the unchanged place if nothing happens within the requested time', async () => {
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

  it('is answered at once if the line has moved since the caller’s last answer', async () => {
    const { showId } = await service.makeFullShow([2]);
    const first = await service.connect();
    await join(first, showId);
    const caller = await service.caller();
    const { version, ahead } = await joinOverRest(caller, showId);
    await first.ask('queue:leave', { showId });
    const { body } = await caller.call('GET', `${linePath(showId)}?wait=25&ahead=${ahead}`);
    expect(body).toMatchObject({ version: version + 1, ahead: 0 });
  });

  it('is answered when the session polls again, because a session can have only one open poll', async () => {
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

  it('is not answered because of an event in another show', async () => {
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

  it('leaves no timer behind when its caller hangs up, and the caller keeps the place', async () => {
    const { showId } = await service.makeFullShow([2]);
    // This node runs in the process of the test, so that the test can count its timers.
    const node = await startService(readConfig(testEnvironment(service.databaseUrl)));
    const callers = await Promise.all(Array.from({ length: 80 }, () => RestCaller.begin(node.url)));
    for (const caller of callers) await joinOverRest(caller, showId);
    const before = countTimers();
    const hangUp = new AbortController();
    const reads = callers.map(({ session: { token } }) =>
      fetch(`${node.url + linePath(showId)}?wait=60`, {
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
    await node.close();
  });
});

/** Counts the timers of this process, including those of a service that runs in this process. */
const countTimers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

/** Calls the service until the condition is true. */
async function callUntil(caller: RestCaller, isFulfilled: () => boolean): Promise<void> {
  const end = performance.now() + 10_000;
  while (!isFulfilled()) {
    if (performance.now() > end) throw new Error(`the condition was not true within 10 s; ${countTimers()} timers run`);
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
