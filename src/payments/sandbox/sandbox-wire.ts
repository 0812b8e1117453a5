import { Money, PaymentMethod, Uuid } from '@usher/contract';
import { z } from 'zod';

/** What the service asks the sandbox provider for: open a payment, or find the one that is open under its name. */
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

/** A payment as the sandbox provider answers it. */
export const SandboxAnswer = z.object({ reference: Uuid, status, price: Money, redirectUrl: z.string() });
export type SandboxAnswer = z.infer<typeof SandboxAnswer>;

/** A refund that is asked for; its id is the idempotency key. */
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

/** What is sent to a pay page: a card's number, or, where a code was shown, consent. */
export const SandboxPay = z
  .strictObject({
    card: z.string().max(64).optional(),
    code: z.string().max(64).optional(),
    consent: z.enum(['yes', 'no']).optional(),
  })
  .prefault({});

/** What a pay page answers. */
export interface SandboxResult {
  readonly status: 'succeeded' | 'declined' | 'codeRequired' | 'failed';
  readonly message: string;
}
