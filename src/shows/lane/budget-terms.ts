import type { BudgetConfig } from '../../config/protection-config.js';
import type { BudgetDefaults } from '../core/model/budgets.js';

/** The free part of the seats is at most the hall's seats divided by this number, so 30 seats in a hall of 90. */
const freeSeatsDivisor = 3;

/**
 * Returns the budgets of the settings for a hall. A maximum grows with the hall. The free part of the seats is smaller in a
 * small hall, so that one address cannot hold all its seats without the challenge.
 *
 * @param seatsMax maximum number of seats in one reservation, which the free part always contains
 */
export function toBudgets(config: BudgetConfig, seatCount: number, seatsMax: number): BudgetDefaults {
  const { addressSeats, addressPlaces, addressSharePercent, keySeatsMax, keyPlacesMax, keySharePercent } = config;
  const shareOf = (percent: number) => Math.floor((seatCount * percent) / 100);
  const grown = (max: number, percent: number) => (max === 0 ? null : Math.max(max, shareOf(percent)));
  const budgetOf = ({ free, max }: BudgetConfig['addressSeats']) => {
    const most = grown(max, addressSharePercent);
    return most === null ? null : { free: Math.min(free, most), max: most };
  };
  const freeSeatsMax = Math.max(seatsMax, Math.floor(seatCount / freeSeatsDivisor));
  return {
    addressSeats: budgetOf({ ...addressSeats, free: Math.min(addressSeats.free, freeSeatsMax) }),
    addressPlaces: budgetOf(addressPlaces),
    keySeatsMax: grown(keySeatsMax, keySharePercent),
    keyPlacesMax: grown(keyPlacesMax, keySharePercent),
  };
}
