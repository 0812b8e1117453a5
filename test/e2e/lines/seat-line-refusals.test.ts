import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LayoutSeat, Queue } from '@usher/contract';
import { join, LineService, placeOf } from '../../support/line-service.js';
import type { RestCaller } from '../../support/rest.js';
import { plainSeats } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';

const day = 24 * 60 * 60 * 1000;

let service: LineService;
let socket: TestSocket;
let caller: RestCaller;
let showId: number;
/** Somebody who stands in the line, and the place before anything was refused. */
let waiting: TestSocket;
let place: Queue;

/** A wheelchair place, its companion, and eight other seats. */
const seats: LayoutSeat[] = plainSeats(1, 10).map((seat, index) => ({
  ...seat,
  tier: index < 5 ? 'standard' : 'premium',
  kind: index === 0 ? 'wheelchair' : index === 1 ? 'companion' : 'standard',
}));

beforeAll(async () => {
  service = await LineService.start({ MAX_SEATS: '6' });
  [socket, waiting] = [await service.connect(), await service.connect()];
  caller = await service.caller();
  ({ showId } = await service.show([5, 5], { seats }));
  place = await join(waiting, showId);
});

afterAll(async () => {
  await service.close();
});

/** Both transports' refusals of a wish, which must be the same. */
async function refusals(wish: object, show = showId) {
  const error = await socket.refused('queue:join', { showId: show, ...wish });
  const answer = await caller.call('POST', `/v1/shows/${show}/queue`, wish);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.status).toBe(error.status);
  expect(answer.body).toEqual(error);
  return error;
}

/** Nobody came, nobody went, nothing happened. */
async function expectUntouched(): Promise<void> {
  expect(await placeOf(waiting, showId)).toEqual(place);
  expect(await placeOf(socket, showId)).toBeNull();
}

describe('a wish that makes no sense', () => {
  it.each<[string, object, string]>([
    ['a party of none', { partySize: 0 }, 'partySize'],
    ['a party of eleven', { partySize: 11 }, 'partySize'],
    ['a party of two and a half', { partySize: 2.5 }, 'partySize'],
    ['a party below zero', { partySize: -1 }, 'partySize'],
    ['a party in words', { partySize: '2' }, 'partySize'],
    ['no party', {}, 'partySize'],
    ['null for a party', { partySize: null }, 'partySize'],
    ['a party without end', { partySize: 1e308 }, 'partySize'],
    ['no tier of none', { partySize: 2, tiers: [] }, 'tiers'],
    ['a tier that is no list', { partySize: 2, tiers: 'standard' }, 'tiers'],
    ['a tier without a name', { partySize: 2, tiers: ['standard', ''] }, 'tiers.1'],
    ['a tier that is a number', { partySize: 2, tiers: [1] }, 'tiers.0'],
    ['null for tiers', { partySize: 2, tiers: null }, 'tiers'],
    ['an unknown tier', { partySize: 2, tiers: ['standard', 'throne'] }, 'tiers'],
    ['a tier of prototypes', { partySize: 2, tiers: ['__proto__'] }, 'tiers'],
    ['a kind that nobody sells', { partySize: 2, kind: 'sofa' }, 'kind'],
    ['a list of kinds', { partySize: 2, kind: ['wheelchair'] }, 'kind'],
    ['more wheelchairs than there are places', { partySize: 2, kind: 'wheelchair' }, 'partySize'],
    ['a wheelchair in a tier that has no place', { partySize: 1, tiers: ['premium'], kind: 'wheelchair' }, 'partySize'],
    ['more of a tier than there is', { partySize: 6, tiers: ['premium'] }, 'partySize'],
  ])('is INVALID_REQUEST and leaves the line as it was: %s', async (_, wish, path) => {
    const error = await refusals(wish);
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', status: 400 });
    expect('issues' in error && new Set(error.issues.map((issue) => issue.path))).toEqual(new Set([path]));
    await expectUntouched();
  });

  it('is refused also of a session that stands in line already, and its place stays', async () => {
    const error = await waiting.refused('queue:join', { showId, partySize: 11 });
    expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
    await expectUntouched();
  });

  it('does not answer a long list with a long list', async () => {
    const error = await refusals({ partySize: 1, tiers: Array<string>(20_000).fill('') });
    expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(JSON.stringify(error).length).toBeLessThan(5000);
    await expectUntouched();
  });
});

describe('a party that this service never serves', () => {
  it('is INVALID_SEATS where a reservation has fewer seats', async () => {
    expect(await refusals({ partySize: 7 })).toMatchObject({ code: 'INVALID_SEATS', status: 422, limit: 6 });
    await expectUntouched();
  });

  it('is HOLD_LIMIT where a session may hold fewer', async () => {
    const { showId: shy } = await service.show([2, 2], { rules: { maxSeatsPerSession: 2 } });
    expect(await refusals({ partySize: 3 }, shy)).toMatchObject({ code: 'HOLD_LIMIT', status: 409, limit: 2 });
    expect(await join(await service.connect(), shy)).toMatchObject({ ticket: 1 });
  });
});

describe('a show without a line', () => {
  it('is NOT_FOUND when it does not exist', async () => {
    expect(await refusals({ partySize: 1 }, 999_999)).toMatchObject({ code: 'NOT_FOUND', what: 'show' });
    for (const event of ['queue:status', 'queue:leave']) {
      expect(await socket.refused(event, { showId: 999_999 })).toMatchObject({ code: 'NOT_FOUND', what: 'show' });
    }
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await caller.call(method, '/v1/shows/999999/queue');
      expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('is SALE_CLOSED when it is over', async () => {
    const startsAt = new Date(Date.now() - day);
    const { showId: over } = await service.show([], { seatsPerRow: 4, startsAt });
    const closed = { code: 'SALE_CLOSED', status: 409, opensAt: null, closesAt: startsAt.toISOString() };
    expect(await refusals({ partySize: 1 }, over)).toMatchObject(closed);
    expect(await placeOf(socket, over)).toBeNull();
  });

  it('is SALE_CLOSED when its sale has not opened, and there is no waiting room', async () => {
    const saleOpensAt = new Date(Date.now() + day);
    const { showId: early } = await service.show([], { seatsPerRow: 4, saleOpensAt });
    const closed = { code: 'SALE_CLOSED', status: 409, opensAt: saleOpensAt.toISOString() };
    expect(await refusals({ partySize: 1 }, early)).toMatchObject(closed);
    expect(await placeOf(socket, early)).toBeNull();
  });
});
