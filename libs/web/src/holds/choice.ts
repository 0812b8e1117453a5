/** Maximum number of seats in one reservation, as the contract defines it. */
export const choiceSeatsMax = 10;

/** Result of pressing a seat. */
export interface ToggleResult {
  /** `full`: the choice has its maximum size, so the seat was not added. */
  readonly done: 'added' | 'removed' | 'full';
  readonly chosenSeats: readonly number[];
}

/** Adds the seat to the choice, or removes it. Does not add a seat if the choice has its maximum size. */
export function toggleSeat(
  chosenSeats: readonly number[],
  seat: number,
  seatsMax: number = choiceSeatsMax,
): ToggleResult {
  if (chosenSeats.includes(seat))
    return { done: 'removed', chosenSeats: chosenSeats.filter((other) => other !== seat) };
  if (chosenSeats.length >= seatsMax) return { done: 'full', chosenSeats };
  return { done: 'added', chosenSeats: [...chosenSeats, seat] };
}

/**
 * Splits a choice into seats that are still free and seats that another buyer has taken.
 *
 * @param isFree returns true if a seat is free now
 */
export function splitByAvailability(
  chosenSeats: readonly number[],
  isFree: (seat: number) => boolean,
): { readonly keptSeats: readonly number[]; readonly takenSeats: readonly number[] } {
  const takenSeats = chosenSeats.filter((seat) => !isFree(seat));
  return { keptSeats: takenSeats.length === 0 ? chosenSeats : chosenSeats.filter(isFree), takenSeats };
}
