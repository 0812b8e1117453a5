import type { Money, Show } from '@usher/contract';
import { useState } from 'react';
import type { HallMap } from '../seat-map/hall-map.js';
import { sumPrices } from '../ui/format.js';

/** The prices at which the buyer chose seats, or to which the buyer has agreed since then. */
export interface AgreedPrices {
  /** Returns the agreed total and the current total, or null if they are equal. */
  findChange(seats: readonly number[]): { readonly before: Money; readonly after: Money } | null;
  /** Returns the agreed total. Returns null if the buyer has not chosen each of these seats on the map. */
  getTotal(seats: readonly number[]): Money | null;
  /** Accepts the current prices, after the page has shown them to the buyer. */
  acceptCurrent(seats: readonly number[]): void;
}

/** Remembers the price of each chosen seat from the moment the buyer chooses it. */
export function useAgreedPrices(chosenSeats: readonly number[], map: HallMap, { tiers }: Show): AgreedPrices {
  const [agreed, setAgreed] = useState<ReadonlyMap<number, Money>>(new Map());
  const getPrice = (seat: number) => tiers.find(({ tier }) => tier === map.seats[seat]?.tier)?.price;
  const getCurrentPrices = (seats: readonly number[]) =>
    new Map(
      seats.flatMap((seat): [number, Money][] => {
        const price = getPrice(seat);
        return price ? [[seat, price]] : [];
      }),
    );
  const isUpToDate = agreed.size === chosenSeats.length && chosenSeats.every((seat) => agreed.has(seat));
  // A seat that is removed from the choice loses its agreed price. If the buyer chooses it again, the current price
  // counts.
  if (!isUpToDate) {
    const stillChosen = [...agreed].filter(([seat]) => chosenSeats.includes(seat));
    const next = new Map([...getCurrentPrices(chosenSeats), ...stillChosen]);
    if (next.size !== agreed.size || [...next.keys()].some((seat) => !agreed.has(seat))) setAgreed(next);
  }
  const addUp = (prices: ReadonlyMap<number, Money>, seats: readonly number[]): Money | null => {
    const amounts = seats.flatMap((seat) => prices.get(seat) ?? []);
    return amounts.length === seats.length ? sumPrices(amounts) : null;
  };
  return {
    findChange: (seats) => {
      const [before, after] = [addUp(agreed, seats), addUp(getCurrentPrices(seats), seats)];
      const isSame = before?.amount === after?.amount && before?.currency === after?.currency;
      return before === null || after === null || isSame ? null : { before, after };
    },
    getTotal: (seats) => addUp(agreed, seats),
    acceptCurrent: (seats) => setAgreed(getCurrentPrices(seats)),
  };
}
