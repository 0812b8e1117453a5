import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import pLimit from 'p-limit';
import { SessionTokens } from '../../../src/access/sessions/session-tokens.service.js';
import { TokenSigner } from '../../../src/access/sessions/token-signer.js';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { passChallenge, passChallengeOnSocket, quickChallenges } from '../../support/challenges.js';
import { setUpApp } from '../../support/file-app.js';
import { forwardedFor } from '../../support/limited-app.js';
import { RestCaller } from '../../support/rest.js';
import { defaultProtection } from '../../support/protection-settings.js';
import { makeShow } from '../../support/show.js';
import type { TestSocket } from '../../support/socket.js';
import { testSessionSecret } from '../../support/test-session-secret.js';

/** The address of all bots. */
const farm = '198.51.100.66';

/**
 * The headers of a bot's request. Each request has its own connection, because a connection that is kept open may be
 * closed while the next request is under way.
 */
const fromFarm = { ...forwardedFor(farm), connection: 'close' };

/** The default number of seats and of places of one address for which no session must pass the challenge. */
const freeCount = 30;

// The limits of calls are lifted, so that nothing but the budgets stops the bots.
const app = setUpApp({
  env: {
    ...defaultProtection,
    ...quickChallenges,
    ADMIN_API_KEY: adminKey,
    PROXIES: '1',
    CALLS_PER_SECOND_MAX: '1000000',
    DATABASE_POOL_MAX: '10',
  },
});
const admin = new Admin(() => app.url);

/** Runs a call once per bot, a hundred at once. Every call comes from the address of the farm. */
function sendFromFarm<T>(
  bots: readonly RestCaller[],
  send: (bot: RestCaller, nth: number) => Promise<T>,
): Promise<T[]> {
  const limit = pLimit(100);
  return Promise.all(bots.map((bot, nth) => limit(() => send(bot, nth))));
}

/** Issues the sessions as the service does, because the test is not about how fast the service issues them. */
function issueSessions(count: number): RestCaller[] {
  const tokens = new SessionTokens(new TokenSigner([createSecretKey(Buffer.from(testSessionSecret))]));
  return Array.from({ length: count }, () => new RestCaller(app.url, tokens.issue()));
}

const connectBuyers = (count: number): Promise<TestSocket[]> =>
  Promise.all(
    Array.from({ length: count }, (_, nth) => app.connect({ extraHeaders: forwardedFor(`203.0.113.${nth}`) })),
  );

/** Counts the unpaid seats per source, and the places per source, in the order of their numbers. */
async function readUse(showId: number): Promise<{ seats: number[]; places: number[] }> {
  const { rows } = await app.pool.query<{ seats: number[]; places: number[] }>(
    `select (select coalesce(array_agg(n order by n), '{}') from (
         select sum(cardinality(seats))::int as n from booking where show_id = $1 and status = 'reserved' group by source) s
       ) as seats,
       (select coalesce(array_agg(n order by n), '{}') from (select count(*)::int as n from (
           select source from waiter where show_id = $1 and waits
           union all select source from stay where show_id = $1 and is_inside) one group by source) p) as places`,
    [showId],
  );
  return rows[0]!;
}

const countByCode = (answers: readonly { status: number; body: { code?: string } }[]): Record<string, number> =>
  answers.reduce<Record<string, number>>((counts, { status, body }) => {
    const name = status < 300 ? String(status) : (body.code ?? String(status));
    return { ...counts, [name]: (counts[name] ?? 0) + 1 };
  }, {});

describe('a hot show with the default settings', () => {
  it('gives 5,000 sessions of one address only their budget, and 20 other buyers all get in and hold seats', async () => {
    const waitingRoom = { mode: 'on', maxShoppers: 100 } as const;
    const saleOpensAt = new Date(Date.now() + 3_600_000);
    const showId = await makeShow(app.pool, { rows: 40, seatsPerRow: 50, waitingRoom, saleOpensAt });
    const bots = issueSessions(5000);
    const joined = await sendFromFarm(bots, (bot, nth) =>
      bot.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 + (nth % 10) }, fromFarm),
    );
    expect(countByCode(joined)).toEqual({ 201: freeCount, CHALLENGE_REQUIRED: 5000 - freeCount });
    const buyers = await connectBuyers(20);
    for (const buyer of buyers) expect(await buyer.ask('show:join', { showId })).toMatchObject({ access: 'waiting' });
    expect(await readUse(showId)).toEqual({ seats: [], places: [...Array.from({ length: 20 }, () => 1), freeCount] });

    const opened = await admin.call('PATCH', `/shows/${showId}`, { saleOpensAt: new Date().toISOString() });
    expect(opened).toMatchObject({ status: 200 });
    // All places of the lobby fit into the show at once, so every buyer is in the first admission.
    await Promise.all(buyers.map((buyer) => buyer.next('queue:admitted')));
    const admittedBots = bots.filter((_, nth) => joined[nth]?.status === 201);
    const asked = sendFromFarm([...admittedBots, ...bots.slice(-200)], (bot) =>
      bot.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 10 } }, fromFarm),
    );
    const held = await Promise.all(
      buyers.map((buyer) => buyer.ask('reservation:create', { showId, best: { count: 4 } })),
    );
    expect(held.map(({ booking }) => booking.seats.length)).toEqual(Array.from({ length: 20 }, () => 4));
    // The risk rules let the bots hold even less than their budget.
    expect((await asked).filter(({ status }) => status === 201).length).toBeLessThanOrEqual(freeCount / 10);
    const { seats } = await readUse(showId);
    expect(seats.reduce((sum, of) => sum + of, 0)).toBeLessThanOrEqual(20 * 4 + freeCount);
  }, 180_000);

  it('lets 20 buyers who share the address of the bots in, after each of them has passed the challenge', async () => {
    const showId = await makeShow(app.pool, {
      rows: 40,
      seatsPerRow: 50,
      waitingRoom: { mode: 'on', maxShoppers: 200 },
    });
    const bots = issueSessions(1000);
    const joined = await sendFromFarm(bots, (bot) =>
      bot.call('POST', `/v1/shows/${showId}/queue`, { partySize: 1 }, fromFarm),
    );
    expect(countByCode(joined)).toMatchObject({ 201: freeCount });
    const buyers = await Promise.all(
      Array.from({ length: 20 }, () => app.connect({ extraHeaders: forwardedFor(farm) })),
    );
    for (const buyer of buyers) {
      expect(await buyer.refused('show:join', { showId })).toMatchObject({ code: 'CHALLENGE_REQUIRED', showId });
      await passChallengeOnSocket(buyer, showId);
      expect(await buyer.ask('show:join', { showId })).toMatchObject({ access: 'open' });
      expect(await buyer.ask('reservation:create', { showId, best: { count: 4 } })).toMatchObject({ booking: {} });
    }
    expect((await readUse(showId)).places).toEqual([freeCount + 20]);
  }, 60_000);
});

