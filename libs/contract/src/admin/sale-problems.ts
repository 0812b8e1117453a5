import type { ShowRules } from '../catalog/shows.js';
import { formatDecimal } from '../values/money.js';

/** A field of a show that prevents the sale of the show. */
export interface SaleProblem {
  readonly path: string;
  readonly message: string;
}

/**
 * Finds the reasons why a show could not be sold with these prices and times.
 *
 * @param tiers the tiers of the hall's layout
 * @param sale prices by tier in minor units, times in ms since 1970
 * @returns an empty array if the show can be sold
 */
export function findSaleProblems(
  tiers: readonly string[],
  sale: {
    readonly prices: Readonly<Record<string, number>>;
    readonly saleOpensAt: number | null;
    readonly saleClosesAt: number;
  },
): SaleProblem[] {
  const { prices, saleOpensAt, saleClosesAt } = sale;
  const unpriced = tiers.filter((tier) => !Object.hasOwn(prices, tier));
  const unknown = Object.keys(prices).filter((tier) => !tiers.includes(tier));
  return [
    ...unpriced.map((tier) => ({
      path: `prices.${tier}`,
      message: 'is missing; the hall has seats of this tier, so it needs a price',
    })),
    ...unknown.map((tier) => ({
      path: `prices.${tier}`,
      message: `the hall has no seats of this tier; it has ${tiers.join(', ')}`,
    })),
    ...(saleOpensAt !== null && saleOpensAt >= saleClosesAt
      ? [{ path: 'saleOpensAt', message: 'must be before saleClosesAt' }]
      : []),
  ];
}

/**
 * Finds prices and fees that the payment provider cannot charge. Each of them must be a multiple of the provider's
 * step. Then every refund is a multiple of the step too.
 *
 * @param amountStep returns the provider's step for a currency, in minor units
 */
export function findAmountProblems(
  sale: {
    readonly currency: string;
    readonly prices: Readonly<Record<string, number>>;
    readonly rules: Pick<ShowRules, 'refunds'>;
  },
  amountStep: (currency: string) => number,
): SaleProblem[] {
  const { currency, prices, rules } = sale;
  const step = amountStep(currency);
  const amounts: [path: string, amount: number][] = [
    ...Object.entries(prices).map(([tier, amount]): [string, number] => [`prices.${tier}`, amount]),
    ...(rules.refunds ? [['rules.refunds.feeAmount', rules.refunds.feeAmount] as [string, number]] : []),
  ];
  const unit = formatDecimal({ amount: step, currency });
  const message = `must be a multiple of ${step} (${currency} ${unit}), because the payment provider accepts no other amounts of this currency`;
  return amounts.filter(([, amount]) => amount % step !== 0).map(([path]) => ({ path, message }));
}
