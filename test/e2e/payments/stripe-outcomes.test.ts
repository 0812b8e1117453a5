import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Booking, CheckIn, endpoints, type Payment, type Refund, type Ticket } from '@usher/contract';
import { makeKey } from '../../support/api-keys.js';
import { rowOf } from '../../support/admin.js';
import { validate } from '../../support/contract-shapes.js';
import { StripeService } from '../../support/stripe-service.js';
import { fetchTicketsOf } from '../../support/tickets.js';
import { waitUntil } from '../../support/wait-until.js';

let service: StripeService;
let gate: string;

beforeAll(async () => {
  service = await StripeService.start();
  gate = (await makeKey(service.app.url, { name: 'Gate', roles: ['gate'] })).key;
});

afterAll(async () => {
  await service?.close();
});

const getBooks = () => service.stripe.books;
const findCharge = ({ paymentId }: Payment) => getBooks().findCharge(paymentId);

/** Counts the requests to Stripe with this idempotency key. */
const countRequests = (key: string) => service.stripe.requests.filter((request) => request.key === key).length;

const countRefundRequests = () => service.stripe.requests.filter(({ path }) => path === '/v1/refunds').length;

async function listRefunds({ bookingId }: Booking): Promise<Refund[]> {
  const { body } = await service.payer.caller.call('GET', `/v1/bookings/${bookingId}/refunds`);
  return validate(endpoints.listRefunds.answer, body).items;
}

const listTickets = ({ bookingId }: Booking) => fetchTicketsOf(service.payer.caller, bookingId);

async function checkIn({ code }: Ticket): Promise<CheckIn> {
  const { body } = await service.payer.caller.call('POST', '/v1/tickets/check-ins', { code }, { 'x-api-key': gate });
  return validate(CheckIn, body);
}

/** Returns true if the service has no more work on the payment, its refunds and its events. */
async function isSettled(payment: Payment): Promise<boolean> {
  const { rows } = await service.pool.query<{ due: number }>(
    `select ((select count(*) from payment where payment_id = $1 and due_at is not null) +
       (select count(*) from refund where payment_id = $1 and due_at is not null) +
       (select count(*) from payment_event where payment_id = $1 and due_at is not null))::int as due`,
    [payment.paymentId],
  );
  return rows[0]?.due === 0;
}

const waitUntilSettled = (payment: Payment) => waitUntil(() => isSettled(payment));

