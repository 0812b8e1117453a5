import { describe, expect, it } from '@jest/globals';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { setUpApp } from '../../support/file-app.js';
import { SeatBuyer } from '../../support/seat-buyer.js';
import { makeShow } from '../../support/show.js';

const base = { PROXIES: '1', ADMIN_API_KEY: adminKey };
const challenging = setUpApp({ env: { ...base, RISK_CHALLENGE_SCORE: '20' } });
const slowing = setUpApp({ env: { ...base, RISK_SLOW_SCORE: '20' } });
const refusing = setUpApp({
  env: { ...base, RISK_REFUSE_SCORE: '30', COOL_DOWN_SECONDS: '30', COOL_DOWN_FREE_CHANGES: '3' },
});

const [botAddress, homeAddress] = ['192.0.2.1', '198.51.100.7'];

/** Number of rounds for which a session gets more than 20 points. */
const rounds = 10;

describe('a session that holds seats and gives them back again and again', () => {
  it('must pass the challenge, and a buyer beside it need not', async () => {
    const showId = await makeShow(challenging.pool);
    const bot = await SeatBuyer.open(challenging, showId, botAddress);
    const buyer = await SeatBuyer.open(challenging, showId, homeAddress);
    expect(await bot.repeatUntilRefused(0)).toMatchObject({ code: 'CHALLENGE_REQUIRED', status: 403 });
    expect(await bot.socket.refused('queue:join', { showId, partySize: 1 })).toMatchObject({
      code: 'CHALLENGE_REQUIRED',
    });
    await buyer.holdAndGiveBack(2, 0);
    await buyer.hold(1);
  });

  it('is delayed, but only if the show has no challenge that it could pass', async () => {
    const showId = await makeShow(slowing.pool);
    await slowing.pool.query(`update show set protection = $2 where id = $1`, [
      showId,
      JSON.stringify({ challenge: 'never', codeRequired: false, addressSeats: null, addressPlaces: null }),
    ]);
    const bot = await SeatBuyer.open(slowing, showId, botAddress);
    await bot.holdAndGiveBack(rounds, 0);
    const begin = performance.now();
    await bot.hold(1);
    expect(performance.now() - begin).toBeGreaterThan(950);
  });

  it('is refused in the end if it goes on calling during its cool-down', async () => {
    const showId = await makeShow(refusing.pool);
    const bot = await SeatBuyer.open(refusing, showId, botAddress);
    const buyer = await SeatBuyer.open(refusing, showId, homeAddress);
    for (let seat = 0; seat < 4; seat++) await bot.holdAndGiveBack(1, seat);
    const codes: string[] = [];
    for (let n = 0; n < 12; n++) codes.push((await bot.refusedHold(20)).code);
    expect(codes[0]).toBe('COOL_DOWN');
    expect(codes.at(-1)).toBe('RATE_LIMITED');
    expect(new Set(codes)).toEqual(new Set(['COOL_DOWN', 'RATE_LIMITED']));
    await buyer.holdAndGiveBack(2, 20);
    await buyer.hold(20);
    const metrics = await (await fetch(`${refusing.url}/metrics`)).text();
    expect(metrics).toMatch(/usher_risk_actions_total\{action="refuse"\} [1-9]/);
    expect(metrics).toMatch(/usher_risk_actions_total\{action="coolDown"\} [1-9]/);
  });
});

it('a seller with an API key is exempt', async () => {
  const showId = await makeShow(challenging.pool);
  const { key } = await makeKey(challenging.url, { roles: ['partner'] });
  const seller = await SeatBuyer.open(challenging, showId, botAddress, { apiKey: key });
  await seller.holdAndGiveBack(rounds + 2, 0);
  expect(await seller.hold(0)).toMatchObject({ status: 'reserved' });
});
