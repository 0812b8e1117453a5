import { getStripeStep } from './stripe-amounts.js';

/** Steps in which a payment provider takes amounts of a currency, in minor units: 1 where it takes any amount. */
export type AmountStep = (currency: string) => number;

/** The steps of the payment provider of the settings. */
export const getAmountStep = (provider: 'sandbox' | 'stripe'): AmountStep =>
  provider === 'stripe' ? getStripeStep : () => 1;
