import { z } from 'zod';
import { layoutSeatsMax } from '../layouts/layout-body.js';
import { Seat } from '../layouts/layout.js';
import { boundedArraySchema } from '../values/bounded-array.js';
import { Uuid } from '../values/ids.js';
import { Money } from '../values/money.js';
import { Instant } from '../values/times.js';

/** Body of `POST /v1/bookings/:bookingId/refunds`. Without `seats`, all seats of the booking are refunded. */
export const RefundBody = z
  .strictObject({ seats: boundedArraySchema(Seat, { max: layoutSeatsMax }).optional() })
  .prefault({})
  .meta({ id: 'RefundBody' });
export type RefundBody = z.output<typeof RefundBody>;

/**
 * The kind of a refund.
 *
 * - `part`: for some seats of the booking, or for an amount that the staff refunded at the provider. Such an amount
 *   frees no seat.
 * - `whole`: for all seats that the booking still had.
 * - `returned`: for a payment that arrived when the seats could no longer be booked.
 */
export const RefundKind = z.enum(['part', 'whole', 'returned']);
export type RefundKind = z.infer<typeof RefundKind>;

/** A refund for one booking. The money goes back to the person who paid. */
export const Refund = z
  .object({
    refundId: Uuid,
    paymentId: Uuid,
    kind: RefundKind,
    amount: Money,
    status: z.enum(['pending', 'paid']).meta({
      description: '`pending` until the provider has paid the money back, then `paid`',
    }),
    createdAt: Instant,
    paidAt: Instant.nullable(),
  })
  .meta({ id: 'Refund' });
export type Refund = z.infer<typeof Refund>;
