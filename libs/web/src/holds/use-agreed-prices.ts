import type { Money, Show } from '@usher/contract';
import { useState } from 'react';
import type { HallMap } from '../seat-map/hall-map.js';

/** What chosen seats cost when the buyer chose them, or agreed to a new price. */
export interface AgreedPrices {
  /** What the seats cost when they were chosen and what they cost now; null: the same. */
  changeOf(seats: readonly number[]): { readonly before: Money; readonly after: Money } | null;
  /** What the seats cost when they were chosen; null: one of them was not chosen on the map. */
  agreedTotal(seats: readonly number[]): Money | null;
  /** The buyer has been shown what the seats cost now. */
  agree(seats: readonly number[]): void;
}

/** Keeps the price of each chosen seat from the moment in which it is chosen. */
export function useAgreedPrices(chosen: readonly number[], map: HallMap, { tiers }: Show): AgreedPrices {
  const [agreed, setAgreed] = useState<ReadonlyMap<number, Money>>(new Map());
  const priceOf = (seat: number) => tiers.find(({ tier }) => tier === map.seats[seat]?.tier)?.price;
  const now = (seats: readonly number[]) =>
    new Map(seats.flatMap((seat) => (priceOf(seat) ? [[seat, priceOf(seat)!]] : [])));
  const isKept = agreed.size === chosen.length && chosen.every((seat) => agreed.has(seat));
  // A seat that leaves the choice and comes back is chosen at the price of then.
  if (!isKept) {
    const kept = new Map([...agreed].filter(([seat]) => chosen.includes(seat)));
    const next = new Map<number, Money>([...now(chosen), ...kept]);
    if (next.size !== agreed.size || [...next.keys()].some((seat) => !agreed.has(seat))) setAgreed(next);
  }
  const totalOf = (prices: ReadonlyMap<number, Money>, seats: readonly number[]): Money | null => {
    const amounts = seats.flatMap((seat) => prices.get(seat) ?? []);
    const [first] = amounts;
    if (!first || amounts.length !== seats.length) return null;
    return { amount: amounts.reduce((sum, { amount }) => sum + amount, 0), currency: first.currency };
  };
  return {
    changeOf: (seats) => {
      const [before, after] = [totalOf(agreed, seats), totalOf(now(seats), seats)];
      const isSame = before?.amount === after?.amount && before?.currency === after?.currency;
      return before === null || after === null || isSame ? null : { before, after };
    },
    agreedTotal: (seats) => totalOf(agreed, seats),
    agree: (seats) => setAgreed(now(seats)),
  };
}
