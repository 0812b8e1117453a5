import type { Booking, Payment } from '@usher/contract';
import type { Pool } from 'pg';
import { Admin, rowOf } from './admin.js';
import { adminKey } from './api-keys.js';
import { startApp, type TestApp } from './app.js';
import { testPool } from './database.js';
import { Payer } from './payer.js';
import { RestCaller } from './rest.js';
import { StripeDouble, stripeWebhookSecret } from './stripe-double.js';
import { waitUntil } from './wait-until.js';

/** Returns the settings of a service that uses the Stripe double. */
export const stripeEnv = (url: string): Record<string, string> => ({
  PAYMENT_PROVIDER: 'stripe',
  STRIPE_SECRET_KEY: 'sk_test_of_the_double',
  STRIPE_WEBHOOK_SECRET: stripeWebhookSecret,
  STRIPE_API_URL: url,
  PUBLIC_URL: 'https://tickets.example',
});

/** A service that uses the Stripe double, with an administrator and a buyer. */
export class StripeService {
  private constructor(
    readonly stripe: StripeDouble,
    readonly app: TestApp,
    readonly pool: Pool,
    readonly admin: Admin,
    readonly payer: Payer,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<StripeService> {
    const stripe = await StripeDouble.start();
    const app = await startApp({ env: { ...stripeEnv(stripe.url), ADMIN_API_KEY: adminKey, ...env }, demo: false });
    const [pool, admin] = [testPool(app.databaseUrl, 2), new Admin(() => app.url)];
    return new StripeService(stripe, app, pool, admin, new Payer(await RestCaller.begin(app.url)));
  }

  async close(): Promise<void> {
    await this.pool.end();
    await this.app.close();
    await this.stripe.close();
  }

  /** Sends a webhook. Returns the status of the answer. */
  async send({ body, headers }: { body: string; headers: Record<string, string> }): Promise<number> {
    return (await fetch(`${this.app.url}/v1/payments/webhooks/stripe`, { method: 'POST', headers, body })).status;
  }

  /** Sends an event with a new id as a webhook. @throws Error if the service does not accept it */
  async sendEvent(type: string, object: unknown, id = `evt_${type}_${Math.random()}`): Promise<void> {
    const status = await this.send(StripeDouble.createEvent(type, object, undefined, undefined, id));
    if (status !== 200) throw new Error(`the service answered ${status} to the event ${type}`);
  }

  waitForBookingStatus(booking: Booking, status: Booking['status']): Promise<void> {
    return waitUntil(async () => (await this.payer.booking(booking)).status === status);
  }

  waitForPaymentStatus(payment: Payment, status: Payment['status']): Promise<void> {
    return waitUntil(async () => (await this.payer.payment(payment)).status === status);
  }

  /** Holds seats of a new show with one price, and starts a payment. */
  async startPayment(amount: number, currency: string, seats: readonly number[] = [0, 1], other: object = {}) {
    const { showId } = await this.admin.show(rowOf('6s'), { standard: amount }, { currency, ...other });
    const held = await this.payer.hold(showId, seats);
    return { showId, held, payment: await this.payer.start(held) };
  }

  /**
   * Starts a payment as {@link startPayment} does, pays it, sends Stripe's webhook, and waits until the seats are
   * booked.
   */
  async startAndPay(amount: number, currency: string, seats: readonly number[] = [0, 1], other: object = {}) {
    const { held, payment, showId } = await this.startPayment(amount, currency, seats, other);
    await this.sendEvent('checkout.session.completed', this.stripe.books.pay(payment.paymentId));
    await this.waitForBookingStatus(held, 'booked');
    return { showId, held, payment };
  }
}
