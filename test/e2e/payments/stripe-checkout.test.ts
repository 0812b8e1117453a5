import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Booking, Payment } from '@usher/contract';
import type pg from 'pg';
import { startApp, type TestApp } from '../../support/app.js';
import { testPool } from '../../support/database.js';
import { Payer } from '../../support/payer.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { StripeDouble, stripeWebhookSecret } from '../../support/stripe-double.js';
import { waitUntil } from '../../support/wait-until.js';

let app: TestApp;
let pool: pg.Pool;
let stripe: StripeDouble;
let payer: Payer;

beforeAll(async () => {
  stripe = await StripeDouble.start();
  const env = {
    PAYMENT_PROVIDER: 'stripe',
    STRIPE_SECRET_KEY: 'sk_test_of_the_double',
    STRIPE_WEBHOOK_SECRET: stripeWebhookSecret,
    STRIPE_API_URL: stripe.url,
    PUBLIC_URL: 'https://tickets.example',
  };
  app = await startApp({ env, demo: false });
  pool = testPool(app.databaseUrl, 2);
  payer = new Payer(await RestCaller.begin(app.url));
});

afterAll(async () => {
  await pool?.end();
  await app?.close();
  await stripe?.close();
});

const sendWebhook = async ({ body, headers }: { body: string; headers: Record<string, string> }) =>
  (await fetch(`${app.url}/v1/payments/webhooks/stripe`, { method: 'POST', headers, body })).status;

const waitForStatus = (booking: Booking, status: Booking['status']) =>
  waitUntil(async () => (await payer.booking(booking)).status === status);

async function startPayment(): Promise<{ showId: number; held: Booking; payment: Payment }> {
  const showId = await makeShow(pool);
  const held = await payer.hold(showId, [0, 1]);
  return { showId, held, payment: await payer.start(held) };
}

async function bookWithStripe() {
  const { held, payment, ...rest } = await startPayment();
  expect(
    await sendWebhook(StripeDouble.createEvent('checkout.session.completed', stripe.books.pay(payment.paymentId))),
  ).toBe(200);
  await waitForStatus(held, 'booked');
  return { held, payment, ...rest };
}

it('opens one Checkout Session for the seats, with ids by which the service recognises the events of this session', async () => {
  const { showId, payment } = await startPayment();
  const session = stripe.books.findSession(payment.paymentId);
  expect(payment).toMatchObject({ status: 'pending', provider: 'stripe', redirectUrl: session.url });
  const opening = stripe.requests.find(({ key }) => key === payment.paymentId);
  expect(opening).toMatchObject({ method: 'POST', path: '/v1/checkout/sessions' });
  expect(opening?.form).toMatchObject({
    mode: 'payment',
    client_reference_id: payment.paymentId,
    'metadata[showId]': String(showId),
    'payment_intent_data[metadata][paymentId]': payment.paymentId,
    'line_items[0][price_data][unit_amount]': '2500',
    'line_items[0][price_data][currency]': 'eur',
    'line_items[0][price_data][product_data][name]': 'A Test: A1, A2',
    success_url: `https://tickets.example/shows/${showId}`,
  });
  // The Stripe account determines the payment methods. A list in the request would exclude Apple Pay and Google Pay.
  expect(Object.keys(opening?.form ?? {}).filter((name) => name.startsWith('payment_method'))).toEqual([]);
  const minutesOpen = Number(opening?.form['expires_at']) / 60 - Date.now() / 60_000;
  expect(minutesOpen).toBeGreaterThan(30);
});

it('books a paid session when the webhook arrives, and ignores repeated webhooks', async () => {
  const { payment } = await bookWithStripe();
  expect(await payer.payment(payment)).toMatchObject({ status: 'succeeded' });
  const repeated = StripeDouble.createEvent('checkout.session.completed', stripe.books.findSession(payment.paymentId));
  expect([await sendWebhook(repeated), await sendWebhook(repeated)]).toEqual([200, 200]);
  const { rowCount } = await pool.query('select from refund where payment_id = $1', [payment.paymentId]);
  expect(rowCount).toBe(0);
});

it('discovers a payment without a webhook', async () => {
  const { held, payment } = await startPayment();
  stripe.books.pay(payment.paymentId);
  await waitForStatus(held, 'booked');
  expect(await payer.payment(payment)).toMatchObject({ status: 'succeeded' });
});