describe('a payment that Stripe rejects', () => {
  const makeError = (type: string, code: string, more = {}) => ({ type, code, message: 'no', ...more });

  it('fails at once with a reason if the amount is too small, but the hold stays for another attempt', async () => {
    const { held, payment } = await service.startPayment(20, 'EUR', [0]);
    expect(payment).toMatchObject({
      status: 'failed',
      redirectUrl: null,
      failure: { code: 'amountTooSmall', detail: expect.stringContaining('smaller') },
    });
    expect(await service.payer.payment(payment)).toEqual(payment);
    const { expiresAt } = held;
    expect(await service.payer.booking(held)).toMatchObject({
      status: 'reserved',
      expiresAt,
      payment: { status: 'failed' },
    });
    await waitUntilSettled(payment);
    expect(countRequests(payment.paymentId)).toBe(1);
    const secondPayment = await service.payer.start(held);
    expect(secondPayment).toMatchObject({ status: 'failed' });
    expect(secondPayment.paymentId).not.toBe(payment.paymentId);
  });

  it.each([
    [400, makeError('invalid_request_error', 'amount_too_large'), 'amountTooLarge'],
    [
      400,
      makeError('invalid_request_error', 'parameter_invalid_string', { param: 'line_items[0][price_data][currency]' }),
      'currency',
    ],
    [400, makeError('invalid_request_error', 'url_invalid'), 'refused'],
    [400, makeError('invalid_request_error', 'testmode_charges_only'), 'setup'],
    [401, makeError('invalid_request_error', 'api_key_expired'), 'setup'],
    [403, makeError('invalid_request_error', 'more_permissions_required'), 'setup'],
  ])('fails with a reason after %d %j: %s', async (status, answer, code) => {
    const { showId } = await service.admin.show(rowOf('ss'), { standard: 1250 });
    const held = await service.payer.hold(showId, [0]);
    service.stripe.faults.push({ status, error: answer });
    const payment = await service.payer.start(held);
    expect(payment).toMatchObject({ status: 'failed', failure: { code } });
    await waitUntilSettled(payment);
    const secondPayment = await service.payer.start(held);
    await service.sendEvent('checkout.session.completed', getBooks().pay(secondPayment.paymentId));
    await service.waitForBookingStatus(held, 'booked');
  });

  it.each([
    [409, makeError('idempotency_error', 'idempotency_key_in_use')],
    [429, makeError('invalid_request_error', 'rate_limit')],
    [429, makeError('invalid_request_error', 'lock_timeout')],
    [503, makeError('api_error', 'unavailable')],
  ])(
    'stays pending after %d %j, because the service repeats the request, and only then lengthens the hold',
    async (status, answer) => {
      const { showId } = await service.admin.show(rowOf('ss'), { standard: 1250 });
      const held = await service.payer.hold(showId, [0]);
      service.stripe.faults.push({ status, error: answer });
      const payment = await service.payer.start(held);
      expect(payment).toMatchObject({ status: 'pending', redirectUrl: null });
      expect(await service.payer.booking(held)).toMatchObject({ expiresAt: held.expiresAt });
      await waitUntil(async () => (await service.payer.payment(payment)).redirectUrl !== null);
      const { expiresAt } = await service.payer.booking(held);
      expect(Date.parse(expiresAt ?? '') - Date.parse(held.expiresAt ?? '')).toBe(120_000);
    },
  );
});

describe('an amount of 0', () => {
  it('is paid and refunded without Stripe, and the seats are booked at once', async () => {
    // Stops the service from polling Stripe for the open payments of earlier tests, because these polls would be
    // counted here.
    await service.pool.query('update payment set due_at = null where due_at is not null');
    const before = service.stripe.requests.length;
    const { held, payment } = await service.startPayment(0, 'EUR');
    expect(payment).toMatchObject({ status: 'succeeded', provider: 'none', redirectUrl: null, qrCode: null });
    expect(await service.payer.booking(held)).toMatchObject({ status: 'booked', payment: { status: 'succeeded' } });
    expect(await listTickets(held)).toHaveLength(2);
    await service.payer.refund(held, [0]);
    await service.payer.refund(held);
    await service.waitForPaymentStatus(payment, 'refunded');
    await waitUntilSettled(payment);
    expect(service.stripe.requests).toHaveLength(before);
  });

  it('is settled by another node if the first node died during the payment', async () => {
    const { showId } = await service.admin.show(rowOf('ss'), { standard: 0 });
    const held = await service.payer.hold(showId, [0]);
    await service.pool.query(
      `insert into payment (show_id, payment_id, booking_id, session_id, provider, method, amount, currency, on_conflict,
         status, description, base_url, due_at)
       values ($1, gen_random_uuid(), $2, $3, 'none', 'card', 0, 'EUR', 'refuse', 'pending', '', '', now())`,
      [showId, held.bookingId, held.sessionId],
    );
    await service.waitForBookingStatus(held, 'booked');
    expect((await service.payer.booking(held)).payment).toMatchObject({ provider: 'none', status: 'succeeded' });
  });

  it('needs no provider if it is what remains of a refund after the fee', async () => {
    const rules = { singleSeatGap: 'off', refunds: { deadlineMinutes: 0, feeAmount: 1250 } };
    const { held, payment } = await service.startAndPay(1250, 'EUR', [0, 1], { rules });
    const before = countRefundRequests();
    await service.payer.refund(held);
    await service.waitForPaymentStatus(payment, 'refunded');
    expect([countRefundRequests(), findCharge(payment).amount_refunded]).toEqual([before, 0]);
  });

  it('is settled even if Stripe has opened a session, for which it then requires no payment', async () => {
    const { held, payment } = await service.startPayment(1250, 'EUR', [0]);
    const session = getBooks().findSession(payment.paymentId);
    Object.assign(session, { status: 'complete', payment_status: 'no_payment_required' });
    await service.sendEvent('checkout.session.completed', session);
    await service.waitForBookingStatus(held, 'booked');
    expect(await service.payer.payment(payment)).toMatchObject({ status: 'succeeded' });
  });
});

