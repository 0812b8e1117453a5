import { currencyDigits, type Money } from '@usher/contract';

/**
 * The unit in which Stripe counts amounts of a currency. For some currencies, it differs from the minor unit of ISO
 * 4217. Source: https://docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies", "Special
 * cases".
 */
interface StripeUnit {
  /** Number of decimal digits of an amount in Stripe's unit. */
  readonly digits: number;
  /** Stripe accepts only multiples of this amount, in its own unit. */
  readonly step: number;
}

const zeroDecimalUnit: StripeUnit = { digits: 0, step: 1 };

/** For backwards compatibility, Stripe counts these currencies in hundredths, although they have no decimal digits. */
const wholeAmountInHundredths: StripeUnit = { digits: 2, step: 100 };

/** Card networks support only two decimal digits, so the third digit is always 0. */
const threeDecimalUnit: StripeUnit = { digits: 3, step: 10 };

const unitsByCurrency: ReadonlyMap<string, StripeUnit> = new Map([
  ...'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'
    .split(' ')
    .map((code) => [code, zeroDecimalUnit] as const),
  ...'ISK UGX'.split(' ').map((code) => [code, wholeAmountInHundredths] as const),
]);

function getUnit(currency: string): StripeUnit {
  const unit = unitsByCurrency.get(currency);
  if (unit) return unit;
  const digits = currencyDigits(currency);
  return digits === 3 ? threeDecimalUnit : { digits, step: 1 };
}

/**
 * Returns the step in the minor unit of ISO 4217. Stripe accepts only multiples of the step. It is 10 for KWD and other
 * three-decimal currencies, 100 for MGA, and 1 for most others.
 */
export function getStripeStep(currency: string): number {
  const { digits, step } = getUnit(currency);
  return Math.max(1, step * 10 ** (currencyDigits(currency) - digits));
}

/** Converts an amount to Stripe's unit. @throws RangeError if the amount is not a multiple of {@link getStripeStep} */
export function toStripeAmount({ amount, currency }: Money): number {
  if (amount % getStripeStep(currency) !== 0) {
    throw new RangeError(
      `Stripe accepts only multiples of ${getStripeStep(currency)} minor units of ${currency}, not ${amount}`,
    );
  }
  const shift = getUnit(currency).digits - currencyDigits(currency);
  return shift < 0 ? amount / 10 ** -shift : amount * 10 ** shift;
}

/**
 * Converts an amount from Stripe's unit.
 *
 * @param currency an ISO 4217 code in upper or lower case
 * @throws RangeError if the amount is not a whole number of minor units
 */
export function parseStripeAmount(amount: number, currency: string): Money {
  const code = currency.toUpperCase();
  const shift = currencyDigits(code) - getUnit(code).digits;
  const minorUnits = shift < 0 ? amount / 10 ** -shift : amount * 10 ** shift;
  if (!Number.isSafeInteger(minorUnits))
    throw new RangeError(`Stripe's amount ${amount} ${code} is not a whole number of minor units`);
  return { amount: minorUnits, currency: code };
}
