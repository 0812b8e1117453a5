/**
 * The price of a standard seat in a country, and the step to which prices are rounded. Both are in the minor unit of
 * the currency.
 */
interface PriceLevel {
  readonly currency: string;
  readonly amount: number;
  readonly step: number;
}

const levels: Readonly<Record<string, PriceLevel>> = {
  DE: { currency: 'EUR', amount: 1200, step: 50 },
  GB: { currency: 'GBP', amount: 1250, step: 50 },
  CH: { currency: 'CHF', amount: 1900, step: 50 },
  DK: { currency: 'DKK', amount: 12_500, step: 500 },
  US: { currency: 'USD', amount: 1650, step: 25 },
  MX: { currency: 'MXN', amount: 9500, step: 500 },
  BR: { currency: 'BRL', amount: 3800, step: 100 },
  // The yen has no minor unit, so these amounts are whole yen.
  JP: { currency: 'JPY', amount: 2000, step: 100 },
  IN: { currency: 'INR', amount: 32_000, step: 1000 },
  AU: { currency: 'AUD', amount: 2300, step: 50 },
  ZA: { currency: 'ZAR', amount: 13_000, step: 500 },
  KE: { currency: 'KES', amount: 80_000, step: 5000 },
};

/** Price of each tier relative to a standard seat. */
const tierFactors: Readonly<Record<string, number>> = {
  standard: 1,
  premium: 1.35,
  stalls: 2.2,
  circle: 1.7,
  box: 3.2,
};

/** Price of a show that starts before 17:00, relative to the evening price. */
const matineeFactor = 0.8;

/**
 * Returns the prices of a demo show by tier.
 *
 * @param tiers the tiers of the hall's layout
 * @param startsAt the local time of day, such as `20:00`
 * @throws RangeError if the demo has no price for the country or a tier
 */
export function demoPrices(
  country: string,
  tiers: readonly string[],
  startsAt: string,
): { currency: string; prices: Record<string, number> } {
  const level = levels[country];
  if (level === undefined) throw new RangeError(`the demo has no prices in ${country}`);
  const timeFactor = startsAt < '17:00' ? matineeFactor : 1;
  const priceOf = (tier: string): number => {
    const factor = tierFactors[tier];
    if (factor === undefined) throw new RangeError(`the demo has no price for the tier ${tier}`);
    return Math.round((level.amount * factor * timeFactor) / level.step) * level.step;
  };
  return { currency: level.currency, prices: Object.fromEntries(tiers.map((tier) => [tier, priceOf(tier)])) };
}
