/**
 * Settings that switch the budgets of held seats and places off. Most tests hold seats for many sessions of one address.
 */
export const noBudgetSettings = {
  ADDRESS_SEATS_MAX: '0',
  ADDRESS_PLACES_MAX: '0',
  KEY_SEATS_MAX: '0',
  KEY_PLACES_MAX: '0',
} as const;

/** Settings that restore the defaults of the budgets. An empty variable counts as unset. */
export const defaultBudgetSettings = {
  ADDRESS_SEATS_MAX: '',
  ADDRESS_PLACES_MAX: '',
  KEY_SEATS_MAX: '',
  KEY_PLACES_MAX: '',
} as const;
