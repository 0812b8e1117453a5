import { expect, it } from '@jest/globals';
import { currencyDigits, saleCurrencies } from '@usher/contract';
import {
  formatCountdown,
  formatDayAndTime,
  formatMoney,
  formatSpokenDuration,
  formatTime,
  listDays,
  sumPrices,
} from './format.js';

it('writes every currency with the decimal places of ISO 4217', () => {
  const digitsOf = (text: string) => /\.(\d+)$/.exec(text)?.[1]?.length ?? 0;
  const written = saleCurrencies.map((code) => [code, digitsOf(formatMoney({ amount: 123_456_789, currency: code }))]);
  expect(written).toEqual(saleCurrencies.map((code) => [code, currencyDigits(code)]));
});

it('writes amounts in the currency’s own minor units', () => {
  expect(formatMoney({ amount: 1250, currency: 'EUR' })).toBe('€12.50');
  expect(formatMoney({ amount: 1250, currency: 'JPY' })).toBe('JP¥1,250');
});

it('adds prices up', () => {
  const price = { amount: 1250, currency: 'EUR' };
  expect(sumPrices([price, price])).toEqual({ amount: 2500, currency: 'EUR' });
  expect(sumPrices([])).toBeNull();
});

it('starts the list of days with today’s date in the time zone of the city', () => {
  const lateInLondon = Date.parse('2026-11-23T23:30:00Z');
  expect(listDays(lateInLondon, 'Europe/London', 1)[0]?.date).toBe('2026-11-23');
  expect(listDays(lateInLondon, 'Asia/Tokyo', 1)[0]?.date).toBe('2026-11-24');
});

it('lists every calendar day once when summer time ends', () => {
  const days = listDays(Date.parse('2026-10-24T12:00:00Z'), 'Europe/Berlin', 3).map(({ date }) => date);
  expect(days).toEqual(['2026-10-24', '2026-10-25', '2026-10-26']);
});

it('shows the year only if it is not the current year in that time zone', () => {
  const newYear = '2026-12-31T23:30:00.000Z';
  const now = Date.parse('2026-11-27T12:00:00Z');
  expect(formatDayAndTime(newYear, 'Europe/London', now)).toBe('Thursday 31 December, 23:30');
  expect(formatDayAndTime(newYear, 'Europe/Berlin', now)).toBe('Friday 1 January 2027, 00:30');
});

it('adds the offset to times in the hour that repeats when summer time ends', () => {
  const now = Date.parse('2026-10-01T00:00:00Z');
  const written = (instant: string) => formatDayAndTime(instant, 'Europe/Berlin', now);
  expect(written('2026-10-25T00:30:00.000Z')).toBe('Sunday 25 October, 02:30 (UTC+2)');
  expect(written('2026-10-25T01:30:00.000Z')).toBe('Sunday 25 October, 02:30 (UTC+1)');
  expect(formatTime('2026-10-25T01:30:00.000Z', 'Europe/Berlin')).toBe('02:30 (UTC+1)');
  expect(written('2026-10-25T02:30:00.000Z')).toBe('Sunday 25 October, 03:30');
});

it('formats durations as text and for speech, and never shows less than 0:00', () => {
  expect([249, 60, 9, 0, -1].map(formatCountdown)).toEqual(['4:09', '1:00', '0:09', '0:00', '0:00']);
  expect([249, 60, 1].map(formatSpokenDuration)).toEqual(['4 minutes 9 seconds', '1 minute', '1 second']);
});
