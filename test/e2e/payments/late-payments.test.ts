import { describe, expect, it } from '@jest/globals';
import type { Booking, Payment, ServerPayload } from '@usher/contract';
import { readDatabaseSecret } from '../../support/encryption.js';
import { setUpApp } from '../../support/file-app.js';
import { cards, sumMoney, Payer } from '../../support/payer.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { waitUntil } from '../../support/wait-until.js';

const adminKey = 'a key of the operator';

const app = setUpApp({
  env: { ADMIN_API_KEY: adminKey, HOLD_SECONDS: '1', PAYMENT_GRACE_SECONDS: '0', SANDBOX_DELAY_SECONDS: '4' },
});

/** Creates a buyer whose hold expired while the pay page was open. */
async function createBuyerWithExpiredHold(showId: number, body: Record<string, unknown> = {}) {
  const payer = new Payer(await RestCaller.begin(app.url));
  const socket = await app.connect({ auth: { token: payer.caller.session.token } });
  const waitForBooking = (fits: (booking: Booking) => boolean) =>
    socket.next('booking:updated', ({ booking }: ServerPayload<'booking:updated'>) => fits(booking), 20_000);
  const held = await payer.hold(showId, [0, 1]);
  const payment = await payer.start(held, body);
  await waitForBooking(({ status }) => status === 'expired');
  return { payer, socket, waitForBooking, held, payment };
}

const isBooked = ({ status }: Booking) => status === 'booked';
const isRefunded = ({ payment }: Booking) => payment?.status === 'refunded';

describe('a payment that succeeds after its hold has expired', () => {
  it('gets the same seats again if they are free', async () => {
    const showId = await makeShow(app.pool);
    const { payer, waitForBooking, payment } = await createBuyerWithExpiredHold(showId);
    await payer.pay(payment, cards.good);
    const { booking } = await waitForBooking(isBooked);
    expect(booking).toMatchObject({ seats: [{ seat: 0 }, { seat: 1 }], substituted: false });
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 0, booked: 2500 });
  });

  it('gets the same seats if it was made in time but the provider reported it late', async () => {
    const showId = await makeShow(app.pool);
    const payer = new Payer(await RestCaller.begin(app.url));
    const held = await payer.hold(showId, [0, 1]);
    const payment = await payer.startAndPay(held, cards.late);
    await waitUntil(async () => (await payer.booking(held)).status === 'expired');
    // The service has already asked the provider and got no result. Only the provider's late report settles the
    // payment.
    const attemptsQuery = 'select attempts from payment where payment_id = $1';
    await waitUntil(async () => (await app.pool.query(attemptsQuery, [payment.paymentId])).rows[0].attempts > 0);
    expect(await payer.payment(payment)).toMatchObject({ status: 'pending' });
    await waitUntil(async () => isBooked(await payer.booking(held)));
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 0, booked: 2500 });
  });

  it('gets similar seats if its seats are gone and the buyer had agreed to an alternative', async () => {
    const showId = await makeShow(app.pool);
    const { payer, waitForBooking, payment } = await createBuyerWithExpiredHold(showId, { onConflict: 'alternative' });
    const other = new Payer(await RestCaller.begin(app.url));
    await other.startAndPay(await other.hold(showId, [0]));
    await waitUntil(async () => (await sumMoney(app.pool, showId)).booked === 1250);
    await payer.pay(payment, cards.good);
    const { booking } = await waitForBooking(isBooked);
    expect(booking).toMatchObject({ substituted: true, total: { amount: 2500 } });
    expect(booking.seats.map(({ seat }) => seat)).not.toContain(0);
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 3750, refunded: 0, booked: 3750 });
  });

  it('is refunded if its seats are gone, and the buyer is notified', async () => {
    const showId = await makeShow(app.pool);
    const { payer, waitForBooking, payment, held } = await createBuyerWithExpiredHold(showId);
    const other = new Payer(await RestCaller.begin(app.url));
    await other.startAndPay(await other.hold(showId, [0]));
    await waitUntil(async () => (await sumMoney(app.pool, showId)).booked === 1250);
    await payer.pay(payment, cards.silent);
    const { booking } = await waitForBooking(isRefunded);
    expect(booking).toMatchObject({ bookingId: held.bookingId, status: 'expired' });
    // The service updates the booking before the payment. If the node dies in between, the service repeats both
    // updates.
    await waitUntil(async () => (await payer.payment(payment)).status === 'refunded');
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 3750, refunded: 2500, booked: 1250 });
  });

  it('is refunded if the show was called off in the meantime', async () => {
    const showId = await makeShow(app.pool);
    const { payer, waitForBooking, payment } = await createBuyerWithExpiredHold(showId);
    await fetch(`${app.url}/v1/admin/shows/${showId}/call-off`, {
      method: 'POST',
      headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'fire' }),
    });
    await payer.pay(payment, cards.good);
    await waitForBooking(isRefunded);
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 2500, booked: 0 });
  });

  it('does not get seats that a waiter in line was offered', async () => {
    const showId = await makeShow(app.pool, { rows: 1, seatsPerRow: 2 });
    const waiter = await app.connect();
    const payer = new Payer(await RestCaller.begin(app.url));
    const payment = await payer.start(await payer.hold(showId, [0, 1]));
    await waiter.ask('queue:join', { showId, partySize: 2 });
    await waiter.next('queue:offer');
    await payer.pay(payment, cards.good);
    await waitUntil(async () => (await payer.payment(payment)).status === 'refunded');
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 2500, booked: 0 });
  });
});

