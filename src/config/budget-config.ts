import type { EnvironmentSettings } from './environment.js';

/** The budgets of held seats and places per show. A maximum of 0 switches a budget off. */
export interface BudgetConfig {
  /** For the buyers of one network address. Beyond `free`, a session must pass the challenge. */
  readonly addressSeats: { readonly free: number; readonly max: number };
  readonly addressPlaces: { readonly free: number; readonly max: number };
  /** If this share of the hall's seats is more than a maximum, it is the maximum. */
  readonly addressSharePercent: number;
  /** For the callers of one API key that sells. */
  readonly keySeatsMax: number;
  readonly keyPlacesMax: number;
  readonly keySharePercent: number;
}

export const readBudgets = (env: EnvironmentSettings): BudgetConfig => ({
  addressSeats: { free: env.ADDRESS_SEATS_FREE, max: env.ADDRESS_SEATS_MAX },
  addressPlaces: { free: env.ADDRESS_PLACES_FREE, max: env.ADDRESS_PLACES_MAX },
  addressSharePercent: env.ADDRESS_SHARE_PERCENT,
  keySeatsMax: env.KEY_SEATS_MAX,
  keyPlacesMax: env.KEY_PLACES_MAX,
  keySharePercent: env.KEY_SHARE_PERCENT,
});
