import type { Layout, ShowRules } from '@usher/contract';
import type { HallPlan } from './seating/index.js';

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
  readonly calledOff: boolean;
  readonly rules: ShowRules;
  /** How long a hold lasts. */
  readonly holdMs: number;
  /** Seats in one reservation. */
  readonly seatsMax: number;
}

/** How many seats of the show one session may hold at once. */
export const heldSeatsMax = (terms: ShowTerms): number => terms.rules.maxSeatsPerSession ?? terms.seatsMax;
