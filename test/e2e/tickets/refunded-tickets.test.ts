import { beforeAll, expect, it } from '@jest/globals';
import { type ApiKeyMade, type Booking, CheckIn, type Ticket } from '@usher/contract';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { whileLocked } from '../../support/database.js';
import { sumMoney, Payer } from '../../support/payer.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { fetchTicketsOf } from '../../support/tickets.js';
import { waitUntil } from '../../support/wait-until.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
let payer: Payer;
let gate: ApiKeyMade;

beforeAll(async () => {
  payer = new Payer(await RestCaller.begin(app.url));
  gate = await makeKey(app.url, { name: 'North', roles: ['gate'] });
});

/** Books and pays for seats of a show that starts in 30 minutes. Returns the booking and its tickets. */
async function bookAndPay(seats: number[]): Promise<{ showId: number; booking: Booking; tickets: Ticket[] }> {
  const showId = await makeShow(app.pool, { startsAt: new Date(Date.now() + 30 * 60_000) });
  const held = await payer.hold(showId, seats);
  await payer.startAndPay(held);
  await waitUntil(async () => (await payer.booking(held)).status === 'booked');
  const tickets = await fetchTicketsOf(payer.caller, held.bookingId);
  return { showId, booking: await payer.booking(held), tickets };
}

async function checkIn({ code }: Ticket): Promise<CheckIn['result']> {
  const { body } = await payer.caller.call('POST', '/v1/tickets/check-ins', { code }, { 'x-api-key': gate.key });
  return validate(CheckIn, body).result;
}

const refund = (booking: Booking, seats?: number[], headers: Record<string, string> = {}) =>
  payer.caller.call('POST', `/v1/bookings/${booking.bookingId}/refunds`, seats && { seats }, headers);

it('a buyer gets no refund for a seat whose ticket a gate has admitted, and a refused refund changes nothing', async () => {
  const { showId, booking, tickets } = await bookAndPay([0, 1, 2]);
  expect(await checkIn(tickets[0]!)).toBe('admitted');
  const refused = { status: 409, body: { code: 'BOOKING_STATE', bookingStatus: 'booked' } };
  expect(await refund(booking)).toMatchObject(refused);
  expect(await refund(booking, [0])).toMatchObject(refused);
  expect(await refund(booking, [0, 1])).toMatchObject(refused);
  expect(await payer.booking(booking)).toEqual(booking);
  expect(await sumMoney(app.pool, showId)).toEqual({ captured: 3750, refunded: 0, booked: 3750 });
  // The other tickets of the booking are still valid and can still be refunded.
  expect(await checkIn(tickets[1]!)).toBe('admitted');
  expect(await refund(booking, [2])).toMatchObject({ status: 200, body: { seats: [{ seat: 0 }, { seat: 1 }] } });
  expect(await checkIn(tickets[2]!)).toBe('refunded');
});

it('a ticket is either admitted or refunded, never both, even if both requests arrive at the same time', async () => {
  for (let round = 0; round < 12; round++) {
    const { showId, booking, tickets } = await bookAndPay([0]);
    const bothRequests = [() => refund(booking).then(({ status }) => status), () => checkIn(tickets[0]!)] as const;
    const [first, second] = round % 2 === 0 ? bothRequests : bothRequests.toReversed();
    const answers = [await Promise.all([first?.(), second?.()])].flat();
    const isAdmitted = answers.includes('admitted');
    expect(answers.includes(200)).toBe(!isAdmitted);
    await waitUntil(async () => (await sumMoney(app.pool, showId)).refunded === (isAdmitted ? 0 : 1250));
  }
});

it('a ticket stays valid if its refund was refused, and becomes valid again if a node died during the refund', async () => {
  const { booking, tickets } = await bookAndPay([0, 1]);
  expect(await refund(booking, [0, 7])).toMatchObject({ status: 422, body: { code: 'INVALID_SEATS' } });
  expect(await checkIn(tickets[0]!)).toBe('admitted');
  // Voids the ticket as if a node had done so this long ago and had died before the lane gave the seats back.
  const voidTicket = (ago: string) =>
    app.pool.query(`update ticket set voided_at = now() - $2::interval where ticket_id = $1`, [
      tickets[1]!.ticketId,
      ago,
    ]);
  await voidTicket('0 s');
  expect(await checkIn(tickets[1]!)).toBe('refunded');
  await voidTicket('31 s');
  expect(await checkIn(tickets[1]!)).toBe('admitted');
});

it('staff can refund any seat with just their own key, but a kiosk key allows no more than the buyer may do', async () => {
  const { showId, booking, tickets } = await bookAndPay([0, 1]);
  await checkIn(tickets[0]!);
  const [staff, kiosk] = [await makeKey(app.url, { roles: ['staff'] }), await makeKey(app.url, { roles: ['kiosk'] })];
  expect(await refund(booking, [1], { 'x-api-key': kiosk.key })).toMatchObject({ status: 200 });
  expect(await refund(booking, [0], { 'x-api-key': kiosk.key })).toMatchObject({ status: 409 });
  const path = `${app.url}/v1/bookings/${booking.bookingId}/refunds`;
  const refundWithoutSession = async (key: string) =>
    (await fetch(path, { method: 'POST', headers: { 'x-api-key': key } })).status;
  expect([
    await refundWithoutSession(kiosk.key),
    await refundWithoutSession(gate.key),
    await refundWithoutSession('a key of nobody'),
  ]).toEqual([403, 403, 401]);
  expect(await refundWithoutSession(staff.key)).toBe(200);
  await waitUntil(async () => (await sumMoney(app.pool, showId)).refunded === 2500);
});

it('a ticket stays valid if its refund was refused because the show was busy', async () => {
  const { showId, booking, tickets } = await bookAndPay([0]);
  const path = `/v1/bookings/${booking.bookingId}/refunds`;
  const refused = await whileLocked(app.pool, showId, () => payer.caller.call('POST', path));
  expect(refused).toMatchObject({ status: 503, body: { code: 'BUSY' } });
  expect(await checkIn(tickets[0]!)).toBe('admitted');
});
