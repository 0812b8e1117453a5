import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect, it } from '@jest/globals';
import currencyCodes from 'currency-codes';
import { currencyDigits, isSaleCurrency, saleCurrencies } from './currencies.js';

it.each([
  ['withdrawn currencies', ['HRK', 'ZWL', 'BGN', 'ANG', 'CUC', 'SLL', 'VEF', 'BYR', 'DEM', 'LTL', 'MRO', 'STD', 'EEK']],
  ['funds codes', ['BOV', 'CHE', 'CHW', 'CLF', 'COU', 'MXV', 'USN', 'UYI', 'UYW']],
  ['metals and units of account', ['XAU', 'XAG', 'XPD', 'XPT', 'XDR', 'XSU', 'XUA', 'XBA', 'XBB', 'XBC', 'XBD']],
  ['codes for tests and for no currency', ['XTS', 'XXX']],
  ['codes that ISO 4217 does not have', ['CHN', 'XXY', 'BTC', 'CNH', 'eur', '']],
])('refuses to sell in %s', (_, codes) => {
  expect(codes.filter(isSaleCurrency)).toEqual([]);
});

it('sells in every currency that is legal tender, including the newest', () => {
  expect(
    ['EUR', 'HUF', 'IDR', 'XCG', 'ZWG', 'SLE', 'MRU', 'STN', 'VES', 'XAF', 'XOF', 'XPF', 'XCD'].filter(isSaleCurrency),
  ).toHaveLength(13);
  expect(saleCurrencies.length).toBeGreaterThan(150);
});

it('refuses every code that ISO marks as a fund or lists without a minor unit', async () => {
  const path = createRequire(import.meta.url).resolve('currency-codes/iso-4217-list-one.xml');
  const entries = (await readFile(path, 'utf8')).split('<CcyNtry>').slice(1);
  const codesMarked = (marks: RegExp) =>
    entries.filter((entry) => marks.test(entry)).flatMap((entry) => /<Ccy>(\w+)<\/Ccy>/.exec(entry)?.[1] ?? []);
  const unpayable = [...codesMarked(/IsFund="true"/i), ...codesMarked(/<CcyMnrUnts>N\.A\.</)];
  expect(unpayable.length).toBeGreaterThan(15);
  expect(unpayable.filter(isSaleCurrency)).toEqual([]);
});

it('returns the digits of ISO 4217 for every code in the list of currency-codes', () => {
  const codes = currencyCodes.data.map(({ code, digits }) => [code, digits]);
  expect(currencyCodes.data.map(({ code }) => [code, currencyDigits(code)])).toEqual(codes);
});

it('still returns the digits of withdrawn currencies', () => {
  expect(['HRK', 'ZWL', 'BGN', 'SLL', 'ITL', 'BYR'].map(currencyDigits)).toEqual([2, 2, 2, 2, 0, 0]);
});
