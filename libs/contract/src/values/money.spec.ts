import { expect, it } from '@jest/globals';
import { currencyDigits, saleCurrencies } from './currencies.js';
import { amountMaxMinorUnits, formatDecimal, formatMoney } from './money.js';

it.each([
  ['HUF', 350_000, 'HUF 3,500.00'],
  ['IDR', 250_000_000, 'IDR 2,500,000.00'],
  ['COP', 1_250_000, 'COP 12,500.00'],
  ['PKR', 120_000, 'PKR 1,200.00'],
  ['IQD', 15_000_000, 'IQD 15,000.000'],
  ['JPY', 1250, 'JP¥1,250'],
  ['ISK', 2500, 'ISK 2,500'],
  ['UGX', 20_000, 'UGX 20,000'],
  ['KWD', 5120, 'KWD 5.120'],
  ['EUR', 1250, '€12.50'],
])('formats %s with the digits of ISO 4217', (currency, amount, text) => {
  expect(formatMoney({ amount, currency }).replaceAll('\u00a0', ' ')).toBe(text);
});

it('formats every currency with its ISO digits in every locale', () => {
  const failed = ['en', 'en-GB', 'de-CH'].flatMap((locale) =>
    saleCurrencies.filter((currency) => {
      const text = formatMoney({ amount: 1_234_567_891_234, currency }, locale);
      const digits = text.replaceAll(/\D/g, '');
      const fraction = /[.,](\d+)\D*$/.exec(currencyDigits(currency) === 0 ? '' : text)?.[1] ?? '';
      return digits !== '1234567891234' || fraction.length !== currencyDigits(currency);
    }),
  );
  expect(failed).toEqual([]);
});

it('writes amounts exactly, up to the largest safe integer', () => {
  const amount = Number.MAX_SAFE_INTEGER;
  expect(formatDecimal({ amount, currency: 'EUR' })).toBe('90071992547409.91');
  expect(formatMoney({ amount, currency: 'EUR' })).toBe('€90,071,992,547,409.91');
  expect(formatDecimal({ amount: -5, currency: 'EUR' })).toBe('-0.05');
  expect(formatDecimal({ amount: 0, currency: 'KWD' })).toBe('0.000');
});

it('allows no price at which ten seats cost more than a safe integer', () => {
  expect(Number.isSafeInteger(amountMaxMinorUnits * 10)).toBe(true);
});
