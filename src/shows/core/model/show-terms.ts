import type { Layout, ShowRules } from '@usher/contract';
import type { HallPlan } from '../seating/index.js';

/** How entry to a busy show is metered. */
export interface WaitingRoom {
  /** `on`: everybody stands in line. `auto`: only when as many as `maxShoppers` are inside, until the line is empty. */
  readonly mode: 'on' | 'auto';
  readonly maxShoppers: number;
  /** Null: as many as there is room for. */
  readonly admitPerMinute: number | null;
  /** How long a stay may last. */
  readonly shopMs: number;
}

/** What a show's catalog entry and the settings say about selling it. Times are milliseconds since 1970. */
export interface ShowTerms {
  readonly showId: number;
  readonly layout: Layout;
  readonly plan: HallPlan;
  /** Price by tier, in the minor unit of {@link currency}; every tier of the layout has one. */
  readonly prices: Readonly<Record<string, number>>;
  readonly currency: string;
  /** Null: from the beginning. */
  readonly saleOpensAt: number | null;
  readonly saleClosesAt: number;
  readonly movieId: number;
  readonly hallId: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly calledOff: boolean;
  /** How often the show's terms changed, its call-off included. */
  readonly termsVersion: number;
  readonly rules: ShowRules;
  /** How long a hold lasts. */
  readonly holdMs: number;
  /** Added once to a hold when paying begins. */
  readonly paymentGraceMs: number;
  /** Seats in one reservation. */
  readonly seatsMax: number;
  /** Null: whoever comes is let in. */
  readonly waitingRoom: WaitingRoom | null;
  /** Longest wait in a line; in a lobby it begins with the sale. */
  readonly queueWaitMs: number;
  /** Steps in which the payment provider takes amounts of a currency, in minor units. */
  readonly amountStep: (currency: string) => number;
  /** Signs a receipt's text: contract, "The line's proof". The same text always gives the same receipt. */
  readonly signReceipt: (text: string) => string;
}

/** The terms by which seats are sold. */
export type SaleTerms = Pick<
  ShowTerms,
  'prices' | 'currency' | 'saleOpensAt' | 'saleClosesAt' | 'rules' | 'waitingRoom'
>;

/** What plays where and when. Another hall has the same layout. */
export type PlannedTerms = Pick<ShowTerms, 'movieId' | 'hallId' | 'startsAt' | 'endsAt'>;

/** Those of the terms that may change while the show is on sale. */
export type ChangeableTerms = SaleTerms & PlannedTerms;

/** The part of the terms that may change. */
export const changeableTermsOf = (terms: ShowTerms): ChangeableTerms => {
  const { prices, currency, saleOpensAt, saleClosesAt, rules, waitingRoom } = terms;
  const { movieId, hallId, startsAt, endsAt } = terms;
  return { movieId, hallId, startsAt, endsAt, prices, currency, saleOpensAt, saleClosesAt, rules, waitingRoom };
};

/** How many seats of the show one session may hold at once. */
export const heldSeatsMax = (terms: ShowTerms): number => terms.rules.maxSeatsPerSession ?? terms.seatsMax;

/**
 * When a wait for entry can end at the earliest, in ms since 1970: nobody's wait ends before there is anything to wait for.
 * Counted from when the sale opens now, which may be later than the moment when a session joined.
 */
export const entryWaitsEndFrom = ({ saleOpensAt, queueWaitMs }: ShowTerms): number =>
  saleOpensAt === null ? -Infinity : saleOpensAt + queueWaitMs;

/** Whether nothing is sold any more, nor ever will be. */
export const isSaleOver = (terms: ShowTerms, calledOff: boolean, now: number): boolean =>
  calledOff || terms.calledOff || now >= terms.saleClosesAt;
