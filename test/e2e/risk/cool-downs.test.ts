import { describe, expect, it } from '@jest/globals';
import { errorSchema } from '@usher/contract';
import { z } from 'zod';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { SeatBuyer } from '../../support/seat-buyer.js';
import { RestCaller } from '../../support/rest.js';
import { forwardedFor } from '../../support/limited-app.js';
import { makeShow } from '../../support/show.js';

const coolDowns = {
  PROXIES: '1',
  ADMIN_API_KEY: adminKey,
  COOL_DOWN_SECONDS: '30',
  COOL_DOWN_FREE_CHANGES: '3',
  COOL_DOWN_SAME_SEATS_SECONDS: '60',
};
const app = setUpApp({ env: coolDowns });
const shortHolds = setUpApp({ env: { ...coolDowns, HOLD_SECONDS: '1', COOL_DOWN_SAME_SEATS_SECONDS: '0' } });

const [botAddress, homeAddress] = ['192.0.2.1', '198.51.100.7'];

describe('a session whose hold ended unpaid', () => {
  it('cannot hold the same seats again while others view the show, but others can hold them', async () => {
    const showId = await makeShow(app.pool);
    const [bot, buyer] = [
      await SeatBuyer.open(app, showId, botAddress),
      await SeatBuyer.open(app, showId, homeAddress),
    ];
    await bot.holdAndGiveBack(1, 0, 1);
    const refusal = await bot.refusedHold(0, 1);
    expect(refusal).toMatchObject({ code: 'COOL_DOWN', status: 429 });
    const { retryAfterMs } = validate(errorSchema('COOL_DOWN').extend({ retryAfterMs: z.number() }), refusal);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(retryAfterMs).toBeGreaterThan(30_000);
    expect(await buyer.hold(0, 1)).toMatchObject({ status: 'reserved' });
    expect(await bot.hold(5, 6)).toMatchObject({ status: 'reserved' });
  });

  it('may hold them again if nobody else views the show', async () => {
    const showId = await makeShow(app.pool);
    const buyer = await SeatBuyer.open(app, showId, homeAddress);
    await buyer.holdAndGiveBack(1, 0, 1);
    expect(await buyer.hold(0, 1)).toMatchObject({ status: 'reserved' });
  });

  it('may make a new choice with some of the seats', async () => {
    const showId = await makeShow(app.pool);
    await SeatBuyer.open(app, showId, botAddress);
    const buyer = await SeatBuyer.open(app, showId, homeAddress);
    await buyer.holdAndGiveBack(1, 0, 1);
    await buyer.holdAndGiveBack(1, 0);
    expect(await buyer.hold(1, 2)).toMatchObject({ status: 'reserved' });
  });
});

describe('a session that gives back one hold after another', () => {
  it('must wait longer and longer, and other sessions of the show need not wait', async () => {
    const showId = await makeShow(app.pool);
    const [bot, buyer] = [
      await SeatBuyer.open(app, showId, botAddress),
      await SeatBuyer.open(app, showId, homeAddress),
    ];
    for (let seat = 0; seat < 4; seat++) await bot.holdAndGiveBack(1, seat);
    expect(await bot.refusedHold(20)).toMatchObject({ code: 'COOL_DOWN' });
    // The line and the service's choice of seats are no way around the wait.
    expect(await bot.socket.refused('reservation:create', { showId, best: { count: 1 } })).toMatchObject({
      code: 'COOL_DOWN',
    });
    await buyer.holdAndGiveBack(1, 0);
    expect(await buyer.hold(20)).toMatchObject({ status: 'reserved' });
  });

  it('must wait before it joins the line, too, because the line would offer seats at once', async () => {
    const showId = await makeShow(app.pool);
    const [bot, buyer] = [
      await SeatBuyer.open(app, showId, botAddress),
      await SeatBuyer.open(app, showId, homeAddress),
    ];
    for (let seat = 0; seat < 4; seat++) await bot.holdAndGiveBack(1, seat);
    const refusal = await bot.socket.refused('queue:join', { showId, partySize: 9 });
    expect(refusal).toMatchObject({ code: 'COOL_DOWN', status: 429, retryAfterMs: expect.any(Number) });
    const caller = new RestCaller(app.url, bot.session);
    const byRest = await caller.call('POST', `/v1/shows/${showId}/queue`, { partySize: 9 }, forwardedFor(botAddress));
    expect(byRest).toMatchObject({ status: 429, body: { code: 'COOL_DOWN' } });
    await buyer.socket.ask('queue:join', { showId, partySize: 2 });
    await buyer.socket.next('queue:offer');
    const { rows } = await app.pool.query(`select 1 from waiter where show_id = $1 and session_id = $2`, [
      showId,
      bot.sessionId,
    ]);
    expect(rows).toEqual([]);
  });

  it('has a wait of its own in each show', async () => {
    const [showId, otherId] = [await makeShow(app.pool), await makeShow(app.pool)];
    const bot = await SeatBuyer.open(app, showId, botAddress);
    for (let seat = 0; seat < 4; seat++) await bot.holdAndGiveBack(1, seat);
    expect(await bot.refusedHold(20)).toMatchObject({ code: 'COOL_DOWN' });
    await bot.socket.joinOpen(otherId);
    const { booking } = await bot.socket.ask('reservation:create', { showId: otherId, seats: [1] });
    expect(booking).toMatchObject({ status: 'reserved' });
  });

  it('need not wait if it sells with an API key, because a kiosk acts for many buyers', async () => {
    const showId = await makeShow(app.pool);
    await SeatBuyer.open(app, showId, homeAddress);
    const { key } = await makeKey(app.url, { roles: ['kiosk'] });
    const kiosk = await SeatBuyer.open(app, showId, botAddress, { apiKey: key });
    await kiosk.holdAndGiveBack(10, 0, 1);
    expect(await kiosk.hold(0, 1)).toMatchObject({ status: 'reserved' });
  });
});

