import { expect, it } from '@jest/globals';
import { amountMaxMinorUnits, saleCurrencies } from '@usher/contract';
import fc from 'fast-check';
import { parseStripeAmount, getStripeStep, toStripeAmount } from './stripe-amounts.js';

it.each([
  ['EUR', 1250, 1250],
  ['JPY', 1250, 1250],
  ['HUF', 350_050, 350_050],
  ['TWD', 12_345, 12_345],
  ['ISK', 2500, 250_000],
  ['UGX', 20_000, 2_000_000],
  ['MGA', 1_250_000, 12_500],
  ['KWD', 5120, 5120],
  ['XOF', 5000, 5000],
])('converts %s %d to %d in the unit of Stripe, and back', (currency, amount, sent) => {
  expect(toStripeAmount({ amount, currency })).toBe(sent);
  expect(parseStripeAmount(sent, currency.toLowerCase())).toEqual({ amount, currency });
});

it('accepts an amount with three decimals only if it ends in 0, and an amount in ariary only if it is whole', () => {
  expect(['BHD', 'JOD', 'KWD', 'OMR', 'TND', 'IQD', 'LYD'].map(getStripeStep)).toEqual(Array(7).fill(10));
  expect(['MGA', 'EUR', 'JPY', 'ISK', 'UGX'].map(getStripeStep)).toEqual([100, 1, 1, 1, 1]);
  expect(() => toStripeAmount({ amount: 5124, currency: 'KWD' })).toThrow(RangeError);
  expect(() => toStripeAmount({ amount: 150, currency: 'MGA' })).toThrow(RangeError);
});

it('refuses an amount from Stripe that is not a whole number of minor units', () => {
  expect(() => parseStripeAmount(150, 'isk')).toThrow(RangeError);
});

it('returns every amount unchanged after converting it to the unit of Stripe and back, in every currency', () => {
  const steps = fc.integer({ min: 0, max: (amountMaxMinorUnits * 10) / 100 });
  fc.assert(
    fc.property(fc.constantFrom(...saleCurrencies), steps, (currency, count) => {
      const money = { amount: count * getStripeStep(currency), currency };
      const sent = toStripeAmount(money);
      expect(Number.isSafeInteger(sent)).toBe(true);
      expect(parseStripeAmount(sent, currency.toLowerCase())).toEqual(money);
    }),
  );
});
