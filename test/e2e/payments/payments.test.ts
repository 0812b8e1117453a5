import { describe, expect, it } from '@jest/globals';
import type { Booking, ServerPayload } from '@usher/contract';
import { setUpApp } from '../../support/file-app.js';
import { whileLocked } from '../../support/database.js';
import { cards, sumMoney, Payer } from '../../support/payer.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { TestSocket } from '../../support/socket.js';
import { waitUntil } from '../../support/wait-until.js';

const adminKey = 'a key of the operator';

const app = setUpApp({
  env: { ADMIN_API_KEY: adminKey, SANDBOX_DELAY_SECONDS: '1', HOLD_SECONDS: '60', PAYMENT_GRACE_SECONDS: '30' },
});

/** Creates a buyer with a show of the buyer's own and a socket that receives the buyer's bookings. */
async function createBuyer(options: Parameters<typeof makeShow>[1] = {}) {
  const showId = await makeShow(app.pool, options);
  const payer = new Payer(await RestCaller.begin(app.url));
  const socket = await TestSocket.connect(app.url, { auth: { token: payer.caller.session.token } });
  const waitForBooking = (fits: (booking: Booking) => boolean) =>
    socket.next('booking:updated', ({ booking }: ServerPayload<'booking:updated'>) => fits(booking), 20_000);
  return { showId, payer, socket, waitForBooking };
}

const isBooked = ({ status }: Booking) => status === 'booked';

describe('starting a payment', () => {
  it('returns a payment, extends the hold once, and notifies the buyer’s socket', async () => {
    const { showId, payer, socket, waitForBooking } = await createBuyer();
    const held = await payer.hold(showId, [0, 1]);
    const payment = await payer.start(held);
    expect(payment).toMatchObject({
      bookingId: held.bookingId,
      status: 'pending',
      price: { amount: 2500, currency: 'EUR' },
      provider: 'sandbox',
      redirectUrl: expect.stringContaining(`${app.url}/sandbox/pay/`),
    });
    const { booking } = await waitForBooking(({ expiresAt }) => expiresAt !== held.expiresAt);
    expect(Date.parse(booking.expiresAt ?? '') - Date.parse(held.expiresAt ?? '')).toBe(30_000);
    expect(booking).toMatchObject({ holdEndsAt: held.expiresAt, payment: { paymentId: payment.paymentId } });
    await payer.start(held);
    expect((await payer.booking(held)).expiresAt).toBe(booking.expiresAt);
    socket.close();
  });

  it('has only one effect per idempotency key', async () => {
    const { showId, payer, socket } = await createBuyer();
    const held = await payer.hold(showId, [0]);
    const path = `/v1/bookings/${held.bookingId}/payments`;
    const key = { 'idempotency-key': 'pay-once' };
    const first = await payer.caller.call('POST', path, {}, key);
    expect(await payer.caller.call('POST', path, undefined, key)).toMatchObject({ status: 201, body: first.body });
    const other = await payer.caller.call('POST', path, { onConflict: 'alternative' }, key);
    expect(other).toMatchObject({ status: 409, body: { code: 'KEY_REUSED' } });
    socket.close();
  });

  it('succeeds if the call is repeated with the same key after the show was busy', async () => {
    const { showId, payer, socket } = await createBuyer();
    const held = await payer.hold(showId, [0]);
    const call = () =>
      payer.caller.call('POST', `/v1/bookings/${held.bookingId}/payments`, {}, { 'idempotency-key': 'pay-busy' });
    expect(await whileLocked(app.pool, showId, call)).toMatchObject({ status: 503, body: { code: 'BUSY' } });
    expect(await call()).toMatchObject({ status: 201, body: { redirectUrl: expect.any(String) } });
    expect(await payer.booking(held)).toMatchObject({ holdEndsAt: held.expiresAt });
    socket.close();
  });

  it('is refused for another session’s booking, for an ended booking, and for an invalid body', async () => {
    const { showId, payer, socket } = await createBuyer();
    const held = await payer.hold(showId, [0]);
    const path = `/v1/bookings/${held.bookingId}/payments`;
    const other = await RestCaller.begin(app.url);
    expect(await other.call('POST', path, {})).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    for (const body of [{ method: 'cash' }, { returnUrl: 'javascript:alert(1)' }, { onConflict: 'any' }]) {
      expect(await payer.caller.call('POST', path, body)).toMatchObject({ body: { code: 'INVALID_REQUEST' } });
    }
    await payer.caller.call('DELETE', `/v1/bookings/${held.bookingId}`);
    expect(await payer.caller.call('POST', path, {})).toMatchObject({
      status: 409,
      body: { code: 'BOOKING_STATE', bookingStatus: 'released' },
    });
    socket.close();
  });
});