describe('a session that lets its holds expire', () => {
  it('cannot keep seats forever by holding them again after each end', async () => {
    const showId = await makeShow(shortHolds.pool);
    const bot = await SeatBuyer.open(shortHolds, showId, botAddress);
    for (let n = 0; n < 3; n++) {
      const { bookingId } = await bot.hold(0, 1);
      await bot.socket.next('booking:updated', ({ booking }) => {
        return booking.bookingId === bookingId && booking.status === 'expired';
      });
    }
    expect(await bot.refusedHold(0, 1)).toMatchObject({ code: 'COOL_DOWN' });
    expect(await bot.socket.refused('queue:join', { showId, partySize: 2 })).toMatchObject({ code: 'COOL_DOWN' });
    const buyer = await SeatBuyer.open(shortHolds, showId, homeAddress);
    expect(await buyer.hold(0, 1)).toMatchObject({ status: 'reserved' });
  });

  it('cannot hide them behind holds of one seat that it gives back at once', async () => {
    const showId = await makeShow(shortHolds.pool);
    const bot = await SeatBuyer.open(shortHolds, showId, botAddress);
    for (let n = 0; n < 3; n++) {
      const single = await bot.hold(9);
      const { bookingId } = await bot.hold(0, 1);
      await bot.giveBack(single);
      await bot.socket.next('booking:updated', ({ booking }) => {
        return booking.bookingId === bookingId && booking.status === 'expired';
      });
    }
    expect(await bot.refusedHold(20)).toMatchObject({ code: 'COOL_DOWN' });
  });
});

describe('a session that lets the offers of the line lapse', () => {
  it('must wait after the third, not before it', async () => {
    const showId = await makeShow(shortHolds.pool);
    const bot = await SeatBuyer.open(shortHolds, showId, botAddress);
    for (let n = 0; n < 3; n++) {
      await bot.socket.ask('queue:join', { showId, partySize: 2 });
      await bot.socket.next('queue:expired');
    }
    expect(await bot.socket.refused('queue:join', { showId, partySize: 2 })).toMatchObject({ code: 'COOL_DOWN' });
    expect(await bot.refusedHold(0, 1)).toMatchObject({ code: 'COOL_DOWN' });
  });

  it('needs no wait if it sells with an API key', async () => {
    const showId = await makeShow(shortHolds.pool);
    const { key } = await makeKey(shortHolds.url, { roles: ['kiosk'] });
    const kiosk = await SeatBuyer.open(shortHolds, showId, botAddress, { apiKey: key });
    for (let n = 0; n < 4; n++) {
      expect(await kiosk.socket.ask('queue:join', { showId, partySize: 2 })).toMatchObject({
        queue: { line: 'seats' },
      });
      await kiosk.socket.next('queue:expired');
    }
  });
});
