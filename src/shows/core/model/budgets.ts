/** A limit on what one source has of a show at the same time. */
export interface Budget {
  /** Beyond this number, the session must have passed the challenge. */
  readonly free: number;
  /** No source gets more than this number. */
  readonly max: number;
}

/** The budgets of the settings for one show. Null switches a budget off. */
export interface BudgetDefaults {
  /** Unpaid seats that the buyers of one network address hold. */
  readonly addressSeats: Budget | null;
  /** Places in the lines of the show, and stays in it, that the buyers of one network address have. */
  readonly addressPlaces: Budget | null;
  /** The same for the callers of one API key that sells. They are never asked to pass the challenge. */
  readonly keySeatsMax: number | null;
  readonly keyPlacesMax: number | null;
}

/** For shows without budgets. */
export const noBudgets: BudgetDefaults = {
  addressSeats: null,
  addressPlaces: null,
  keySeatsMax: null,
  keyPlacesMax: null,
};
