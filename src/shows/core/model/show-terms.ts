import type { ChallengePolicy, Layout, ShowProtection, ShowRules } from '@usher/contract';
import type { HallPlan } from '../seating/index.js';
import type { BudgetDefaults } from './budgets.js';

/** The rules by which a busy show meters its entry. */
export interface WaitingRoom {
  /**
   * `on`: every session waits in line. `auto`: sessions start to wait when `maxShoppers` sessions are in the show, and
   * this lasts until the line is empty.
   */
  readonly mode: 'on' | 'auto';
  /** Maximum number of stays at the same time. */
  readonly maxShoppers: number;
  /** Maximum number of admissions per minute; null for no limit. */
  readonly admitPerMinute: number | null;
  /** Maximum length of a stay. */
  readonly shopMs: number;
}

/** The terms by which a show is sold, from its catalog entry and the settings. Times are milliseconds since 1970. */
export interface ShowTerms {
  readonly showId: number;
  readonly layout: Layout;
  readonly plan: HallPlan;
  /** The price of each tier of the layout, in the minor unit of {@link currency}. */
  readonly prices: Readonly<Record<string, number>>;
  readonly currency: string;
  /** Null if the sale is open from the beginning. */
  readonly saleOpensAt: number | null;
  readonly saleClosesAt: number;
  readonly movieId: number;
  readonly hallId: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly calledOff: boolean;
  /** The number of changes to the show's terms so far. Calling the show off counts as a change. */
  readonly termsVersion: number;
  readonly rules: ShowRules;
  /** The length of a hold. */
  readonly holdMs: number;
  /** How much longer a hold lasts after the provider has opened a payment for it. */
  readonly paymentGraceMs: number;
  /** Maximum number of seats in one reservation. */
  readonly seatsMax: number;
  /** Null if entry is not metered. */
  readonly waitingRoom: WaitingRoom | null;
  /** Null if the show has the protection of the settings. */
  readonly protection: ShowProtection | null;
  /** The challenge policy of the settings, for shows whose protection names none. */
  readonly challengePolicy: ChallengePolicy;
  /** The budgets of the settings for this hall, for shows whose protection names none. */
  readonly budgets: BudgetDefaults;
  /** Maximum length of a wait in a line. In a lobby, this time counts from the opening of the sale. */
  readonly queueWaitMs: number;
  /**
   * Returns the step of the amounts in a currency, in minor units. The payment provider accepts only multiples of it.
   */
  readonly amountStep: (currency: string) => number;
  /** Signs the text of a receipt (see "The line's proof" in the contract). The same text gives the same receipt. */
  readonly signReceipt: (text: string) => string;
}

/** The terms by which seats are sold. */
export type SaleTerms = Pick<
  ShowTerms,
  'prices' | 'currency' | 'saleOpensAt' | 'saleClosesAt' | 'rules' | 'waitingRoom' | 'protection'
>;

/** The movie, the hall and the times of a show. A show can only move to a hall with the same layout. */
export type PlannedTerms = Pick<ShowTerms, 'movieId' | 'hallId' | 'startsAt' | 'endsAt'>;

/** The terms that can change while the show is on sale. */
export type ChangeableTerms = SaleTerms & PlannedTerms;

/** The changeable terms as entries of the log contain them. Entries of earlier releases lack the optional fields. */
export type LoggedTerms = Omit<SaleTerms, 'protection'> & Partial<PlannedTerms & Pick<SaleTerms, 'protection'>>;

/** Returns the part of the terms that can change. */
export const changeableTermsOf = (terms: ShowTerms): ChangeableTerms => {
  const { prices, currency, saleOpensAt, saleClosesAt, rules, waitingRoom, protection } = terms;
  const { movieId, hallId, startsAt, endsAt } = terms;
  return {
    movieId,
    hallId,
    startsAt,
    endsAt,
    prices,
    currency,
    saleOpensAt,
    saleClosesAt,
    rules,
    waitingRoom,
    protection,
  };
};

/** Returns how many seats of the show one session may hold at the same time. */
export const heldSeatsMax = (terms: ShowTerms): number => terms.rules.maxSeatsPerSession ?? terms.seatsMax;

/**
 * Returns the time before which no wait for entry ends, in ms since 1970. The full waiting time counts from the opening
 * of the sale. The current opening time is used, because staff may have changed it after a session joined.
 */
export const entryWaitsEndFrom = ({ saleOpensAt, queueWaitMs }: ShowTerms): number =>
  saleOpensAt === null ? -Infinity : saleOpensAt + queueWaitMs;

/** Whether the sale of the show is over for good. */
export const isSaleOver = (terms: ShowTerms, calledOff: boolean, now: number): boolean =>
  calledOff || terms.calledOff || now >= terms.saleClosesAt;