describe('sessions of one address that use the line to hold seats', () => {
  const hold = (showId: number) => (bot: RestCaller) =>
    bot.call('POST', `/v1/shows/${showId}/reservations`, { best: { count: 10 } }, fromFarm);
  const join = (showId: number) => (bot: RestCaller) =>
    bot.call('POST', `/v1/shows/${showId}/queue`, { partySize: 10 }, fromFarm);

  it('get no more seats by joining it than by holding them', async () => {
    const showId = await makeShow(app.pool, { rows: 40, seatsPerRow: 50 });
    expect(countByCode(await sendFromFarm(issueSessions(5), hold(showId)))).toEqual({ 201: 3, CHALLENGE_REQUIRED: 2 });
    expect(countByCode(await sendFromFarm(issueSessions(3), join(showId)))).toEqual({ CHALLENGE_REQUIRED: 3 });
    expect(await readUse(showId)).toEqual({ seats: [freeCount], places: [] });
  });

  it('get only the free seats for parties that join at once, and no place that would renew them', async () => {
    const showId = await makeShow(app.pool, { rows: 40, seatsPerRow: 50 });
    const joined = countByCode(await sendFromFarm(issueSessions(36), join(showId)));
    expect(joined).toEqual({ 201: freeCount / 10, CHALLENGE_REQUIRED: 36 - freeCount / 10 });
    expect(await readUse(showId)).toEqual({ seats: [freeCount], places: [] });
  });

  it('get an offer beyond the free seats only after the waiting session has passed the challenge', async () => {
    const showId = await makeShow(app.pool, { rows: 10, seatsPerRow: 10 });
    const path = `/v1/shows/${showId}/reservations`;
    // Other buyers hold all 100 seats, in 20 holds of five.
    const holders = issueSessions(20);
    const held: string[] = [];
    for (const [nth, holder] of holders.entries()) {
      const { body } = await holder.call('POST', path, { best: { count: 5 } }, forwardedFor(`192.0.2.${nth}`));
      held.push(String(body['bookingId']));
    }
    const giveBack = (nth: number) => holders[nth]!.call('DELETE', `/v1/bookings/${held[nth]!}`);
    const [waiter, late, ...others] = issueSessions(7);
    expect(await join(showId)(waiter!)).toMatchObject({ status: 201 });
    // Five seats are not enough for the waiter, so other sessions of its address may hold them.
    for (const [nth, other] of others.entries()) {
      await giveBack(nth);
      expect(await other.call('POST', path, { best: { count: 5 } }, fromFarm)).toMatchObject({ status: 201 });
    }
    await giveBack(5);
    await giveBack(6);
    expect((await readUse(showId)).seats.at(-1)).toBe(25);
    expect(await join(showId)(late!)).toMatchObject({ status: 403, body: { code: 'CHALLENGE_REQUIRED' } });
    await passChallenge(waiter!, showId);
    expect((await readUse(showId)).seats.at(-1)).toBe(35);
    await passChallenge(late!, showId);
    expect(await join(showId)(late!)).toMatchObject({ status: 201 });
  });
});

describe('216 sessions of one address', () => {
  it('hold their budget of a hall of 2,000 seats, however often they release and hold again', async () => {
    const showId = await makeShow(app.pool, { rows: 40, seatsPerRow: 50 });
    const bots = issueSessions(216);
    const path = `/v1/shows/${showId}/reservations`;
    const holdAll = () => sendFromFarm(bots, (bot) => bot.call('POST', path, { best: { count: 10 } }, fromFarm));
    const first = await holdAll();
    expect(countByCode(first)).toEqual({ 201: freeCount / 10, CHALLENGE_REQUIRED: 216 - freeCount / 10 });
    await sendFromFarm(bots, async (bot, nth) => {
      const { bookingId } = first[nth]!.body;
      if (first[nth]!.status === 201) await bot.call('DELETE', `/v1/bookings/${String(bookingId)}`);
    });
    expect(countByCode(await holdAll())).toEqual({ 201: freeCount / 10, CHALLENGE_REQUIRED: 216 - freeCount / 10 });
    expect(await readUse(showId)).toEqual({ seats: [freeCount], places: [] });
    const [buyer] = await connectBuyers(1);
    expect(await buyer!.ask('reservation:create', { showId, best: { count: 10 } })).toMatchObject({ booking: {} });
  }, 60_000);
});
