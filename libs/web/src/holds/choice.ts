/** Maximum number of seats in one reservation, as the contract defines it. */
export const choiceSeatsMax = 10;

/** Result of pressing a seat. */
export interface ToggleResult {
  /** `full`: the choice has its maximum size, so the seat was not added. */
  readonly done: 'added' | 'removed' | 'full';
  readonly chosen: readonly number[];
}

/** Adds the seat to the choice, or removes it. Does not add a seat if the choice has its maximum size. */
export function toggleSeat(chosen: readonly number[], seat: number, limit: number = choiceSeatsMax): ToggleResult {
  if (chosen.includes(seat)) return { done: 'removed', chosen: chosen.filter((other) => other !== seat) };
  if (chosen.length >= limit) return { done: 'full', chosen };
  return { done: 'added', chosen: [...chosen, seat] };
}

/**
 * Splits a choice into seats that are still free and seats that another buyer has taken.
 *
 * @param isFree returns true if a seat is free now
 */
export function splitByAvailability(
  chosen: readonly number[],
  isFree: (seat: number) => boolean,
): { readonly kept: readonly number[]; readonly takenSeats: readonly number[] } {
  const takenSeats = chosen.filter((seat) => !isFree(seat));
  return { kept: takenSeats.length === 0 ? chosen : chosen.filter(isFree), takenSeats };
}
