import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { PG_POOL } from '../database/pg-pool.js';
import { PAYMENT_RECONCILER, type PaymentReconciler } from './payment-reconciler.js';
import type { StoredPayment } from './payment-store.js';
import { paymentColumns } from './postgres-payment-store.js';

/** Cancels payments that buyers do not want to pay any more. */
@Injectable()
export class PaymentCanceller {
  private readonly logger = new Logger(PaymentCanceller.name);

  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    @Inject(PAYMENT_RECONCILER) private readonly reconciler: PaymentReconciler,
  ) {}

  /**
   * Cancels the open payments of bookings of one show whose card was declined or whose hold has ended. Does not cancel
   * the other payments of a hold, because the buyer may be paying at the moment. If the provider does not respond, the
   * payments stay open, and a repeated call cancels them.
   */
  async cancelUnwanted(showId: number, bookingIds: readonly string[]): Promise<void> {
    const { rows } = await this.pool.query<StoredPayment>(
      `select ${paymentColumns} from payment t join booking b using (show_id, booking_id)
       where t.show_id = $1 and t.booking_id = any ($2::uuid[]) and t.due_at is not null
         and (t.status = 'declined' or t.status = 'pending' and b.status in ('released', 'expired'))`,
      [showId, bookingIds],
    );
    for (const payment of rows) {
      try {
        await this.reconciler.cancel(payment);
      } catch (error) {
        const { paymentId } = payment;
        this.logger.warn({ showId, paymentId, err: error }, 'could not cancel a payment; it stays open until it ends');
        // The provider may not respond to the next request either, and each one takes seconds.
        return;
      }
    }
  }
}
