import { describe, expect, it } from '@jest/globals';
import { enterShow } from '../../support/entry-line.js';
import { setUpLineService } from '../../support/line-service.js';
import type { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const service = setUpLineService();

type Answer = Record<string, unknown> | null;

/**
 * Sends a long poll. Returns the place in line, or null if the caller is not in the line. @param known the caller's
 * last answer
 */
const poll = async (caller: RestCaller, showId: number, known: Answer = null): Promise<Answer> => {
  const since = known === null ? '' : `&version=${String(known.version)}`;
  return (await caller.call('GET', `/v1/shows/${showId}/queue?wait=25${since}`)).body;
};

/** Polls until an answer meets the condition `fits`. Returns this answer. */
async function pollUntil(caller: RestCaller, showId: number, known: Answer, fits: (queue: Answer) => boolean) {
  let queue = known;
  for (let polls = 0; polls < 100; polls++) {
    queue = await poll(caller, showId, queue);
    if (fits(queue)) return queue;
  }
  throw new Error(`none of 100 answers met the condition; the last answer was ${JSON.stringify(queue)}`);
}

describe('a waiting room over REST', () => {
  it('can be joined, waited in and left without a socket, and admission opens every REST path', async () => {
    const showId = await makeShow(service.pool, { waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const [inside, caller, last] = [await service.connect(), await service.caller(), await service.caller()];
    await enterShow(inside, showId);
    const path = `/v1/shows/${showId}`;
    const joined = await caller.call('POST', `${path}/queue`, { partySize: 2 });
    expect(joined.body).toMatchObject({ line: 'entry', ahead: 0, partySize: 2 });
    await last.call('POST', `${path}/queue`, { partySize: 1 });
    expect((await last.call('GET', `${path}/queue`)).body).toMatchObject({ ahead: 1, waiting: 2 });
    const [pollOfNext, pollOfLast] = [poll(caller, showId), poll(last, showId)];
    await inside.ask('show:leave', { showId });
    expect([await pollOfNext, await pollOfLast]).toEqual([null, expect.objectContaining({ ahead: 0, waiting: 1 })]);
    expect((await caller.call('GET', `${path}/seats`)).status).toBe(200);
    const booked = await caller.call('POST', `${path}/reservations`, { best: { count: 2 } });
    expect(booked.status).toBe(201);
    expect((await last.call('GET', `${path}/seats`)).body).toMatchObject({ code: 'NOT_ADMITTED', queue: { ahead: 0 } });
    const lastPoll = poll(last, showId);
    expect((await caller.call('DELETE', `${path}/queue`)).status).toBe(200);
    expect(await lastPoll).toBeNull();
    expect((await last.call('GET', `${path}/seats`)).status).toBe(200);
    expect((await caller.call('GET', `${path}/seats`)).body).toMatchObject({ code: 'NOT_ADMITTED', queue: null });
  });

  it('answers the polls of a lobby as soon as the places are drawn', async () => {
    const callers = [await service.caller(), await service.caller(), await service.caller()];
    const saleOpensAt = new Date(Date.now() + 1500);
    const showId = await makeShow(service.pool, { saleOpensAt, waitingRoom: { mode: 'on', maxShoppers: 1 } });
    const joined: Answer[] = [];
    for (const caller of callers) {
      joined.push((await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 })).body);
    }
    expect(joined.map((queue) => [queue?.place, queue?.ahead])).toEqual(callers.map(() => [null, null]));
    // The first waiter is admitted, so the second has nobody ahead and the third has one waiter ahead.
    const isServed = (queue: Answer) => queue === null || Number(queue.place) === Number(queue.ahead) + 2;
    const served = await Promise.all(
      callers.map((caller, index) => pollUntil(caller, showId, joined[index]!, isServed)),
    );
    expect(Date.now() - saleOpensAt.getTime()).toBeLessThan(5000);
    expect(served.map((queue) => Number(queue?.place ?? 1)).toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });
});
