import type { RefundRule } from '@usher/contract';
import type { ShowTerms } from './show-terms.js';

/** What a buyer was promised about refunds when the seats were held. */
export interface RefundTerms {
  /** When the show was to start then, in ms since 1970. */
  readonly startsAt: number;
  /** Null: buyers get nothing back by themselves. */
  readonly rule: Readonly<RefundRule> | null;
}

/** The rule of a show that has none of its own: all goes back until it starts. */
export const defaultRefundRule: Readonly<RefundRule> = { deadlineMinutes: 0, feeAmount: 0 };

/** What is promised to those who hold seats now. */
export const refundTermsOf = ({ startsAt, rules }: Pick<ShowTerms, 'startsAt' | 'rules'>): RefundTerms => ({
  startsAt,
  rule: rules.refunds === undefined ? defaultRefundRule : rules.refunds,
});

/**
 * Until when, in ms since 1970, and for what fee a buyer may give the seats of a booking back; null: the buyer may not. The
 * rule is the one of the day of the sale. The deadline is counted from the start of then or of now, whichever is later: a
 * show that moves away gives buyers more time, and one that moves closer takes none away.
 */
export function refundsOf(
  { refundTerms }: { readonly refundTerms: RefundTerms | null },
  terms: Pick<ShowTerms, 'startsAt' | 'rules'>,
): { readonly until: number; readonly feeAmount: number } | null {
  const { startsAt, rule } = refundTerms ?? refundTermsOf(terms);
  if (rule === null) return null;
  const latestStart = Math.max(startsAt, terms.startsAt);
  return { until: latestStart - rule.deadlineMinutes * 60_000, feeAmount: rule.feeAmount };
}
