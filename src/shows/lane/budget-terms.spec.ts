import { expect, it } from '@jest/globals';
import { readConfig } from '../../config/config.js';
import { toBudgets } from './budget-terms.js';

const { budgets: defaults } = readConfig({});

it.each([
  ['a cinema', 90, 60, 200, 1000],
  ['a theatre', 2000, 200, 200, 1000],
  ['an arena', 20_000, 2000, 2000, 10_000],
])(
  'by default, lets a school class hold seats of %s without the challenge, but no address hold most of a large hall',
  (_, seatCount, seats, places, ofKey) => {
    expect(toBudgets(defaults, seatCount)).toEqual({
      addressSeats: { free: 30, max: seats },
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
  expect(toBudgets(budgets, 2000)).toEqual({ ...none, addressPlaces: { free: 5, max: 5 } });
});
