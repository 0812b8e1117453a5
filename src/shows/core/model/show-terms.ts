import type { Layout, ShowRules } from '@usher/contract';
import type { HallPlan } from '../seating/index.js';

/** The rules by which a busy show meters its entry. */
export interface WaitingRoom {
  /**
   * `on`: every session waits in line. `auto`: sessions wait once `maxShoppers` are inside, until the line is empty.
   */
  readonly mode: 'on' | 'auto';
  /** Maximum number of stays at the same time. */
  readonly maxShoppers: number;
  /** Maximum number of admissions in a minute; null for no limit. */
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
  /** The number of changes of the show's terms. Calling the show off counts as a change. */
  readonly termsVersion: number;
  readonly rules: ShowRules;
  /** The length of a hold. */
  readonly holdMs: number;
  /** The time by which the first payment lengthens a hold. */
  readonly paymentGraceMs: number;
  /** Maximum number of seats in one reservation. */
  readonly seatsMax: number;
  /** Null if entry is not metered. */
  readonly waitingRoom: WaitingRoom | null;
  /** Maximum length of a wait in a line. In a lobby the time begins when the sale opens. */
  readonly queueWaitMs: number;
  /** Returns the step of the amounts that the payment provider accepts in a currency, in minor units. */
  readonly amountStep: (currency: string) => number;
  /** Signs the text of a receipt (see "The line's proof" in the contract). The same text gives the same receipt. */
  readonly signReceipt: (text: string) => string;
}

/** The terms by which seats are sold. */
export type SaleTerms = Pick<
  ShowTerms,
  'prices' | 'currency' | 'saleOpensAt' | 'saleClosesAt' | 'rules' | 'waitingRoom'
>;

/** The movie, the hall and the times of a show. A show can only move to a hall with the same layout. */
export type PlannedTerms = Pick<ShowTerms, 'movieId' | 'hallId' | 'startsAt' | 'endsAt'>;

/** The terms that can change while the show is on sale. */
export type ChangeableTerms = SaleTerms & PlannedTerms;

/** Returns the part of the terms that can change. */
export const changeableTermsOf = (terms: ShowTerms): ChangeableTerms => {
  const { prices, currency, saleOpensAt, saleClosesAt, rules, waitingRoom } = terms;
  const { movieId, hallId, startsAt, endsAt } = terms;
  return { movieId, hallId, startsAt, endsAt, prices, currency, saleOpensAt, saleClosesAt, rules, waitingRoom };
};

/** Returns how many seats of the show one session may hold at the same time. */
export const heldSeatsMax = (terms: ShowTerms): number => terms.rules.maxSeatsPerSession ?? terms.seatsMax;

/**
 * Returns the earliest end of any wait for entry, in ms since 1970. The full waiting time begins when the sale opens.
 * The current opening time counts, because staff may have moved it after a session joined.
 */
export const entryWaitsEndFrom = ({ saleOpensAt, queueWaitMs }: ShowTerms): number =>
  saleOpensAt === null ? -Infinity : saleOpensAt + queueWaitMs;

/** Whether the sale of the show is over for good. */
export const isSaleOver = (terms: ShowTerms, calledOff: boolean, now: number): boolean =>
  calledOff || terms.calledOff || now >= terms.saleClosesAt;