describe('money that staff return in Stripe’s dashboard', () => {
  it('ends the booking once if it is the whole payment, however often and late Stripe reports it', async () => {
    const { showId, held, payment } = await service.startAndPay(1250, 'EUR');
    const [ticket] = await listTickets(held);
    const before = countRefundRequests();
    const charge = getBooks().refundInDashboard(payment.paymentId, 2500);
    await Promise.all(
      [1, 2, 3].map((nth) => service.sendEvent('charge.refunded', charge, `evt_${charge.id}_${nth % 2}`)),
    );
    await service.waitForBookingStatus(held, 'refunded');
    await service.waitForPaymentStatus(payment, 'refunded');
    await waitUntilSettled(payment);
    expect(await listRefunds(held)).toMatchObject([{ kind: 'whole', status: 'paid', amount: { amount: 2500 } }]);
    expect(await checkIn(ticket!)).toMatchObject({ result: 'refunded' });
    expect(countRefundRequests()).toBe(before);
    const { body } = await service.payer.caller.call('GET', `/v1/shows/${showId}/seats`);
    expect(body.counts).toMatchObject({ free: 6, sold: 0 });
  });

  it('is recorded if it is a part of the payment; the seats stay booked, and a later refund returns the rest', async () => {
    const { held, payment } = await service.startAndPay(1250, 'EUR');
    const charge = getBooks().refundInDashboard(payment.paymentId, 500);
    await Promise.all([1, 2].map((nth) => service.sendEvent('charge.refunded', charge, `evt_${charge.id}_${nth}`)));
    await waitUntilSettled(payment);
    expect(await listRefunds(held)).toMatchObject([{ kind: 'part', status: 'paid', amount: { amount: 500 } }]);
    expect((await service.payer.booking(held)).status).toBe('booked');
    await service.payer.refund(held);
    await service.waitForPaymentStatus(payment, 'refunded');
    expect(findCharge(payment).amount_refunded).toBe(2500);
    const refundedAmounts = (await listRefunds(held)).map(({ amount }) => amount.amount);
    expect(refundedAmounts).toEqual([500, 2000]);
  });

  it('is counted correctly if the service itself has already refunded a part', async () => {
    const { held, payment } = await service.startAndPay(1250, 'EUR', [0, 1, 2]);
    await service.payer.refund(held, [0]);
    await waitUntil(() => Promise.resolve(findCharge(payment).amount_refunded === 1250));
    await service.sendEvent('charge.refunded', { ...findCharge(payment) });
    await waitUntilSettled(payment);
    expect(await listRefunds(held)).toHaveLength(1);
    await service.sendEvent('charge.refunded', getBooks().refundInDashboard(payment.paymentId, 2500));
    await service.waitForPaymentStatus(payment, 'refunded');
    expect((await listRefunds(held)).map(({ amount }) => amount.amount)).toEqual([1250, 2500]);
  });

  it('settles a refund by the service for which no money is left', async () => {
    const { held, payment } = await service.startAndPay(1250, 'EUR');
    // Stripe's webhook is lost, so the service does not know about this refund when the buyer asks for one.
    getBooks().refundInDashboard(payment.paymentId, 2500);
    await service.payer.refund(held);
    await service.waitForPaymentStatus(payment, 'refunded');
    await waitUntilSettled(payment);
    expect(findCharge(payment).amount_refunded).toBe(2500);
    expect(await listRefunds(held)).toMatchObject([{ status: 'paid', amount: { amount: 2500 } }]);
  });

  it('is handled correctly even if it is reported before the payment', async () => {
    const { held, payment } = await service.startPayment(1250, 'EUR');
    getBooks().pay(payment.paymentId);
    await service.sendEvent('charge.refunded', getBooks().refundInDashboard(payment.paymentId, 2500));
    await service.waitForBookingStatus(held, 'refunded');
    await service.sendEvent('checkout.session.completed', getBooks().findSession(payment.paymentId));
    await service.waitForPaymentStatus(payment, 'refunded');
    expect((await service.payer.booking(held)).status).toBe('refunded');
  });

  it('is converted from Stripe’s unit', async () => {
    const { held, payment } = await service.startAndPay(2500, 'ISK');
    await service.sendEvent('charge.refunded', getBooks().refundInDashboard(payment.paymentId, 100_000));
    await waitUntilSettled(payment);
    expect(await listRefunds(held)).toMatchObject([{ kind: 'part', amount: { amount: 1000, currency: 'ISK' } }]);
  });
});

