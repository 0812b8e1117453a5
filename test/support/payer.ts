import { Booking, Payment } from '@usher/contract';
import type { Pool } from 'pg';
import { z } from 'zod';
import { readJson, validate } from './contract-shapes.js';
import type { RestCaller } from './rest.js';

/** Card numbers of the sandbox provider. The contract describes the effect of each. */
export const cards = {
  good: '4242 4242 4242 4242',
  declined: '4000 0000 0000 0002',
  code: '4000 0000 0000 3220',
  late: '4000 0000 0000 0077',
  twice: '4000 0000 0000 0085',
  silent: '4000 0000 0000 0341',
  unanswered: '4000 0000 0000 9987',
} as const;

/** The answer of the pay page. */
const PayPageAnswer = z.object({ status: z.string(), message: z.string() });
export type PayPageAnswer = z.infer<typeof PayPageAnswer>;

/** A buyer who holds seats and pays over REST. */
export class Payer {
  constructor(readonly caller: RestCaller) {}

  async hold(showId: number, seats: readonly number[]): Promise<Booking> {
    return this.ok(Booking, 201, 'POST', `/v1/shows/${showId}/reservations`, { seats });
  }

  async start({ bookingId }: Pick<Booking, 'bookingId'>, body: Record<string, unknown> = {}): Promise<Payment> {
    return this.ok(Payment, 201, 'POST', `/v1/bookings/${bookingId}/payments`, body);
  }

  /** Pays on the pay page through its JSON interface. */
  async pay({ redirectUrl }: Payment, card: string, code?: string): Promise<PayPageAnswer> {
    const answer = await fetch(redirectUrl ?? 'nowhere:', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ card, ...(code !== undefined && { code }) }),
    });
    return readJson(PayPageAnswer, answer);
  }

  /** Starts a payment and pays it at once. */
  async startAndPay(booking: Booking, card: string = cards.good): Promise<Payment> {
    const payment = await this.start(booking);
    await this.pay(payment, card);
    return payment;
  }

  booking({ bookingId }: Pick<Booking, 'bookingId'>): Promise<Booking> {
    return this.ok(Booking, 200, 'GET', `/v1/bookings/${bookingId}`);
  }

  payment({ paymentId }: Pick<Payment, 'paymentId'>): Promise<Payment> {
    return this.ok(Payment, 200, 'GET', `/v1/payments/${paymentId}`);
  }

  refund({ bookingId }: Pick<Booking, 'bookingId'>, seats?: readonly number[]): Promise<Booking> {
    return this.ok(Booking, 200, 'POST', `/v1/bookings/${bookingId}/refunds`, seats && { seats });
  }

  private async ok<T>(schema: z.ZodType<T>, wanted: number, method: string, path: string, body?: unknown): Promise<T> {
    const { status, body: answer } = await this.caller.call(method, path, body);
    if (status !== wanted)
      throw new Error(`${method} ${path} answered ${status} instead of ${wanted}: ${JSON.stringify(answer)}`);
    return validate(schema, answer);
  }
}

/** Returns a show's captured, refunded and booked money in minor units, from the sandbox's and the show's tables. */
export async function sumMoney(
  pool: Pool,
  showId: number,
): Promise<{ captured: number; refunded: number; booked: number }> {
  const { rows } = await pool.query<{ captured: number; refunded: number; booked: number }>(
    `select (select coalesce(sum(amount), 0)::float8 from sandbox_payment
        where show_id = $1 and status = 'succeeded') as captured,
       (select coalesce(sum(value::bigint), 0)::float8 from sandbox_payment, jsonb_each_text(refunds)
        where show_id = $1) as refunded,
       (select coalesce(sum(amount), 0)::float8 from booking, unnest(amounts) amount
        where show_id = $1 and booking.status = 'booked') as booked`,
    [showId],
  );
  return rows[0]!;
}