it('keeps a payment pending while Stripe sends invalid answers, hangs up or fails, and settles it afterwards', async () => {
  const showId = await makeShow(pool);
  const held = await payer.hold(showId, [0]);
  stripe.faults.push('nonsense', 'hang up', 500);
  const payment = await payer.start(held);
  expect(payment).toMatchObject({ status: 'pending', redirectUrl: null });
  // The service repeats the request with the same key until the session is open, first after 2 s and then at the reconciler's pace.
  const makePaymentDue = () =>
    pool.query(
      `update payment set due_at = now() where payment_id = $1 and due_at > now() + interval '500 ms'
      and reference is null`,
      [payment.paymentId],
    );
  await waitUntil(async () => {
    await makePaymentDue();
    return (await payer.payment(payment)).redirectUrl !== null;
  });
  expect(stripe.faults).toEqual([]);
  stripe.books.pay(payment.paymentId);
  await waitForStatus(held, 'booked');
});

it('refuses webhooks that are forged, changed, old or from the future, and ignores events of other services', async () => {
  const { held, payment } = await startPayment();
  const session = { ...stripe.books.findSession(payment.paymentId), status: 'complete', payment_status: 'paid' };
  const type = 'checkout.session.completed';
  const now = Math.floor(Date.now() / 1000);
  const genuine = StripeDouble.createEvent(type, session);
  expect(await sendWebhook(StripeDouble.createEvent(type, session, now, 'whsec_of_another'))).toBe(401);
  expect(await sendWebhook(StripeDouble.createEvent(type, session, now - 600))).toBe(401);
  expect(await sendWebhook(StripeDouble.createEvent(type, session, now + 600))).toBe(401);
  expect(await sendWebhook({ ...genuine, body: genuine.body.replace('2500', '1') })).toBe(401);
  expect(await sendWebhook({ ...genuine, headers: { 'content-type': 'application/json' } })).toBe(401);
  expect(await sendWebhook(StripeDouble.createEvent(type, { ...session, metadata: {} }))).toBe(200);
  expect(await sendWebhook(StripeDouble.createEvent('customer.created', { id: 'cus_1', object: 'customer' }))).toBe(
    200,
  );
  const { rowCount } = await pool.query('select from payment_event where payment_id = $1', [payment.paymentId]);
  expect([rowCount, (await payer.booking(held)).status]).toEqual([0, 'reserved']);
});

it('lets the buyer try again after a declined card, and fails the payment when the session expires', async () => {
  const { held, payment } = await startPayment();
  const intent = { object: 'payment_intent', metadata: stripe.books.findSession(payment.paymentId).metadata };
  expect(await sendWebhook(StripeDouble.createEvent('payment_intent.payment_failed', intent))).toBe(200);
  await waitUntil(async () => (await payer.payment(payment)).status === 'declined');
  expect((await payer.booking(held)).status).toBe('reserved');
  const session = stripe.books.findSession(payment.paymentId);
  session.status = 'expired';
  expect(await sendWebhook(StripeDouble.createEvent('checkout.session.expired', session))).toBe(200);
  await waitUntil(async () => (await payer.payment(payment)).status === 'failed');
});

it('refunds each amount once, even if the refund takes days or fails at first', async () => {
  const { held, payment } = await bookWithStripe();
  const refundedBefore = stripe.books.refunded;
  stripe.books.refundStatuses.push('pending');
  await payer.refund(held, [0]);
  const makeRefundDue = () =>
    pool.query('update refund set due_at = now() where payment_id = $1 and due_at is not null', [payment.paymentId]);
  const readReference = async () =>
    (
      await pool.query<{ reference: string | null }>('select reference from refund where payment_id = $1', [
        payment.paymentId,
      ])
    ).rows[0]?.reference;
  await waitUntil(async () => typeof (await readReference()) === 'string');
  // The buyer's bank rejects the refund, so Stripe reports a failure and the service starts the refund again.
  stripe.books.settleRefunds('failed');
  await makeRefundDue();
  await waitUntil(async () => stripe.books.refunded === refundedBefore + 1250);
  await payer.refund(held);
  await waitUntil(async () => (await payer.payment(payment)).status === 'refunded');
  expect(stripe.books.refunded).toBe(refundedBefore + 2500);
  const intents = stripe.requests
    .filter(({ path }) => path === '/v1/refunds')
    .map(({ form }) => form['payment_intent']);
  expect(new Set(intents)).toEqual(new Set([stripe.books.findSession(payment.paymentId).payment_intent]));
});