describe('a disputed payment', () => {
  it('makes its tickets invalid, with the reason, until the dispute is won', async () => {
    const startsAt = new Date(Date.now() + 3_600_000).toISOString();
    const { showId, held, payment } = await service.startAndPay(1250, 'EUR', [0, 1], { startsAt });
    const [first, second] = await listTickets(held);
    expect(await checkIn(first!)).toMatchObject({ result: 'admitted' });
    const dispute = getBooks().dispute(payment.paymentId);
    await service.sendEvent('charge.dispute.created', dispute);
    await waitUntilSettled(payment);
    expect(await checkIn(second!)).toMatchObject({ result: 'refunded', ticket: { disputed: true } });
    expect(await checkIn(first!)).toMatchObject({ result: 'used' });
    const path = `/v1/tickets/check-ins?showId=${showId}`;
    const { body } = await service.payer.caller.call('GET', path, undefined, { 'x-api-key': gate });
    expect(body.tickets).toMatchObject([{ status: 'used' }, { status: 'refunded', disputed: true }]);
    expect((await service.payer.booking(held)).status).toBe('booked');
    await service.sendEvent('charge.dispute.closed', { ...dispute, status: 'won' });
    await waitUntilSettled(payment);
    // Stripe repeats the event that the dispute was opened, after the dispute was closed.
    await service.sendEvent('charge.dispute.created', dispute);
    await waitUntilSettled(payment);
    expect(await checkIn(second!)).toMatchObject({ result: 'admitted' });
  });

  it('keeps its tickets valid during an inquiry, in which no money moves', async () => {
    const { held, payment } = await service.startAndPay(1250, 'EUR');
    const inquiry = { ...getBooks().dispute(payment.paymentId), status: 'warning_needs_response' };
    await service.sendEvent('charge.dispute.created', inquiry);
    await waitUntilSettled(payment);
    expect((await listTickets(held)).map(({ status }) => status)).toEqual(['valid', 'valid']);
    await service.sendEvent('charge.dispute.updated', { ...inquiry, status: 'needs_response' });
    await waitUntilSettled(payment);
    expect((await listTickets(held)).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });

  it('counts as refunded if the buyer has asked for a refund and the dispute is then lost', async () => {
    const { held, payment } = await service.startAndPay(1250, 'EUR');
    const dispute = getBooks().dispute(payment.paymentId);
    await service.sendEvent('charge.dispute.created', dispute);
    await waitUntilSettled(payment);
    await service.payer.refund(held);
    await service.sendEvent('charge.dispute.closed', { ...dispute, status: 'lost' });
    await waitUntil(async () => {
      await service.pool.query('update refund set due_at = now() where payment_id = $1 and due_at > now()', [
        payment.paymentId,
      ]);
      return (await service.payer.payment(payment)).status === 'refunded';
    });
    expect((await service.payer.booking(held)).status).toBe('refunded');
  });

  it('is ignored if the payment belongs to another service', async () => {
    const dispute = { id: 'dp_1', object: 'dispute', payment_intent: 'pi_of_another', metadata: {}, status: 'lost' };
    await service.sendEvent('charge.dispute.created', dispute);
    const { rowCount } = await service.pool.query("select from payment_event where dispute_id = 'dp_1'");
    expect(rowCount).toBe(0);
  });
});
