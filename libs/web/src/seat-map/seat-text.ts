import { type Money, SeatStatus } from '@usher/contract';
import { capitalize, formatMoney } from '../ui/format.js';
import type { HallMap, HallSeat } from './hall-map.js';

/** The appearance of a seat for this buyer. It combines the seat's status with the buyer's own choice and holds. */
export type SeatLook = 'free' | 'held' | 'sold' | 'blocked' | 'mine' | 'chosen' | 'offered';

/** One letter per {@link SeatLook}. The looks of a row become a short string that is cheap to compare. */
const lookByLetter = {
  f: 'free',
  h: 'held',
  s: 'sold',
  b: 'blocked',
  m: 'mine',
  c: 'chosen',
  o: 'offered',
} as const satisfies Record<string, SeatLook>;
export type LookLetter = keyof typeof lookByLetter;

/** Returns the look for a letter that {@link encodeRowLooks} wrote. */
export const decodeLook = (letter: string | undefined): SeatLook =>
  letter !== undefined && isLookLetter(letter) ? lookByLetter[letter] : 'blocked';

const isLookLetter = (letter: string): letter is LookLetter => Object.hasOwn(lookByLetter, letter);

const lookNames: Record<SeatLook, string> = {
  free: 'free',
  held: 'held by someone',
  sold: 'sold',
  blocked: 'not for sale',
  mine: 'yours',
  chosen: 'your choice',
  offered: 'free, suggested to you',
};

const kindNames = {
  standard: '',
  wheelchair: 'wheelchair place',
  companion: 'companion seat',
  restrictedView: 'restricted view',
} as const;

/** Returns "Row D seat 12". If the hall has several sections, the section's name comes first. */
export const describePlace = (map: HallMap, seat: HallSeat): string => {
  const place = `row ${seat.row} seat ${seat.number}`;
  return capitalize(map.hasSeveralSections ? `${seat.section}, ${place}` : place);
};

/** Returns a seat's accessible name, for example "Row D seat 12, premium, €12.50, free". */
export function describeSeat(map: HallMap, seat: HallSeat, look: SeatLook, price: Money | undefined): string {
  // If the tier has the same name as the section, the place already contains this name.
  const tier = map.hasSeveralSections && seat.tier.toLowerCase() === seat.section.toLowerCase() ? '' : seat.tier;
  const parts = [
    describePlace(map, seat),
    kindNames[seat.kind],
    tier,
    price ? formatMoney(price) : '',
    lookNames[look],
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** Returns "seat D12" or "seats D12, D13 and D14". */
export function listSeatLabels(map: HallMap, seats: readonly number[]): string {
  const labels = seats.map((seat) => map.seats[seat]?.label ?? String(seat + 1));
  const last = labels.pop();
  if (last === undefined) return 'no seats';
  return labels.length === 0 ? `seat ${last}` : `seats ${labels.join(', ')} and ${last}`;
}

/** Everything that decides the looks of the seats. */
export interface SeatLookInput {
  /** One {@link SeatStatus} per seat, in wire order. */
  readonly statuses: Uint8Array;
  /** Seats that this buyer holds. */
  readonly heldSeats: ReadonlySet<number>;
  /** Seats that this buyer has paid for. */
  readonly boughtSeats: ReadonlySet<number>;
  /** Seats that this buyer has chosen and does not hold yet. */
  readonly chosenSeats: ReadonlySet<number>;
  /** Free seats that a refusal suggests. */
  readonly offeredSeats: ReadonlySet<number>;
}

/** Returns one string per row of the map, with one {@link LookLetter} per seat in walking order. */
export function encodeRowLooks(
  map: HallMap,
  { statuses, heldSeats, boughtSeats, chosenSeats, offeredSeats }: SeatLookInput,
): string[] {
  const letterOf = ({ seat }: HallSeat): LookLetter => {
    const status = statuses[seat];
    if (status === SeatStatus.sold) return boughtSeats.has(seat) ? 'm' : 's';
    if (status !== SeatStatus.free && status !== SeatStatus.held) return 'b';
    // The buyer's own holds are checked first, because the answer to a reservation can arrive before the map is
    // updated.
    if (heldSeats.has(seat)) return 'm';
    // A chosen seat that is held belongs to a reservation whose answer has not arrived, so its holder is not known yet.
    if (chosenSeats.has(seat)) return 'c';
    if (status === SeatStatus.held) return 'h';
    return offeredSeats.has(seat) ? 'o' : 'f';
  };
  return map.rows.map(({ seats }) => seats.map(letterOf).join(''));
}
