import type { RefundRule } from '@usher/contract';
import type { ShowTerms } from './show-terms.js';

/** The refund terms that applied when the seats were held. They are a promise to the buyer. */
export interface RefundTerms {
  /** The start of the show as it was planned at that time, in ms since 1970. */
  readonly startsAt: number;
  /** Null if buyers cannot give seats back themselves. */
  readonly rule: Readonly<RefundRule> | null;
}

/** The refund rule of a show that defines none: buyers get the full price back until the show starts. */
export const defaultRefundRule: Readonly<RefundRule> = { deadlineMinutes: 0, feeAmount: 0 };

/** Returns the refund terms of a booking that is made now. */
export const refundTermsOf = ({ startsAt, rules }: Pick<ShowTerms, 'startsAt' | 'rules'>): RefundTerms => ({
  startsAt,
  rule: rules.refunds === undefined ? defaultRefundRule : rules.refunds,
});

/**
 * Returns the deadline (in ms since 1970) and the fee for giving the seats of a booking back; null if the buyer cannot
 * give them back. The rule at the time of the sale applies. The deadline is counted from the start that was planned at
 * the time of the sale or from the current one, whichever is later. So moving the show to a later time gives buyers
 * more time, and moving it to an earlier time takes none away.
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
