import { describe, expect, it } from '@jest/globals';
import { tablesWith } from '../../support/database-text.js';
import { setUpApp } from '../../support/file-app.js';
import { cards, Payer, sumMoney } from '../../support/payer.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';
import { StripeService } from '../../support/stripe-service.js';
import { waitUntil } from '../../support/wait-until.js';

const app = setUpApp({ env: { SANDBOX_DELAY_SECONDS: '2' } });

/** A buyer who has started a payment. */
async function startPayment() {
  const caller = await RestCaller.begin(app.url);
  const payer = new Payer(caller);
  const showId = await makeShow(app.pool);
  const held = await payer.hold(showId, [0]);
  const payment = await payer.start(held);
  const release = () => caller.call('DELETE', `/v1/bookings/${held.bookingId}`);
  const erase = () => caller.call('DELETE', '/v1/session/data');
  return { caller, payer, showId, held, payment, release, erase };
}

const refusal = { status: 409, body: { code: 'BOOKING_STATE', detail: expect.stringContaining('40 minutes') } };

describe('a session with an unpaid payment', () => {
  it('can be erased at once after its card was declined, and the pay page takes no money any more', async () => {
    const { caller, payer, showId, payment, erase } = await startPayment();
    expect(await payer.pay(payment, cards.declined)).toMatchObject({ status: 'declined' });
    await waitUntil(async () => (await payer.payment(payment)).status === 'declined');
    expect(await erase()).toMatchObject({ status: 200, body: { keptBookings: [] } });
    expect(await payer.pay(payment, cards.good)).toMatchObject({ status: 'failed' });
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 0, refunded: 0, booked: 0 });
    expect(await tablesWith(app.pool, [caller.session.sessionId])).toEqual([]);
    expect(await app.readSeatStatuses(showId)).not.toContain(1);
  });

  it('can be erased at once after it released its seats, although the pay page was open', async () => {
    const { payer, showId, payment, release, erase } = await startPayment();
    expect(await erase()).toMatchObject(refusal);
    await release();
    expect(await erase()).toMatchObject({ status: 200 });
    expect(await payer.pay(payment, cards.good)).toMatchObject({ status: 'failed' });
    expect(await sumMoney(app.pool, showId)).toEqual({ captured: 0, refunded: 0, booked: 0 });
  });

  it('is not erased while the provider has taken money that it does not report yet', async () => {
    const { payer, showId, payment, held, release, erase } = await startPayment();
    await release();
    await payer.pay(payment, cards.late);
    expect(await erase()).toMatchObject(refusal);
    await waitUntil(async () => (await payer.booking(held)).status === 'booked');
    expect(await erase()).toMatchObject({ status: 200, body: { keptBookings: [held.bookingId] } });
    const { captured, refunded, booked } = await sumMoney(app.pool, showId);
    expect(captured).toBeGreaterThan(0);
    expect(captured - refunded).toBe(booked);
  });
});

describe('an erasure with Stripe', () => {
  it('expires the Checkout Session, or keeps the booking if the buyer paid at the same moment', async () => {
    const service = await StripeService.start();
    try {
      const { payer, stripe } = service;
      const { held, payment } = await service.startPayment(1250, 'EUR');
      const paid = await service.startPayment(1250, 'EUR');
      for (const { bookingId } of [held, paid.held]) await payer.caller.call('DELETE', `/v1/bookings/${bookingId}`);
      stripe.books.pay(paid.payment.paymentId);
      stripe.faults.push(500);
      expect(await payer.caller.call('DELETE', '/v1/session/data')).toMatchObject(refusal);
      expect(await payer.caller.call('DELETE', '/v1/session/data')).toMatchObject({
        status: 200,
        body: { keptBookings: [paid.held.bookingId] },
      });
      expect(stripe.books.findSession(payment.paymentId).status).toBe('expired');
    } finally {
      await service.close();
    }
  });
});
