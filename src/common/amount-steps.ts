import { getStripeStep } from './stripe-amounts.js';

/**
 * Returns the step of a payment provider for a currency, in minor units. The provider accepts only multiples of the
 * step. The step is 1 if the provider accepts any amount.
 */
export type AmountStep = (currency: string) => number;

/** Returns the {@link AmountStep} of a payment provider. */
export const getAmountStep = (provider: 'sandbox' | 'stripe'): AmountStep =>
  provider === 'stripe' ? getStripeStep : () => 1;
