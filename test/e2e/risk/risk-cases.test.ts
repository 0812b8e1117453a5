import { beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, type RiskCase } from '@usher/contract';
import { v7 as uuidv7 } from 'uuid';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { AuditReader } from '../../support/audit.js';
import { validate } from '../../support/contract-shapes.js';
import { tablesWith } from '../../support/database-text.js';
import { setUpApp } from '../../support/file-app.js';
import { setUpKeyPlaces } from '../../support/key-places.js';
import { RestCaller } from '../../support/rest.js';
import { SeatBuyer } from '../../support/seat-buyer.js';
import { makeShow } from '../../support/show.js';
import { waitUntil } from '../../support/wait-until.js';

const app = setUpApp({ env: { PROXIES: '1', ADMIN_API_KEY: adminKey, RISK_CHALLENGE_SCORE: '20' } });
const places = setUpKeyPlaces(app);
const audit = new AuditReader(() => app.url);
const address = '192.0.2.1';
const made: { staffKey?: string } = {};

beforeAll(async () => {
  made.staffKey = (await makeKey(app.url, { name: 'Anna at the counter', roles: ['staff'] })).key;
});

/** Makes a call of staff. */
const call = (method: string, path: string, body?: unknown, key = made.staffKey!) =>
  places.callByKey(method, `/v1/admin/risk${path}`, key, body);

async function listCases(query: string, key = made.staffKey!): Promise<RiskCase[]> {
  const { status, body } = await call('GET', `/cases?${query}`, undefined, key);
  expect(status).toBe(200);
  return validate(endpoints.listRiskCases.answer, body).items;
}

/** Waits until the node has written the cases of a show. */
async function waitForCases(showId: number, count = 1): Promise<[RiskCase, ...RiskCase[]]> {
  await waitUntil(async () => (await listCases(`showId=${showId}`)).length >= count);
  const [first, ...others] = await listCases(`showId=${showId}`);
  return [first!, ...others];
}

/** A session with a case in a show, because it gave back one hold after another. */
async function makeSuspect(showId: number): Promise<SeatBuyer> {
  const bot = await SeatBuyer.open(app, showId, address);
  expect(await bot.repeatUntilRefused(3)).toMatchObject({ code: 'CHALLENGE_REQUIRED' });
  return bot;
}

describe('staff', () => {
  it('see what was challenged with its score and its reasons, but no address', async () => {
    const showId = await makeShow(app.pool);
    const { sessionId } = await makeSuspect(showId);
    const [found, ...others] = await waitForCases(showId);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ showId, sessionId, call: 'reserve', action: 'challenge' });
    expect(found.score).toBeGreaterThanOrEqual(20);
    const reason = found.reasons.find(({ signal }) => signal === 'holdAndDrop');
    expect(reason).toMatchObject({ of: 'session' });
    expect(reason!.points).toBeGreaterThan(0);
    expect(reason!.detail).toMatch(/^[0-9]+ holds ended unpaid and 0 were paid in 30 min/);
    expect(found.source).toMatch(/^[\w-]{16}$/);
    expect(await tablesWith(app.pool, [address])).toEqual([]);
    expect(await listCases(`showId=${showId}&minScore=${found.score + 1}`)).toEqual([]);
    expect(await listCases(`showId=${showId}&action=refuse`)).toEqual([]);
    expect(await listCases(`showId=${showId}&minScore=${found.score}&action=challenge`)).toHaveLength(1);
  });

  it('read the cases page by page, newest first', async () => {
    const showId = await makeShow(app.pool);
    const newest: string[] = [];
    for (let n = 0; n < 3; n++) newest.unshift((await makeSuspect(showId)).sessionId);
    await waitForCases(showId, 3);
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await call('GET', `/cases?showId=${showId}&limit=2${cursor}`);
      const page = validate(endpoints.listRiskCases.answer, body);
      seen.push(...page.items.map(({ sessionId }) => sessionId));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(newest);
    expect(await call('GET', '/cases?cursor=nonsense')).toMatchObject({ status: 400 });
  });

  it('see what the sources of a show have, and release all of it in one call', async () => {
    const showId = await makeShow(app.pool, { rows: 1, seatsPerRow: 4 });
    const bot = await SeatBuyer.open(app, showId, address);
    await bot.hold(0, 1, 2);
    await bot.repeatUntilRefused(3);
    const [{ source, score }] = await waitForCases(showId);
    const waiter = await SeatBuyer.open(app, showId, '198.51.100.7');
    await waiter.socket.ask('queue:join', { showId, partySize: 4 });

    const { body } = await call('GET', `/shows/${showId}/sources`);
    const { sources } = validate(endpoints.listRiskSources.answer, body);
    expect(sources).toEqual([
      { source, sessions: 1, heldSeats: 3, places: 0, score },
      { source: expect.any(String), sessions: 0, heldSeats: 0, places: 1, score: 0 },
    ]);
    const pattern = { sources: [source], reason: 'holds the whole hall' };
    const released = await call('POST', `/shows/${showId}/releases`, pattern);
    expect(released).toEqual({ status: 200, body: { seats: 3, places: 0 } });

    const { booking } = await waiter.socket.next('queue:offer');
    expect(booking.seats.map(({ seat }) => seat)).toEqual([0, 1, 2, 3]);
    await bot.socket.next('booking:updated', (updated) => updated.booking.status === 'released');
    const [entry] = await audit.list({ limit: 1 });
    expect(entry).toMatchObject({
      action: 'risk.release',
      showId,
      actor: { name: 'Anna at the counter' },
      after: { reason: 'holds the whole hall', sources: [source], sessions: 0, seats: 3, places: 0 },
    });
    expect(JSON.stringify(entry)).not.toContain(bot.sessionId);
    expect(await call('POST', `/shows/${showId}/releases`, pattern)).toMatchObject({ body: { seats: 0, places: 0 } });
  });

  it('release the holds and the place in line of a session, but not its paid seats', async () => {
    const { showId, booking } = await places.makePlace();
    const bot = await SeatBuyer.open(app, showId, address);
    await bot.hold(5, 6);
    const sessionIds = [bot.sessionId, booking.sessionId];
    const released = await call('POST', `/shows/${showId}/releases`, { sessionIds, reason: 'a test' });
    expect(released).toMatchObject({ body: { seats: 2, places: 0 } });
    const statuses = await app.readSeatStatuses(showId);
    expect(statuses.filter((status) => status !== 0)).toHaveLength(booking.seats.length);
  });

  it('must name a source or a session, and a show that exists', async () => {
    const { own } = places;
    const empty = await call('POST', `/shows/${own.showId}/releases`, { reason: 'nothing' });
    expect(empty).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    const unknown = await call('POST', '/shows/999999/releases', { sessionIds: [uuidv7()], reason: 'a test' });
    expect(unknown).toMatchObject({ status: 404 });
  });
});

