import { type Money, SeatStatus } from '@usher/contract';
import { capitalize, formatMoney } from '../ui/format.js';
import type { HallMap, HallSeat } from './hall-map.js';

/** What a seat is to the person looking: the show's status, told apart by whose hold or choice it is. */
export type SeatLook = 'free' | 'held' | 'sold' | 'blocked' | 'mine' | 'chosen' | 'offered';

/** {@link SeatLook} as one letter, so that a row's looks are one short string that is cheap to compare. */
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

/** The look behind a letter that {@link encodeRowLooks} wrote. */
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

/** "Row D seat 12", with the section's name first where the hall has several. */
export const describePlace = (map: HallMap, seat: HallSeat): string => {
  const place = `row ${seat.row} seat ${seat.number}`;
  return capitalize(map.manySections ? `${seat.section}, ${place}` : place);
};

/** A seat's accessible name: "Row D seat 12, premium, €12.50, free". */
export function describeSeat(map: HallMap, seat: HallSeat, look: SeatLook, price: Money | undefined): string {
  // A tier named after the section has been said with the place.
  const tier = map.manySections && seat.tier.toLowerCase() === seat.section.toLowerCase() ? '' : seat.tier;
  const parts = [
    describePlace(map, seat),
    kindNames[seat.kind],
    tier,
    price ? formatMoney(price) : '',
    lookNames[look],
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** "seat D12" or "seats D12, D13 and D14". */
export function listSeatLabels(map: HallMap, seats: readonly number[]): string {
  const labels = seats.map((seat) => map.seats[seat]?.label ?? String(seat + 1));
  const last = labels.pop();
  if (last === undefined) return 'no seats';
  return labels.length === 0 ? `seat ${last}` : `seats ${labels.join(', ')} and ${last}`;
}

/** What the looks of the map's seats are made from. */
export interface SeatLookInput {
  /** One {@link SeatStatus} a seat, in wire order. */
  readonly statuses: Uint8Array;
  /** Held by the person looking. */
  readonly mine: ReadonlySet<number>;
  /** Paid for by the person looking. */
  readonly bought: ReadonlySet<number>;
  readonly chosen: ReadonlySet<number>;
  readonly offered: ReadonlySet<number>;
}

/** One string a row of the map, one {@link LookLetter} a seat in walking order. */
export function encodeRowLooks(map: HallMap, { statuses, mine, bought, chosen, offered }: SeatLookInput): string[] {
  const letterOf = ({ seat }: HallSeat): LookLetter => {
    const status = statuses[seat];
    if (status === SeatStatus.sold) return bought.has(seat) ? 'm' : 's';
    if (status !== SeatStatus.free && status !== SeatStatus.held) return 'b';
    // Whatever the map says: a booking's answer may overtake the change that it made.
    if (mine.has(seat)) return 'm';
    // Chosen and held is a choice on its way to the server: it is not someone else's yet, nor ours.
    if (chosen.has(seat)) return 'c';
    if (status === SeatStatus.held) return 'h';
    return offered.has(seat) ? 'o' : 'f';
  };
  return map.rows.map(({ seats }) => seats.map(letterOf).join(''));
}
