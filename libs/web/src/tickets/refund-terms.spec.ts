import { expect, it } from '@jest/globals';
import type { BookedSeat, RefundRule } from '@usher/contract';
import { computeRefund, getRefundTerms } from './refund-terms.js';

const startsAt = '2026-11-27T20:00:00.000Z';
const termsOf = (refunds?: RefundRule | null) =>
  getRefundTerms(
    {},
    {
      startsAt,
      rules: {
        singleSeatGap: 'off',
        maxSeatsPerSession: null,
        strictLine: false,
        ...(refunds !== undefined && { refunds }),
      },
    },
  );
const seat = (amount: number): BookedSeat => ({
  seat: amount,
  label: 'A1',
  tier: 'standard',
  price: { amount, currency: 'EUR' },
});

it('allows refunds until some minutes before the show, until its start, or never', () => {
  expect(termsOf({ deadlineMinutes: 90, feeAmount: 200 })).toEqual({
    deadline: Date.parse('2026-11-27T18:30:00.000Z'),
    feeAmount: 200,
  });
  expect(termsOf()).toEqual({ deadline: Date.parse(startsAt), feeAmount: 0 });
  expect(termsOf(null)).toBeNull();
});

it('takes the terms from the booking if it has any, even if the show has other terms now', () => {
  const show = {
    startsAt,
    rules: { singleSeatGap: 'off', maxSeatsPerSession: null, strictLine: false, refunds: null },
  } as const;
  expect(getRefundTerms({ refunds: { until: startsAt, feeAmount: 50 } }, show)).toEqual({
    deadline: Date.parse(startsAt),
    feeAmount: 50,
  });
  expect(getRefundTerms({ refunds: null }, { ...show, rules: { ...show.rules, refunds: undefined } })).toBeNull();
});

it('subtracts the fee for each seat, but never more than the price of the seat', () => {
  const terms = { deadline: 0, feeAmount: 200 };
  expect(computeRefund([seat(1250), seat(150)], terms)).toEqual({ amount: 1050, currency: 'EUR' });
  expect(computeRefund([], terms)).toBeNull();
});
