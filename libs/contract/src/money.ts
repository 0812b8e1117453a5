import { currencyDigits } from './currencies.js';
import type { Money } from './primitives.js';

/**
 * The highest price of a seat, and the highest fee, in minor units. Ten seats at this price are 10^13, and a hall of
 * 9,000 such seats is still below 2^53, so every sum is an exact JSON number and an exact `bigint`.
 */
export const amountMaxMinorUnits = 1_000_000_000_000;

// Making a format takes longer than using it, and a hall has thousands of prices.
const formats = new Map<string, Intl.NumberFormat>();

/** "€12.50" in `en-GB`. ISO 4217 decides the digits, never the locale data of the runtime: it shows HUF without any. */
export function formatMoney(money: Pick<Money, 'amount' | 'currency'>, locale = 'en-GB'): string {
  // A decimal string is formatted exactly; a quotient of large numbers is not exact.
  return formatOf(money.currency, locale).format(formatDecimal(money) as Intl.StringNumericLiteral);
}

/** The amount in the major unit with all digits of ISO 4217 and no symbol: "12.50", "-0.05", "1250" for JPY. */
export function formatDecimal({ amount, currency }: Pick<Money, 'amount' | 'currency'>): string {
  const digits = currencyDigits(currency);
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const sign = amount < 0 ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function formatOf(currency: string, locale: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const known = formats.get(key);
  if (known) return known;
  const digits = currencyDigits(currency);
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formats.set(key, format);
  return format;
}
