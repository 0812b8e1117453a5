import { expect, it } from '@jest/globals';
import { readConfig } from '../../config/config.js';
import { toBudgets } from './budget-terms.js';

const { budgets: defaults } = readConfig({});

it.each([
  ['a cinema', 90, 30, 60, 200, 1000],
  ['a theatre', 2000, 30, 200, 200, 1000],
  ['an arena', 20_000, 30, 2000, 2000, 10_000],
  ['a small cinema', 45, 15, 60, 200, 1000],
  ['a studio', 20, 10, 60, 200, 1000],
  ['a box', 6, 10, 60, 200, 1000],
])(
  'by default, lets a class hold seats of %s without the challenge, unless it would hold more than a third of them',
  (_, seatCount, free, seats, places, ofKey) => {
    expect(toBudgets(defaults, seatCount, 10)).toEqual({
      addressSeats: { free, max: seats },
      addressPlaces: { free: 30, max: places },
      keySeatsMax: ofKey,
      keyPlacesMax: ofKey,
    });
  },
);

it('has no budget whose maximum is 0, and no free part above the maximum', () => {
  const { budgets } = readConfig({
    ADDRESS_SEATS_MAX: '0',
    ADDRESS_PLACES_MAX: '5',
    ADDRESS_SHARE_PERCENT: '0',
    KEY_SEATS_MAX: '0',
    KEY_PLACES_MAX: '0',
  });
  const none = { addressSeats: null, keySeatsMax: null, keyPlacesMax: null };
  expect(toBudgets(budgets, 2000, 10)).toEqual({ ...none, addressPlaces: { free: 5, max: 5 } });
});
