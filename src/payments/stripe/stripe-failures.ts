import type { PaymentFailure } from '@usher/contract';
import { Stripe } from 'stripe';

/** Error codes whose cause is the shop's account or its keys (https://docs.stripe.com/error-codes). */
const setupCodes: ReadonlySet<string> = new Set([
  'account_closed',
  'account_country_invalid_address',
  'account_error_country_change_requires_additional_steps',
  'account_invalid',
  'account_number_invalid',
  'api_key_expired',
  'livemode_mismatch',
  'not_allowed_on_standard_account',
  'platform_account_required',
  'platform_api_key_expired',
  'secret_key_required',
  'testmode_charges_only',
  'tls_version_unsupported',
]);

/**
 * Returns an explanation for buyers if Stripe refuses a payment for good. Returns null if a retry may succeed. That is
 * so after a timeout, a status 5xx or too many requests (429), and while a request with the same idempotency key is
 * running (409).
 */
export function toFinalFailure(error: unknown): PaymentFailure | null {
  if (!(error instanceof Stripe.errors.StripeError)) return null;
  const { code, param, statusCode } = error;
  if (statusCode === 401 || statusCode === 403 || (code !== undefined && setupCodes.has(code))) return setup;
  if (statusCode !== 400 && statusCode !== 402 && statusCode !== 404) return null;
  if (code === 'lock_timeout') return null;
  if (code === 'amount_too_small') return tooSmall;
  if (code === 'amount_too_large') return tooLarge;
  if (param?.includes('currency') === true || code?.includes('currency') === true) return currency;
  return refused;
}

const setup: PaymentFailure = {
  code: 'setup',
  detail: 'The payment provider refuses the settings of this shop. Please tell the shop; nothing was paid.',
};
const tooSmall: PaymentFailure = {
  code: 'amountTooSmall',
  detail: 'The amount is smaller than the payment provider takes.',
};
const tooLarge: PaymentFailure = {
  code: 'amountTooLarge',
  detail: 'The amount is larger than the payment provider takes. Please pay for fewer seats at a time.',
};
const currency: PaymentFailure = { code: 'currency', detail: 'The payment provider does not take this currency.' };
const refused: PaymentFailure = { code: 'refused', detail: 'The payment provider refused this payment.' };
