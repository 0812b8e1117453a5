import { Money, PaymentMethod, Uuid } from '@usher/contract';
import { z } from 'zod';

/** A request to open a payment. If the payment is already open, the provider returns the open payment. */
export const SandboxOrder = z.object({
  showId: z.int(),
  paymentId: Uuid,
  price: Money,
  method: PaymentMethod,
  description: z.string(),
  baseUrl: z.string(),
  returnUrl: z.string().nullable(),
  madeAt: z.number(),
});
export type SandboxOrder = z.infer<typeof SandboxOrder>;

const status = z.enum(['pending', 'declined', 'succeeded', 'failed']);

/** A payment in a response of the sandbox provider. */
export const SandboxAnswer = z.object({ reference: Uuid, status, price: Money, redirectUrl: z.string() });
export type SandboxAnswer = z.infer<typeof SandboxAnswer>;

/** A request for a refund. The refund's id is the idempotency key. */
export const SandboxRefund = z.object({ refundId: Uuid, amount: z.int().positive() });

/** The body of a webhook. */
export const SandboxEvent = z.object({
  eventId: Uuid,
  showId: z.int().positive(),
  paymentId: Uuid,
  status,
  price: Money,
});
export type SandboxEvent = z.infer<typeof SandboxEvent>;

/** A request to pay: a card number, or the buyer's consent on the page behind the QR code. */
export const SandboxPay = z
  .strictObject({
    card: z.string().max(64).optional(),
    code: z.string().max(64).optional(),
    consent: z.enum(['yes', 'no']).optional(),
  })
  .prefault({});

/** The response to a {@link SandboxPay} request. */
export interface SandboxResult {
  readonly status: 'succeeded' | 'declined' | 'codeRequired' | 'failed';
  readonly message: string;
}
