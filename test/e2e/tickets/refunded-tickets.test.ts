import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ApiKeyMade, Booking, CheckIn, Ticket } from '@usher/contract';
import type pg from 'pg';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { startApp, type TestApp } from '../../support/app.js';
import { testPool, whileLocked } from '../../support/database.js';
import { money, Payer } from '../../support/paying.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { until } from '../../support/until.js';

let app: TestApp;
let pool: pg.Pool;
let payer: Payer;
let gate: ApiKeyMade;

beforeAll(async () => {
  app = await startApp({ demo: false, env: { ADMIN_API_KEY: adminKey } });
  pool = testPool(app.databaseUrl, 4);
  payer = new Payer(await RestCaller.begin(app.url));
  gate = await makeKey(app.url, { name: 'North', roles: ['gate'] });
});

afterAll(async () => {
  await pool.end();
  await app.close();
});

/** A booking of a show that is on today, paid, and its tickets. */
async function paid(seats: number[]): Promise<{ showId: number; booking: Booking; tickets: Ticket[] }> {
  const showId = await makeShow(pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
  const held = await payer.hold(showId, seats);
  await payer.startAndPay(held);
  await until(async () => (await payer.booking(held)).status === 'booked');
  const { body } = await payer.caller.call('GET', `/v1/bookings/${held.bookingId}/tickets`);
  return { showId, booking: await payer.booking(held), tickets: body.items as Ticket[] };
}

async function checkIn({ code }: Ticket): Promise<CheckIn['result']> {
  const { body } = await payer.caller.call('POST', '/v1/tickets/check-ins', { code }, { 'x-api-key': gate.key });
  return (body as unknown as CheckIn).result;
}

const refund = (of: Booking, seats?: number[], headers: Record<string, string> = {}) =>
  payer.caller.call('POST', `/v1/bookings/${of.bookingId}/refunds`, seats && { seats }, headers);

it('gives a buyer nothing back for a seat that somebody was let in to, and moves nothing', async () => {
  const { showId, booking, tickets } = await paid([0, 1, 2]);
  expect(await checkIn(tickets[0]!)).toBe('admitted');
  const refused = { status: 409, body: { code: 'BOOKING_STATE', bookingStatus: 'booked' } };
  expect(await refund(booking)).toMatchObject(refused);
  expect(await refund(booking, [0])).toMatchObject(refused);
  expect(await refund(booking, [0, 1])).toMatchObject(refused);
  expect(await payer.booking(booking)).toEqual(booking);
  expect(await money(pool, showId)).toEqual({ captured: 3750, refunded: 0, booked: 3750 });
  // The others of the booking are as good as before: to be let in by, and to be given back.
  expect(await checkIn(tickets[1]!)).toBe('admitted');
  expect(await refund(booking, [2])).toMatchObject({ status: 200, body: { seats: [{ seat: 0 }, { seat: 1 }] } });
  expect(await checkIn(tickets[2]!)).toBe('refunded');
});

it('lets somebody in or gives the money back, never both, when both are asked for at one time', async () => {
  for (let round = 0; round < 12; round++) {
    const { showId, booking, tickets } = await paid([0]);
    const both = [() => refund(booking).then(({ status }) => status), () => checkIn(tickets[0]!)] as const;
    const [first, second] = round % 2 === 0 ? both : both.toReversed();
    const answers = [await Promise.all([first?.(), second?.()])].flat();
    const isIn = answers.includes('admitted');
    expect(answers.includes(200)).toBe(!isIn);
    await until(async () => (await money(pool, showId)).refunded === (isIn ? 0 : 1250));
  }
});

it('lets in again by a ticket whose refund was refused, or was cut short by the death of its node', async () => {
  const { booking, tickets } = await paid([0, 1]);
  expect(await refund(booking, [0, 7])).toMatchObject({ status: 422, body: { code: 'INVALID_SEATS' } });
  expect(await checkIn(tickets[0]!)).toBe('admitted');
  // What a node has written that died before the lane gave the seats back.
  const voided = (ago: string) =>
    pool.query(`update ticket set voided_at = now() - $2::interval where ticket_id = $1`, [tickets[1]!.ticketId, ago]);
  await voided('0 s');
  expect(await checkIn(tickets[1]!)).toBe('refunded');
  await voided('31 s');
  expect(await checkIn(tickets[1]!)).toBe('admitted');
});

it('lets staff give any seat back by a key of their own, and a kiosk’s key do what its buyer may', async () => {
  const { showId, booking, tickets } = await paid([0, 1]);
  await checkIn(tickets[0]!);
  const [staff, kiosk] = [await makeKey(app.url, { roles: ['staff'] }), await makeKey(app.url, { roles: ['kiosk'] })];
  expect(await refund(booking, [1], { 'x-api-key': kiosk.key })).toMatchObject({ status: 200 });
  expect(await refund(booking, [0], { 'x-api-key': kiosk.key })).toMatchObject({ status: 409 });
  const path = `${app.url}/v1/bookings/${booking.bookingId}/refunds`;
  const alone = async (key: string) => (await fetch(path, { method: 'POST', headers: { 'x-api-key': key } })).status;
  expect([await alone(kiosk.key), await alone(gate.key), await alone('a key of nobody')]).toEqual([403, 403, 401]);
  expect(await alone(staff.key)).toBe(200);
  await until(async () => (await money(pool, showId)).refunded === 2500);
});

it('lets in by a ticket whose refund found the show busy', async () => {
  const { showId, booking, tickets } = await paid([0]);
  const path = `/v1/bookings/${booking.bookingId}/refunds`;
  const refused = await whileLocked(pool, showId, () => payer.caller.call('POST', path));
  expect(refused).toMatchObject({ status: 503, body: { code: 'BUSY' } });
  expect(await checkIn(tickets[0]!)).toBe('admitted');
});
