import { z } from 'zod';
import { PaymentStatus } from '../seats/bookings.js';
import { Uuid } from '../values/ids.js';
import { Money } from '../values/money.js';
import { webAddressSchema } from '../values/texts.js';

/**
 * How the buyer pays: `card` on the provider's pay page, or `qr` with a code that the buyer scans with another device.
 */
export const PaymentMethod = z.enum(['card', 'qr']);
export type PaymentMethod = z.infer<typeof PaymentMethod>;

/** Body of `POST /v1/bookings/:bookingId/payments`. The body and each of its fields are optional. */
export const PaymentBody = z
  .strictObject({
    method: PaymentMethod.default('card'),
    onConflict: z.literal('alternative').optional().meta({
      description: 'If the money arrives after the hold has expired and the seats are taken, book similar seats',
    }),
    returnUrl: webAddressSchema(/^https?$/, 'must be an http:// or https:// URL')
      .max(2048)
      .optional()
      .meta({
        description:
          'The address to which the pay page sends the buyer back. It must belong to this service or to an origin in its settings',
      }),
  })
  .prefault({})
  .meta({ id: 'PaymentBody' });
export type PaymentBody = z.output<typeof PaymentBody>;

/**
 * Why a provider refused a payment for good. `setup` means that the provider refuses the settings of this service,
 * which its operator must correct. `refused` is any other reason.
 */
export const PaymentFailureCode = z.enum(['amountTooSmall', 'amountTooLarge', 'currency', 'setup', 'refused']);

/** A provider's refusal of a payment. A page can show `detail` to the buyer. */
export const PaymentFailure = z.object({ code: PaymentFailureCode, detail: z.string() }).meta({ id: 'PaymentFailure' });
export type PaymentFailure = z.infer<typeof PaymentFailure>;

/** A payment for one booking. */
export const Payment = z
  .object({
    paymentId: Uuid,
    bookingId: Uuid,
    status: PaymentStatus,
    price: Money,
    provider: z.string().meta({ description: '`sandbox`, `stripe`, or `none` if the booking costs nothing' }),
    redirectUrl: z
      .string()
      .nullable()
      .meta({
        description:
          'The address of the pay page. Null until the provider has answered, so get the payment again later. Also null after a ' +
          'refusal. Also null if the booking costs nothing, because such a payment has already succeeded',
      }),
    method: PaymentMethod,
    qrCode: z
      .string()
      .nullable()
      .meta({ description: 'The text of the QR code to show; null unless `method` is `qr`' }),
    failure: PaymentFailure.optional().meta({
      description: 'Present if `status` is `failed` because the provider refused the payment. The seats stay held',
    }),
  })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof Payment>;

/** Path parameters of an endpoint for one payment. */
export const PaymentParams = z.object({ paymentId: Uuid });

/** Path parameters of a payment provider's webhook. */
export const PaymentWebhookParams = z.object({ provider: z.string() });
