import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Booking, CheckIn, Payment, Refund, Ticket } from '@usher/contract';
import { makeKey } from '../../support/api-keys.js';
import { rowOf } from '../../support/admin.js';
import { StripeService } from '../../support/stripe-service.js';
import { until } from '../../support/until.js';

let service: StripeService;
let gate: string;

beforeAll(async () => {
  service = await StripeService.start();
  gate = (await makeKey(service.app.url, { name: 'Gate', roles: ['gate'] })).key;
});

afterAll(async () => {
  await service?.close();
});

const books = () => service.stripe.books;
const chargeOf = ({ paymentId }: Payment) => books().chargeOf(paymentId);

/** Requests to Stripe that had this idempotency key. */
const asked = (key: string) => service.stripe.requests.filter((request) => request.key === key).length;

const refundRequests = () => service.stripe.requests.filter(({ path }) => path === '/v1/refunds').length;

async function refundsOf({ bookingId }: Booking): Promise<Refund[]> {
  return (await service.payer.caller.call('GET', `/v1/bookings/${bookingId}/refunds`)).body.items as Refund[];
}

async function ticketsOf({ bookingId }: Booking): Promise<Ticket[]> {
  return (await service.payer.caller.call('GET', `/v1/bookings/${bookingId}/tickets`)).body.items as Ticket[];
}

async function checkIn({ code }: Ticket): Promise<CheckIn> {
  const { body } = await service.payer.caller.call('POST', '/v1/tickets/check-ins', { code }, { 'x-api-key': gate });
  return body as unknown as CheckIn;
}

/** Rows that the service still works on. */
async function isSettled(payment: Payment): Promise<boolean> {
  const { rows } = await service.pool.query<{ due: number }>(
    `select ((select count(*) from payment where payment_id = $1 and due_at is not null) +
       (select count(*) from refund where payment_id = $1 and due_at is not null) +
       (select count(*) from payment_event where payment_id = $1 and due_at is not null))::int as due`,
    [payment.paymentId],
  );
  return rows[0]?.due === 0;
}

const settled = (payment: Payment) => until(() => isSettled(payment));

describe('a payment that Stripe refuses for good', () => {
  const error = (type: string, code: string, more = {}) => ({ type, code, message: 'no', ...more });

  it('has failed at once when the amount is too small, with a reason; the hold stays for another try', async () => {
    const { held, payment } = await service.started(20, 'EUR', [0]);
    expect(payment).toMatchObject({
      status: 'failed',
      redirectUrl: null,
      failure: { code: 'amountTooSmall', detail: expect.stringContaining('smaller') },
    });
    expect(await service.payer.payment(payment)).toEqual(payment);
    expect(await service.payer.booking(held)).toMatchObject({ status: 'reserved', payment: { status: 'failed' } });
    await settled(payment);
    expect(asked(payment.paymentId)).toBe(1);
    const again = await service.payer.start(held);
    expect(again).toMatchObject({ status: 'failed' });
    expect(again.paymentId).not.toBe(payment.paymentId);
  });

  it.each([
    [400, error('invalid_request_error', 'amount_too_large'), 'amountTooLarge'],
    [
      400,
      error('invalid_request_error', 'parameter_invalid_string', { param: 'line_items[0][price_data][currency]' }),
      'currency',
    ],
    [400, error('invalid_request_error', 'url_invalid'), 'refused'],
    [400, error('invalid_request_error', 'testmode_charges_only'), 'setup'],
    [401, error('invalid_request_error', 'api_key_expired'), 'setup'],
    [403, error('invalid_request_error', 'more_permissions_required'), 'setup'],
  ])('has failed with its reason after %d %j: %s', async (status, answer, code) => {
    const { showId } = await service.admin.show(rowOf('ss'), { standard: 1250 });
    const held = await service.payer.hold(showId, [0]);
    service.stripe.faults.push({ status, error: answer });
    const payment = await service.payer.start(held);
    expect(payment).toMatchObject({ status: 'failed', failure: { code } });
    await settled(payment);
    const again = await service.payer.start(held);
    await service.tell('checkout.session.completed', books().pay(again.paymentId));
    await service.becomes(held, 'booked');
  });

  it.each([
    [409, error('idempotency_error', 'idempotency_key_in_use')],
    [429, error('invalid_request_error', 'rate_limit')],
    [429, error('invalid_request_error', 'lock_timeout')],
    [503, error('api_error', 'unavailable')],
  ])('is none after %d %j: the service asks again', async (status, answer) => {
    const { showId } = await service.admin.show(rowOf('ss'), { standard: 1250 });
    const held = await service.payer.hold(showId, [0]);
    service.stripe.faults.push({ status, error: answer });
    const payment = await service.payer.start(held);
    expect(payment).toMatchObject({ status: 'pending', redirectUrl: null });
    await until(async () => (await service.payer.payment(payment)).redirectUrl !== null);
  });
});

