import type { BudgetConfig } from '../../config/protection-config.js';
import type { BudgetDefaults } from '../core/model/budgets.js';

/** Returns the budgets of the settings for a hall. A maximum grows with the hall, the free part does not. */
export function toBudgets(config: BudgetConfig, seatCount: number): BudgetDefaults {
  const { addressSeats, addressPlaces, addressSharePercent, keySeatsMax, keyPlacesMax, keySharePercent } = config;
  const shareOf = (percent: number) => Math.floor((seatCount * percent) / 100);
  const grown = (max: number, percent: number) => (max === 0 ? null : Math.max(max, shareOf(percent)));
  const budgetOf = ({ free, max }: BudgetConfig['addressSeats']) => {
    const most = grown(max, addressSharePercent);
    return most === null ? null : { free: Math.min(free, most), max: most };
  };
  return {
    addressSeats: budgetOf(addressSeats),
    addressPlaces: budgetOf(addressPlaces),
    keySeatsMax: grown(keySeatsMax, keySharePercent),
    keyPlacesMax: grown(keyPlacesMax, keySharePercent),
  };
}