describe('a key', () => {
  it('of one cinema sees the cases of its shows only, and releases nothing elsewhere', async () => {
    const { own, foreign } = places;
    await insertCase(own.showId, uuidv7());
    await insertCase(foreign.showId, uuidv7());
    const { key } = await places.makeOwnKey({ roles: ['staff'] });
    const seen = new Set((await listCases('limit=100', key)).map(({ showId }) => showId));
    expect(seen).toEqual(new Set([own.showId]));
    expect(await listCases(`showId=${foreign.showId}`, key)).toEqual([]);
    const body = { sources: ['a-bot'], reason: 'a test' };
    expect(await call('POST', `/shows/${foreign.showId}/releases`, body, key)).toMatchObject({ status: 403 });
    expect(await call('GET', `/shows/${foreign.showId}/sources`, undefined, key)).toMatchObject({ status: 403 });
    expect(await call('GET', `/shows/${own.showId}/sources`, undefined, key)).toMatchObject({ status: 200 });
  });

  it.each([
    ['admin', 200],
    ['gate', 403],
    ['partner', 403],
    ['kiosk', 403],
  ] as const)('with the role %s is answered %i', async (role, status) => {
    const { key } = await makeKey(app.url, { roles: [role] });
    expect((await call('GET', '/cases', undefined, key)).status).toBe(status);
  });
});

describe('the cases', () => {
  it('are deleted after a day, and are not shown when a node is late with it', async () => {
    const showId = await makeShow(app.pool);
    const [old, young] = [uuidv7(), uuidv7()];
    await insertCase(showId, old, '24 hours');
    await insertCase(showId, young, '23 hours');
    expect((await listCases(`showId=${showId}`)).map(({ sessionId }) => sessionId)).toEqual([young]);
    const node = await app.startNode();
    await waitUntil(async () => (await tablesWith(app.pool, [old])).length === 0);
    expect(await tablesWith(app.pool, [young])).toEqual(['risk_case']);
    await node.close();
  });

  it('belong to the data of the session, which the buyer exports and erases', async () => {
    const showId = await makeShow(app.pool);
    const { session } = await SeatBuyer.open(app, showId, address);
    const { sessionId } = session;
    await insertCase(showId, sessionId);
    const caller = new RestCaller(app.url, session);
    const { body } = await caller.call('GET', '/v1/session/data');
    expect(validate(endpoints.exportSessionData.answer, body).riskCases).toMatchObject([
      { showId, source: 'a-bot', score: 50, action: 'challenge' },
    ]);
    expect((await caller.call('DELETE', '/v1/session/data')).status).toBe(200);
    expect(await tablesWith(app.pool, [sessionId])).toEqual([]);
  });
});

/** Adds a case of the source `a-bot`. @param age an interval of SQL */
async function insertCase(showId: number, sessionId: string, age = '0 hours'): Promise<void> {
  await app.pool.query(
    `insert into risk_case (show_id, case_id, at, session_id, source, call, action, score, reasons)
     values ($1, $2, now() - $4::interval, $3, 'a-bot', 'reserve', 'challenge', 50, '[]')`,
    [showId, uuidv7(), sessionId, age],
  );
}