describe('a total of 0', () => {
  it('is booked at once and without Stripe, and given back without it', async () => {
    const before = service.stripe.requests.length;
    const { held, payment } = await service.started(0, 'EUR');
    expect(payment).toMatchObject({ status: 'succeeded', provider: 'none', redirectUrl: null, qrCode: null });
    expect(await service.payer.booking(held)).toMatchObject({ status: 'booked', payment: { status: 'succeeded' } });
    expect(await ticketsOf(held)).toHaveLength(2);
    await service.payer.refund(held, [0]);
    await service.payer.refund(held);
    await service.paymentBecomes(payment, 'refunded');
    await settled(payment);
    expect(service.stripe.requests).toHaveLength(before);
  });

  it('is booked by another node where the one that began was cut short', async () => {
    const { showId } = await service.admin.show(rowOf('ss'), { standard: 0 });
    const held = await service.payer.hold(showId, [0]);
    await service.pool.query(
      `insert into payment (show_id, payment_id, booking_id, session_id, provider, method, amount, currency, on_conflict,
         status, description, base_url, due_at)
       values ($1, gen_random_uuid(), $2, $3, 'none', 'card', 0, 'EUR', 'refuse', 'pending', '', '', now())`,
      [showId, held.bookingId, held.sessionId],
    );
    await service.becomes(held, 'booked');
    expect((await service.payer.booking(held)).payment).toMatchObject({ provider: 'none', status: 'succeeded' });
  });

  it('needs no provider for a refund that the fee eats up', async () => {
    const rules = { singleSeatGap: 'off', refunds: { deadlineMinutes: 0, feeAmount: 1250 } };
    const { held, payment } = await service.booked(1250, 'EUR', [0, 1], { rules });
    const before = refundRequests();
    await service.payer.refund(held);
    await service.paymentBecomes(payment, 'refunded');
    expect([refundRequests(), chargeOf(payment).amount_refunded]).toEqual([before, 0]);
  });

  it('is settled as well where Stripe had opened it and says that no payment is required', async () => {
    const { held, payment } = await service.started(1250, 'EUR', [0]);
    const session = books().sessionOf(payment.paymentId);
    Object.assign(session, { status: 'complete', payment_status: 'no_payment_required' });
    await service.tell('checkout.session.completed', session);
    await service.becomes(held, 'booked');
    expect(await service.payer.payment(payment)).toMatchObject({ status: 'succeeded' });
  });
});

describe('money that staff gave back in Stripe’s dashboard', () => {
  it('ends the booking when it is all of it, once, however often and late Stripe says so', async () => {
    const { showId, held, payment } = await service.booked(1250, 'EUR');
    const [ticket] = await ticketsOf(held);
    const before = refundRequests();
    const charge = books().refundInDashboard(payment.paymentId, 2500);
    await Promise.all([1, 2, 3].map((nth) => service.tell('charge.refunded', charge, `evt_${charge.id}_${nth % 2}`)));
    await service.becomes(held, 'refunded');
    await service.paymentBecomes(payment, 'refunded');
    await settled(payment);
    expect(await refundsOf(held)).toMatchObject([{ kind: 'whole', status: 'paid', amount: { amount: 2500 } }]);
    expect(await checkIn(ticket!)).toMatchObject({ result: 'refunded' });
    expect(refundRequests()).toBe(before);
    const { body } = await service.payer.caller.call('GET', `/v1/shows/${showId}/seats`);
    expect(body.counts).toMatchObject({ free: 6, sold: 0 });
  });

  it('is written down when it is a part of it, and the seats stay; the rest is what a later refund gives back', async () => {
    const { held, payment } = await service.booked(1250, 'EUR');
    const charge = books().refundInDashboard(payment.paymentId, 500);
    await Promise.all([1, 2].map((nth) => service.tell('charge.refunded', charge, `evt_${charge.id}_${nth}`)));
    await settled(payment);
    expect(await refundsOf(held)).toMatchObject([{ kind: 'part', status: 'paid', amount: { amount: 500 } }]);
    expect((await service.payer.booking(held)).status).toBe('booked');
    await service.payer.refund(held);
    await service.paymentBecomes(payment, 'refunded');
    expect(chargeOf(payment).amount_refunded).toBe(2500);
    const back = (await refundsOf(held)).map(({ amount }) => amount.amount);
    expect(back).toEqual([500, 2000]);
  });

  it('is not taken for more than it is where the service gave some back itself', async () => {
    const { held, payment } = await service.booked(1250, 'EUR', [0, 1, 2]);
    await service.payer.refund(held, [0]);
    await until(() => Promise.resolve(chargeOf(payment).amount_refunded === 1250));
    await service.tell('charge.refunded', { ...chargeOf(payment) });
    await settled(payment);
    expect(await refundsOf(held)).toHaveLength(1);
    await service.tell('charge.refunded', books().refundInDashboard(payment.paymentId, 2500));
    await service.paymentBecomes(payment, 'refunded');
    expect((await refundsOf(held)).map(({ amount }) => amount.amount)).toEqual([1250, 2500]);
  });

  it('ends a refund of the service that has nothing left to give back', async () => {
    const { held, payment } = await service.booked(1250, 'EUR');
    // Stripe's webhook is lost: the service knows nothing of it when the buyer asks.
    books().refundInDashboard(payment.paymentId, 2500);
    await service.payer.refund(held);
    await service.paymentBecomes(payment, 'refunded');
    await settled(payment);
    expect(chargeOf(payment).amount_refunded).toBe(2500);
    expect(await refundsOf(held)).toMatchObject([{ status: 'paid', amount: { amount: 2500 } }]);
  });

  it('is understood before the webhook that says that it was paid', async () => {
    const { held, payment } = await service.started(1250, 'EUR');
    books().pay(payment.paymentId);
    await service.tell('charge.refunded', books().refundInDashboard(payment.paymentId, 2500));
    await service.becomes(held, 'refunded');
    await service.tell('checkout.session.completed', books().sessionOf(payment.paymentId));
    await service.paymentBecomes(payment, 'refunded');
    expect((await service.payer.booking(held)).status).toBe('refunded');
  });

  it('is converted from Stripe’s unit', async () => {
    const { held, payment } = await service.booked(2500, 'ISK');
    await service.tell('charge.refunded', books().refundInDashboard(payment.paymentId, 100_000));
    await settled(payment);
    expect(await refundsOf(held)).toMatchObject([{ kind: 'part', amount: { amount: 1000, currency: 'ISK' } }]);
  });
});

