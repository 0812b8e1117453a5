import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rowOf } from '../../support/admin.js';
import { Importer } from '../../support/import.js';
import { StripeService, stripeEnv } from '../../support/stripe-service.js';

let service: StripeService;

beforeAll(async () => {
  service = await StripeService.start();
});

afterAll(async () => {
  await service?.close();
});

describe('amounts in Stripe’s units', () => {
  it.each([
    ['EUR', 1250, 1250],
    ['HUF', 350_000, 350_000],
    ['JPY', 1250, 1250],
    ['ISK', 2500, 250_000],
    ['UGX', 20_000, 2_000_000],
    ['MGA', 1_250_000, 12_500],
    ['KWD', 5120, 5120],
    ['IDR', 250_000_000, 250_000_000],
  ])('are converted in requests, in answers and in refunds: %s', async (currency, amount, stripeAmount) => {
    const { stripe, payer } = service;
    const { showId, held, payment } = await service.startPayment(amount, currency, [0, 1, 2]);
    expect(stripe.books.findSession(payment.paymentId)).toMatchObject({
      amount_total: 3 * stripeAmount,
      currency: currency.toLowerCase(),
    });
    const before = stripe.books.refunded;
    await service.sendEvent('checkout.session.completed', stripe.books.pay(payment.paymentId));
    // If the service read the amount wrongly, the amount would differ from the booking's total, and the service would
    // refund it.
    await service.waitForBookingStatus(held, 'booked');
    await payer.refund(held, [0]);
    await payer.refund(held);
    await service.waitForPaymentStatus(payment, 'refunded');
    expect(stripe.books.refunded - before).toBe(3 * stripeAmount);
    const { rows } = await service.pool.query<{ sum: number }>(
      'select sum(amount)::float8 as sum from refund where show_id = $1',
      [showId],
    );
    expect(rows).toEqual([{ sum: 3 * amount }]);
  });

  it('are converted even if the service discovers the payment without a webhook', async () => {
    const { held, payment } = await service.startPayment(2500, 'ISK');
    expect(service.stripe.books.pay(payment.paymentId).amount_total).toBe(500_000);
    await service.waitForBookingStatus(held, 'booked');
  });

  it('are accepted by Stripe for a refund from which the fee was deducted', async () => {
    const rules = { singleSeatGap: 'off', refunds: { deadlineMinutes: 0, feeAmount: 500 } };
    const { held, payment } = await service.startAndPay(5120, 'KWD', [0, 1], { rules });
    const before = service.stripe.books.refunded;
    await service.payer.refund(held);
    await service.waitForPaymentStatus(payment, 'refunded');
    expect(service.stripe.books.refunded - before).toBe(2 * 4620);
  });
});

describe('an amount that Stripe does not accept', () => {
  const [priceField, feeField] = ['prices.standard', 'rules.refunds.feeAmount'];
  const makeRules = (feeAmount: number) => ({
    rules: { singleSeatGap: 'off', refunds: { deadlineMinutes: 0, feeAmount } },
  });

  it.each([
    ['KWD', 5124, {}, priceField],
    ['BHD', 5121, {}, priceField],
    ['MGA', 150, {}, priceField],
    ['TND', 5120, makeRules(5), feeField],
    ['MGA', 12_500, makeRules(50), feeField],
  ])('is refused when a show is created: %s %d', async (currency, amount, other, path) => {
    const [{ hallId }, movieId] = [await service.admin.hall(rowOf('ss')), await service.admin.movie()];
    const startsAt = new Date(Date.now() + 86_400_000).toISOString();
    const body = { movieId, hallId, startsAt, currency, prices: { standard: amount }, ...other };
    const { status, body: answer } = await service.admin.call('POST', '/shows', body);
    expect([status, answer.code, answer.issues]).toMatchObject([400, 'INVALID_REQUEST', [{ path }]]);
  });

  it('is refused when prices, the fee or the currency change, and the show stays unchanged', async () => {
    const { showId } = await service.admin.show(rowOf('ss'), { standard: 5120 }, { currency: 'KWD' });
    const { showId: showIdInEuros } = await service.admin.show(rowOf('ss'), { standard: 1255 });
    const expectRefusal = async (id: number, patch: object, path: string) => {
      const { status, body } = await service.admin.call('PATCH', `/shows/${id}`, patch);
      expect([status, body.issues]).toMatchObject([400, [{ path }]]);
    };
    await expectRefusal(showId, { prices: { standard: 5125 } }, priceField);
    await expectRefusal(showId, makeRules(5), feeField);
    await expectRefusal(showIdInEuros, { currency: 'OMR' }, priceField);
    const { body } = await service.payer.caller.call('GET', `/v1/shows/${showIdInEuros}`);
    expect(body.tiers).toMatchObject([{ price: { amount: 1255, currency: 'EUR' } }]);
  });

  it('makes an import report the line and leave it out', async () => {
    const importer = await Importer.make({ ...stripeEnv(service.stripe.url), DATABASE_URL: service.app.databaseUrl });
    const { hallId } = await service.admin.hall(rowOf('ss'));
    const movieId = await service.admin.movie();
    const describeShow = (ref: string, day: number, amount: number, other = {}) => {
      const startsAt = `2031-01-${day}T20:00:00Z`;
      return JSON.stringify({
        kind: 'show',
        ref,
        movieId,
        hallId,
        startsAt,
        currency: 'KWD',
        prices: { standard: amount },
        ...other,
      });
    };
    const accepted = await importer.run({ 'a.ndjson': describeShow('ok', 10, 5120) });
    expect(accepted.code).toBe(0);
    const lines = [
      describeShow('price', 11, 5124),
      describeShow('fee', 12, 5120, makeRules(5)),
      describeShow('ok', 10, 5125),
    ];
    const { errorLines } = await importer.run({ 'a.ndjson': lines.join('\n') });
    await importer.remove();
    expect(errorLines.map((line) => line.replace(/: must.*/, ''))).toEqual([
      'a.ndjson:1: prices.standard',
      'a.ndjson:2: rules.refunds.feeAmount',
      'a.ndjson:3: prices.standard',
    ]);
  });
});
