import { z } from 'zod';
import { currencyDigits } from './currencies.js';

/** An amount of money in the currency's minor unit (for example cents). It is always a whole number. */
export const Money = z
  .object({ amount: z.int(), currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO-4217 code') })
  .meta({
    id: 'Money',
    description: "Amount in the currency's minor unit",
    example: { amount: 1250, currency: 'EUR' },
  });
export type Money = z.infer<typeof Money>;

/**
 * The highest price of a seat, and the highest fee. Ten seats at this price cost 10^13. The sum for a hall of 9,000
 * such seats is still below 2^53, so every sum is exact as a JSON number and as a `bigint`.
 */
export const amountMaxMinorUnits = 1_000_000_000_000;

// Keeps the formats, because creating one takes longer than using it and a hall has thousands of prices.
const formats = new Map<string, Intl.NumberFormat>();

/**
 * Formats an amount for people, e.g. "€12.50" in `en-GB`. The number of decimal digits comes from ISO 4217 and not from
 * the runtime's locale data, which would show HUF without decimal digits.
 */
export function formatMoney(money: Pick<Money, 'amount' | 'currency'>, locale = 'en-GB'): string {
  // `Intl` formats a decimal string exactly. A quotient of large numbers would not be exact.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every decimal number is a numeric literal
  return getFormat(money.currency, locale).format(formatDecimal(money) as Intl.StringNumericLiteral);
}

/**
 * Formats an amount in the major unit, without a symbol and with as many decimal digits as ISO 4217 defines: "12.50",
 * "-0.05", "1250" for JPY.
 */
export function formatDecimal({ amount, currency }: Pick<Money, 'amount' | 'currency'>): string {
  const digits = currencyDigits(currency);
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const sign = amount < 0 ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function getFormat(currency: string, locale: string): Intl.NumberFormat {
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
