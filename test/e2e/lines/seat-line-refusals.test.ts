import { beforeAll, describe, expect, it } from '@jest/globals';
import type { LayoutSeat, Queue } from '@usher/contract';
import { join, setUpLineService, getPlace } from '../../support/line-service.js';
import type { RestCaller } from '../../support/rest.js';
import { plainSeats } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

const dayMs = 24 * 60 * 60 * 1000;

const service = setUpLineService({ MAX_SEATS: '6' });
let socket: TestSocket;
let caller: RestCaller;
let showId: number;
/** A socket that waits in the line, and its place before the refused requests. */
let waiter: TestSocket;
let place: Queue;

/** A wheelchair place, its companion seat, and eight other seats. */
const seats: LayoutSeat[] = plainSeats(1, 10).map((seat, index) => ({
  ...seat,
  tier: index < 5 ? 'standard' : 'premium',
  kind: index === 0 ? 'wheelchair' : index === 1 ? 'companion' : 'standard',
}));

beforeAll(async () => {
  [socket, waiter] = [await service.connect(), await service.connect()];
  caller = await service.caller();
  ({ showId } = await service.makeFullShow([5, 5], { seats }));
  place = await join(waiter, showId);
});

/**
 * Sends a request that must be refused over a socket and over REST. Expects the same error from both, and returns it.
 */
async function sendRefusedJoin(request: object, show = showId) {
  const error = await socket.refused('queue:join', { showId: show, ...request });
  const answer = await caller.call('POST', `/v1/shows/${show}/queue`, request);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.status).toBe(error.status);
  expect(answer.body).toEqual(error);
  return error;
}

/** Expects that the line is as it was before the refused request. */
async function expectLineUnchanged(): Promise<void> {
  expect(await getPlace(waiter, showId)).toEqual(place);
  expect(await getPlace(socket, showId)).toBeNull();
}

describe('an invalid request to join the seat line', () => {
  it.each<[string, object, string]>([
    ['a party of zero', { partySize: 0 }, 'partySize'],
    ['a party of eleven', { partySize: 11 }, 'partySize'],
    ['a party of two and a half', { partySize: 2.5 }, 'partySize'],
    ['a party below zero', { partySize: -1 }, 'partySize'],
    ['a party as text', { partySize: '2' }, 'partySize'],
    ['no party', {}, 'partySize'],
    ['null for a party', { partySize: null }, 'partySize'],
    ['a huge party', { partySize: 1e308 }, 'partySize'],
    ['an empty list of tiers', { partySize: 2, tiers: [] }, 'tiers'],
    ['tiers as a text', { partySize: 2, tiers: 'standard' }, 'tiers'],
    ['a tier without a name', { partySize: 2, tiers: ['standard', ''] }, 'tiers.1'],
    ['a tier that is a number', { partySize: 2, tiers: [1] }, 'tiers.0'],
    ['null for tiers', { partySize: 2, tiers: null }, 'tiers'],
    ['an unknown tier', { partySize: 2, tiers: ['standard', 'throne'] }, 'tiers'],
    ['a tier with the name __proto__', { partySize: 2, tiers: ['__proto__'] }, 'tiers'],
    ['an unknown kind of seat', { partySize: 2, kind: 'sofa' }, 'kind'],
    ['a list of kinds', { partySize: 2, kind: ['wheelchair'] }, 'kind'],
    ['more wheelchairs than there are wheelchair places', { partySize: 2, kind: 'wheelchair' }, 'partySize'],
    ['a wheelchair in a tier without places', { partySize: 1, tiers: ['premium'], kind: 'wheelchair' }, 'partySize'],
    ['more seats of a tier than there are', { partySize: 6, tiers: ['premium'] }, 'partySize'],
  ])('is refused with INVALID_REQUEST and does not change the line: %s', async (_, request, path) => {
    const error = await sendRefusedJoin(request);
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
    expect('issues' in error && new Set(error.issues.map((issue) => issue.path))).toEqual(new Set([path]));
    await expectLineUnchanged();
  });

  it('is refused even if its session is already in line, and this session keeps its place', async () => {
    const error = await waiter.refused('queue:join', { showId, partySize: 11 });
    expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
    await expectLineUnchanged();
  });

  it('with a very long list gets a short answer', async () => {
    const error = await sendRefusedJoin({ partySize: 1, tiers: Array<string>(20_000).fill('') });
    expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(JSON.stringify(error).length).toBeLessThan(5000);
    await expectLineUnchanged();
  });
});

describe('a party that this service never serves', () => {
  it('is refused with INVALID_SEATS when it is larger than any reservation may be', async () => {
    expect(await sendRefusedJoin({ partySize: 7 })).toMatchObject({ code: 'INVALID_SEATS', status: 422, limit: 6 });
    await expectLineUnchanged();
  });

  it('is refused with HOLD_LIMIT when it is larger than a session may hold', async () => {
    const { showId: limitedShowId } = await service.makeFullShow([2, 2], { rules: { maxSeatsPerSession: 2 } });
    expect(await sendRefusedJoin({ partySize: 3 }, limitedShowId)).toMatchObject({
      code: 'HOLD_LIMIT',
      status: 409,
      limit: 2,
    });
    expect(await join(await service.connect(), limitedShowId)).toMatchObject({ ticket: 1 });
  });
});

describe('a show without a seat line', () => {
  it('answers NOT_FOUND when it does not exist', async () => {
    expect(await sendRefusedJoin({ partySize: 1 }, 999_999)).toMatchObject({ code: 'NOT_FOUND', what: 'show' });
    for (const event of ['queue:status', 'queue:leave']) {
      expect(await socket.refused(event, { showId: 999_999 })).toMatchObject({ code: 'NOT_FOUND', what: 'show' });
    }
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await caller.call(method, '/v1/shows/999999/queue');
      expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('answers SALE_CLOSED when it is over', async () => {
    const startsAt = new Date(Date.now() - dayMs);
    const { showId: endedShowId } = await service.makeFullShow([], { seatsPerRow: 4, startsAt });
    const closed = { code: 'SALE_CLOSED', status: 409, opensAt: null, closesAt: startsAt.toISOString() };
    expect(await sendRefusedJoin({ partySize: 1 }, endedShowId)).toMatchObject(closed);
    expect(await getPlace(socket, endedShowId)).toBeNull();
  });

  it('answers SALE_CLOSED when its sale has not opened and it has no waiting room', async () => {
    const saleOpensAt = new Date(Date.now() + dayMs);
    const { showId: earlyShowId } = await service.makeFullShow([], { seatsPerRow: 4, saleOpensAt });
    const closed = { code: 'SALE_CLOSED', status: 409, opensAt: saleOpensAt.toISOString() };
    expect(await sendRefusedJoin({ partySize: 1 }, earlyShowId)).toMatchObject(closed);
    expect(await getPlace(socket, earlyShowId)).toBeNull();
  });
});
