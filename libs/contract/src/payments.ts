import { z } from 'zod';
import { boundedArraySchema } from './bounded-list.js';
import { layoutSeatsMax } from './layouts/layout-body.js';
import { PaymentStatus } from './bookings.js';
import { Instant, Money, Seat, Uuid, webAddressSchema } from './primitives.js';

/** `card`: on the provider's pay page. `qr`: a code is shown and paid on another device. */
export const PaymentMethod = z.enum(['card', 'qr']);
export type PaymentMethod = z.infer<typeof PaymentMethod>;

/** `POST /v1/bookings/:bookingId/payments`; every field is optional, and so is the body. */
export const PaymentBody = z
  .strictObject({
    method: PaymentMethod.default('card'),
    onConflict: z.literal('alternative').optional().meta({
      description: 'Should the money come after the hold has ended and the seats be gone: book seats like them',
    }),
    returnUrl: webAddressSchema(/^https?$/, 'must be an http:// or https:// URL')
      .max(2048)
      .optional()
      .meta({
        description: 'Where the pay page leads back to: a page of this service, or of an origin of its settings',
      }),
  })
  .prefault({})
  .meta({ id: 'PaymentBody' });
export type PaymentBody = z.output<typeof PaymentBody>;

/**
 * Why a provider refused a payment for good. `setup`: the provider refuses the settings of this service, which its operator
 * has to mend. `refused`: any other reason.
 */
export const PaymentFailureCode = z.enum(['amountTooSmall', 'amountTooLarge', 'currency', 'setup', 'refused']);

/** A provider's refusal, in words that a page can show. */
export const PaymentFailure = z.object({ code: PaymentFailureCode, detail: z.string() }).meta({ id: 'PaymentFailure' });
export type PaymentFailure = z.infer<typeof PaymentFailure>;

/** A payment of a booking. */
export const Payment = z
  .object({
    paymentId: Uuid,
    bookingId: Uuid,
    status: PaymentStatus,
    price: Money,
    provider: z.string().meta({ description: '`sandbox`, `stripe`, or `none` where nothing is to be paid' }),
    redirectUrl: z
      .string()
      .nullable()
      .meta({
        description:
          'The pay page. Null while the provider has not answered (ask for the payment again), after a refusal, and where ' +
          'nothing is to be paid: that payment has succeeded already',
      }),
    method: PaymentMethod,
    qrCode: z.string().nullable().meta({ description: 'What the code to be shown says; null unless `method` is `qr`' }),
    failure: PaymentFailure.optional().meta({
      description: 'Present where `status` is `failed` because the provider refused the payment; the hold stays',
    }),
  })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof Payment>;

/** `POST /v1/bookings/:bookingId/refunds`: some seats of the booking, or, without them, all. */
export const RefundBody = z
  .strictObject({ seats: boundedArraySchema(Seat, { max: layoutSeatsMax }).optional() })
  .prefault({})
  .meta({ id: 'RefundBody' });
export type RefundBody = z.output<typeof RefundBody>;

/** `part`: of some seats, or an amount that staff gave back at the provider, which frees no seat; `whole`: of all that were left; `returned`: of a payment that found no seats. */
export const RefundKind = z.enum(['part', 'whole', 'returned']);
export type RefundKind = z.infer<typeof RefundKind>;

/** Money of a booking that goes back, or has gone back, to who paid. */
export const Refund = z
  .object({
    refundId: Uuid,
    paymentId: Uuid,
    kind: RefundKind,
    amount: Money,
    /** `pending` until the provider has given the money back; then `paid`, at `paidAt`. */
    status: z.enum(['pending', 'paid']),
    createdAt: Instant,
    paidAt: Instant.nullable(),
  })
  .meta({ id: 'Refund' });
export type Refund = z.infer<typeof Refund>;

/** Path of a payment. */
export const PaymentParams = z.object({ paymentId: Uuid });

/** Path of a provider's webhook. */
export const PaymentWebhookParams = z.object({ provider: z.string() });