describe('the cards of the sandbox', () => {
  it.each([
    ['4242 succeeds', cards.good, undefined],
    ['3220 succeeds with the code', cards.code, '123456'],
    ['0077 succeeds, although its webhook comes late', cards.late, undefined],
    ['0085 succeeds, although its webhook comes twice and after an outdated webhook', cards.twice, undefined],
    ['0341 succeeds without a webhook, because the reconciler asks the provider', cards.silent, undefined],
  ])('%s', async (_, card, code) => {
    const { showId, payer, socket, waitForBooking } = await createBuyer();
    const held = await payer.hold(showId, [0, 1]);
    const payment = await payer.start(held);
    expect(await payer.pay(payment, card, code)).toMatchObject({ status: 'succeeded' });
    const { booking } = await waitForBooking(isBooked);
    expect(booking).toMatchObject({ expiresAt: null, payment: { paymentId: payment.paymentId, status: 'succeeded' } });
    const { body: map } = await payer.caller.call('GET', `/v1/shows/${showId}/seats`);
    expect(map).toMatchObject({ counts: { sold: 2, held: 0 } });
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 0, booked: 2500 });
    socket.close();
  });

  it('lead to a webhook that is retried soon if the show is busy, and not only when the claim of the webhook ends', async () => {
    const { showId, payer, socket, waitForBooking } = await createBuyer();
    const held = await payer.hold(showId, [0]);
    const payment = await payer.start(held);
    await app.pool.query(`update payment set due_at = now() + interval '1 hour' where payment_id = $1`, [
      payment.paymentId,
    ]);
    const attemptsQuery = 'select attempts from payment_event where payment_id = $1';
    await whileLocked(app.pool, showId, async () => {
      await payer.pay(payment, cards.good);
      await waitUntil(async () => (await app.pool.query(attemptsQuery, [payment.paymentId])).rows[0]?.attempts === 2);
    });
    expect((await waitForBooking(isBooked)).booking).toMatchObject({ payment: { status: 'succeeded' } });
    socket.close();
  });

  it('9987 leaves the payment pending while the provider does not answer, and settles it once the provider answers', async () => {
    const { showId, payer, socket, waitForBooking } = await createBuyer();
    const held = await payer.hold(showId, [0]);
    const payment = await payer.start(held);
    const abortRequest = new AbortController();
    const page = fetch(payment.redirectUrl!, {
      method: 'POST',
      body: new URLSearchParams({ card: cards.unanswered }),
      signal: abortRequest.signal,
    });
    await waitUntil(async () => (await sumMoney(app.pool, showId)).captured === 1250);
    const attemptsQuery = 'select attempts from payment where payment_id = $1';
    await waitUntil(async () => (await app.pool.query(attemptsQuery, [payment.paymentId])).rows[0].attempts > 0);
    expect(await payer.payment(payment)).toMatchObject({ status: 'pending' });
    expect((await payer.booking(held)).status).toBe('reserved');
    // The provider's API is silent, but its page must not let strangers keep requests open.
    const state = await fetch(`${payment.redirectUrl}/state`, { signal: AbortSignal.timeout(5000) });
    expect(await state.json()).toEqual({ status: 'pending' });
    abortRequest.abort();
    await expect(page).rejects.toThrow('aborted');
    // Ends the minute in which the provider stays silent.
    await app.pool.query('update sandbox_payment set silent_until = now() where payment_id = $1', [payment.paymentId]);
    await app.pool.query('update sandbox_delivery set due_at = now() where show_id = $1', [showId]);
    await waitForBooking(isBooked);
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 1250, refunded: 0, booked: 1250 });
    socket.close();
  });

  it('0002 is declined, the hold stays, and a second payment succeeds', async () => {
    const { showId, payer, socket, waitForBooking } = await createBuyer();
    const held = await payer.hold(showId, [0]);
    const payment = await payer.start(held);
    expect(await payer.pay(payment, cards.declined)).toMatchObject({ status: 'declined' });
    const { booking } = await waitForBooking(
      ({ payment: paymentOfBooking }) => paymentOfBooking?.status === 'declined',
    );
    expect(booking.status).toBe('reserved');
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 0, refunded: 0, booked: 0 });
    await payer.startAndPay(held);
    await expect(waitForBooking(isBooked)).resolves.toBeDefined();
    socket.close();
  });

  it('3220 asks for the code, and is declined with a wrong code', async () => {
    const { showId, payer, socket } = await createBuyer();
    const payment = await payer.start(await payer.hold(showId, [0]));
    expect(await payer.pay(payment, cards.code)).toMatchObject({ status: 'codeRequired' });
    expect(await payer.pay(payment, cards.code, '000000')).toMatchObject({ status: 'declined' });
    expect(await payer.pay(payment, 'no card')).toMatchObject({ status: 'declined' });
    expect(await sumMoney(app.pool, showId)).toMatchObject({ captured: 0 });
    socket.close();
  });

  it('are entered on a page that leads back to the seats', async () => {
    const { showId, payer, socket, waitForBooking } = await createBuyer();
    const returnUrl = `${app.url}/shows/${showId}`;
    const payment = await payer.start(await payer.hold(showId, [0]), { returnUrl });
    const page = await fetch(payment.redirectUrl!);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('€12.50');
    const body = new URLSearchParams({ card: cards.good });
    const answer = await fetch(payment.redirectUrl!, { method: 'POST', body, redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, returnUrl]);
    await waitForBooking(isBooked);
    socket.close();
  });

  it('can be replaced by a QR code, with which the buyer pays on another device', async () => {
    const { showId, payer, socket, waitForBooking } = await createBuyer();
    const payment = await payer.start(await payer.hold(showId, [0]), { method: 'qr' });
    const consent = new URLSearchParams({ consent: 'yes' });
    expect(await (await fetch(payment.qrCode!)).text()).toContain('Pay now');
    expect((await fetch(payment.qrCode!, { method: 'POST', body: consent })).status).toBe(200);
    await waitForBooking(isBooked);
    socket.close();
  });
});