describe('webhooks of the payment provider', () => {
  const webhookUrl = () => `${app.url}/v1/payments/webhooks/sandbox`;

  /** Builds a webhook about a payment, signed with the provider's secret at the given time. */
  async function signWebhook({ paymentId }: Payment, showId: number, at: Date, status = 'succeeded') {
    const secret = await readDatabaseSecret(app.pool, 'sandbox-webhook-secret');
    const { Webhook } = await import('standardwebhooks');
    const eventId = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071';
    const body = JSON.stringify({ eventId, showId, paymentId, status, price: { amount: 1250, currency: 'EUR' } });
    const headers = {
      'content-type': 'application/json',
      'webhook-id': eventId,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(eventId, at, body),
    };
    return { body, headers };
  }

  async function createPendingPayment() {
    const showId = await makeShow(app.pool);
    const payer = new Payer(await RestCaller.begin(app.url));
    return { showId, payer, payment: await payer.start(await payer.hold(showId, [0])) };
  }

  const send = async (body: string, headers: Record<string, string>) => {
    const answer = await fetch(webhookUrl(), { method: 'POST', headers, body });
    return { status: answer.status, body: await answer.json() };
  };

  const expectedRefusal = { status: 401, body: expect.objectContaining({ code: 'UNAUTHENTICATED' }) };

  it('are refused when they are forged, changed, too old, or from the future', async () => {
    const { showId, payment, payer } = await createPendingPayment();
    const now = new Date();
    const { body, headers } = await signWebhook(payment, showId, now);
    expect(await send(body, { 'content-type': 'application/json' })).toEqual(expectedRefusal);
    expect(await send('no json', { 'content-type': 'application/json' })).toEqual(expectedRefusal);
    expect(await send(body.replace('1250', '1'), headers)).toEqual(expectedRefusal);
    expect(await send(body, { ...headers, 'webhook-id': 'another' })).toEqual(expectedRefusal);
    expect(await send(body, { ...headers, 'webhook-signature': 'v1,AAAA' })).toEqual(expectedRefusal);
    for (const skewMs of [-6 * 60_000, 6 * 60_000]) {
      const outdated = await signWebhook(payment, showId, new Date(now.getTime() + skewMs));
      expect(await send(outdated.body, outdated.headers)).toEqual(expectedRefusal);
    }
    const { rows } = await app.pool.query('select from payment_event where payment_id = $1', [payment.paymentId]);
    expect(rows).toEqual([]);
    expect(await payer.payment(payment)).toMatchObject({ status: 'pending' });
    expect((await fetch(`${app.url}/v1/payments/webhooks/other`, { method: 'POST' })).status).toBe(404);
  });

  it('are stored once if the provider repeats them, but are answered every time', async () => {
    const { showId, payment } = await createPendingPayment();
    const { body, headers } = await signWebhook(payment, showId, new Date(), 'pending');
    const answers = await Promise.all([1, 2, 3].map(() => send(body, headers)));
    expect(answers).toEqual(answers.map(() => ({ status: 200, body: {} })));
    const { rows } = await app.pool.query('select from payment_event where payment_id = $1', [payment.paymentId]);
    expect(rows).toHaveLength(1);
  });

  it('are processed after they have been answered', async () => {
    const { showId, payment, payer } = await createPendingPayment();
    const { body, headers } = await signWebhook(payment, showId, new Date());
    expect(await send(body, headers)).toEqual({ status: 200, body: {} });
    await waitUntil(async () => (await payer.payment(payment)).status === 'succeeded');
    expect(await payer.payment(payment)).toMatchObject({ status: 'succeeded' });
  });
});