describe('a disputed payment', () => {
  it('has tickets that admit nobody, and says why, until the dispute is won', async () => {
    const startsAt = new Date(Date.now() + 3_600_000).toISOString();
    const { showId, held, payment } = await service.booked(1250, 'EUR', [0, 1], { startsAt });
    const [first, second] = await ticketsOf(held);
    expect(await checkIn(first!)).toMatchObject({ result: 'admitted' });
    const dispute = books().dispute(payment.paymentId);
    await service.tell('charge.dispute.created', dispute);
    await settled(payment);
    expect(await checkIn(second!)).toMatchObject({ result: 'refunded', ticket: { disputed: true } });
    expect(await checkIn(first!)).toMatchObject({ result: 'used' });
    const path = `/v1/tickets/check-ins?showId=${showId}`;
    const { body } = await service.payer.caller.call('GET', path, undefined, { 'x-api-key': gate });
    expect(body.tickets).toMatchObject([{ status: 'used' }, { status: 'refunded', disputed: true }]);
    expect((await service.payer.booking(held)).status).toBe('booked');
    await service.tell('charge.dispute.closed', { ...dispute, status: 'won' });
    await settled(payment);
    // That it began is told once more, and late.
    await service.tell('charge.dispute.created', dispute);
    await settled(payment);
    expect(await checkIn(second!)).toMatchObject({ result: 'admitted' });
  });

  it('is no more than an inquiry while no money moves', async () => {
    const { held, payment } = await service.booked(1250, 'EUR');
    const inquiry = { ...books().dispute(payment.paymentId), status: 'warning_needs_response' };
    await service.tell('charge.dispute.created', inquiry);
    await settled(payment);
    expect((await ticketsOf(held)).map(({ status }) => status)).toEqual(['valid', 'valid']);
    await service.tell('charge.dispute.updated', { ...inquiry, status: 'needs_response' });
    await settled(payment);
    expect((await ticketsOf(held)).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });

  it('is refunded by staff without Stripe where the dispute was lost', async () => {
    const { held, payment } = await service.booked(1250, 'EUR');
    const dispute = books().dispute(payment.paymentId);
    await service.tell('charge.dispute.created', dispute);
    await settled(payment);
    await service.payer.refund(held);
    await service.tell('charge.dispute.closed', { ...dispute, status: 'lost' });
    await until(async () => {
      await service.pool.query('update refund set due_at = now() where payment_id = $1 and due_at > now()', [
        payment.paymentId,
      ]);
      return (await service.payer.payment(payment)).status === 'refunded';
    });
    expect((await service.payer.booking(held)).status).toBe('refunded');
  });

  it('is passed over where it is of money that another service took', async () => {
    const dispute = { id: 'dp_1', object: 'dispute', payment_intent: 'pi_of_another', metadata: {}, status: 'lost' };
    await service.tell('charge.dispute.created', dispute);
    const { rowCount } = await service.pool.query("select from payment_event where dispute_id = 'dp_1'");
    expect(rowCount).toBe(0);
  });
});