describe('two payments for the same booking', () => {
  it('book the seats once, and one of the payments is refunded', async () => {
    const { showId, payer, socket, waitForBooking } = await createBuyer();
    const held = await payer.hold(showId, [0]);
    const [first, second] = [await payer.start(held), await payer.start(held)];
    await Promise.all([payer.pay(first, cards.good), payer.pay(second, cards.good)]);
    const { booking } = await waitForBooking(isBooked);
    const other = booking.payment?.paymentId === first.paymentId ? second : first;
    await waitUntil(async () => (await payer.payment(other)).status === 'refunded');
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 1250, booked: 1250 });
    expect(await payer.caller.call('POST', `/v1/bookings/${held.bookingId}/payments`, {})).toMatchObject({
      status: 409,
      body: { code: 'BOOKING_STATE', bookingStatus: 'booked' },
    });
    socket.close();
  });
});

describe('refunds', () => {
  const createPaidBooking = async (options: Parameters<typeof makeShow>[1] = {}) => {
    const buyer = await createBuyer(options);
    const held = await buyer.payer.hold(buyer.showId, [0, 1]);
    await buyer.payer.startAndPay(held);
    await buyer.waitForBooking(isBooked);
    return { ...buyer, held };
  };

  it('return single seats first and the rest later', async () => {
    const { showId, payer, socket, waitForBooking, held } = await createPaidBooking();
    expect(await payer.refund(held, [1])).toMatchObject({
      status: 'booked',
      seats: [{ seat: 0 }],
      total: { amount: 1250 },
    });
    await waitUntil(async () => (await sumMoney(app.pool, showId)).refunded === 1250);
    expect(await payer.refund(held)).toMatchObject({ status: 'refunded', payment: { status: 'refunding' } });
    await waitForBooking(({ payment }) => payment?.status === 'refunded');
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 2500, booked: 0 });
    const { body: map } = await payer.caller.call('GET', `/v1/shows/${showId}/seats`);
    expect(map).toMatchObject({ counts: { free: 100, sold: 0 } });
    socket.close();
  });

  it('are refused for another session’s booking, for seats of other bookings, for invalid fields, and if repeated', async () => {
    const { showId, payer, socket, held } = await createPaidBooking();
    const path = `/v1/bookings/${held.bookingId}/refunds`;
    const other = await RestCaller.begin(app.url);
    expect(await other.call('POST', path)).toMatchObject({ status: 403 });
    expect(await payer.caller.call('POST', path, { seats: [7] })).toMatchObject({ body: { code: 'INVALID_SEATS' } });
    expect(await payer.caller.call('POST', path, { amount: 1e6 })).toMatchObject({ body: { code: 'INVALID_REQUEST' } });
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 0, booked: 2500 });
    await payer.refund(held);
    expect(await payer.caller.call('POST', path)).toMatchObject({
      status: 409,
      body: { code: 'BOOKING_STATE', bookingStatus: 'refunded' },
    });
    socket.close();
  });

  it('obey the refund rule of the show if the buyer asks for them, but not if staff do', async () => {
    const rules = { refunds: { deadlineMinutes: 60 * 24 * 30, feeAmount: 200 } };
    const { showId, payer, socket, held } = await createPaidBooking({ rules });
    const path = `/v1/bookings/${held.bookingId}/refunds`;
    expect(await payer.caller.call('POST', path)).toMatchObject({
      body: { code: 'BOOKING_STATE', bookingStatus: 'booked' },
    });
    const refundAsStaff = (key: string) => fetch(app.url + path, { method: 'POST', headers: { 'x-api-key': key } });
    expect((await refundAsStaff('another key of nobody')).status).toBe(401);
    expect((await fetch(app.url + path, { method: 'POST' })).status).toBe(401);
    expect((await refundAsStaff(adminKey)).status).toBe(200);
    await waitUntil(async () => (await sumMoney(app.pool, showId)).refunded === 2500);
    socket.close();
  });

  it('return the amount without the fee', async () => {
    const { showId, payer, socket, held } = await createPaidBooking({
      rules: { refunds: { deadlineMinutes: 0, feeAmount: 200 } },
    });
    await payer.refund(held, [0]);
    await waitUntil(async () => (await sumMoney(app.pool, showId)).refunded > 0);
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 1050, booked: 1250 });
    socket.close();
  });

  it('return the whole payment when the show is called off', async () => {
    const { showId, socket, waitForBooking } = await createPaidBooking();
    await fetch(`${app.url}/v1/admin/shows/${showId}/call-off`, {
      method: 'POST',
      headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'the projector is broken' }),
    });
    await waitForBooking(({ status, payment }) => status === 'refunded' && payment?.status === 'refunded');
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 2500, refunded: 2500, booked: 0 });
    socket.close();
  });
});
