import { currencyDigits, type Money } from '@usher/contract';

/**
 * How Stripe writes amounts, where that differs from ISO 4217, and the smallest step that it takes, in its own unit.
 * Source: https://docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies", "Special cases".
 */
interface StripeUnit {
  readonly digits: number;
  /** Every amount is a multiple of this, in Stripe's unit. */
  readonly step: number;
}

const zeroDecimal: StripeUnit = { digits: 0, step: 1 };

/** For backwards compatibility Stripe takes hundredths of these currencies, which have no hundredths. */
const wholeAmountsAsHundredths: StripeUnit = { digits: 2, step: 100 };

/** Card networks take two digits only, so the third is always 0. */
const threeDecimal: StripeUnit = { digits: 3, step: 10 };

const unitsByCurrency: ReadonlyMap<string, StripeUnit> = new Map([
  ...'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'
    .split(' ')
    .map((code) => [code, zeroDecimal] as const),
  ...'ISK UGX'.split(' ').map((code) => [code, wholeAmountsAsHundredths] as const),
]);

function getUnit(currency: string): StripeUnit {
  const unit = unitsByCurrency.get(currency);
  if (unit) return unit;
  const digits = currencyDigits(currency);
  return digits === 3 ? threeDecimal : { digits, step: 1 };
}

/** Steps in which Stripe takes amounts of a currency, in the minor unit of ISO 4217: 10 for KWD, 100 for MGA, else 1. */
export function getStripeStep(currency: string): number {
  const { digits, step } = getUnit(currency);
  return Math.max(1, step * 10 ** (currencyDigits(currency) - digits));
}

/** An amount in Stripe's unit. @throws RangeError when Stripe does not take it: see {@link getStripeStep} */
export function toStripeAmount({ amount, currency }: Money): number {
  if (amount % getStripeStep(currency) !== 0) {
    throw new RangeError(`Stripe takes amounts of ${currency} in steps of ${getStripeStep(currency)} minor units only`);
  }
  const shift = getUnit(currency).digits - currencyDigits(currency);
  return shift < 0 ? amount / 10 ** -shift : amount * 10 ** shift;
}

/** An amount that Stripe states. @param currency in either case @throws RangeError when it is no whole minor unit */
export function parseStripeAmount(amount: number, currency: string): Money {
  const code = currency.toUpperCase();
  const shift = currencyDigits(code) - getUnit(code).digits;
  const minor = shift < 0 ? amount / 10 ** -shift : amount * 10 ** shift;
  if (!Number.isSafeInteger(minor))
    throw new RangeError(`Stripe states ${amount} in ${code}, which is no whole minor unit`);
  return { amount: minor, currency: code };
}
