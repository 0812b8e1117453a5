/** How many seats one reservation may have, by the contract. */
export const choiceSeatsMax = 10;

/** What pressing a seat did to the choice. */
export type ToggleResult =
  | { readonly done: 'added' | 'removed'; readonly chosen: readonly number[] }
  | { readonly done: 'full'; readonly chosen: readonly number[] };

/** Adds the seat to the choice or takes it out; refuses the one too many. */
export function toggleSeat(chosen: readonly number[], seat: number, limit: number = choiceSeatsMax): ToggleResult {
  if (chosen.includes(seat)) return { done: 'removed', chosen: chosen.filter((other) => other !== seat) };
  if (chosen.length >= limit) return { done: 'full', chosen };
  return { done: 'added', chosen: [...chosen, seat] };
}

/**
 * Splits a choice by what the map now says.
 *
 * @param isFree whether a seat is free at this moment
 * @returns the seats that can still be had and those that someone else has taken meanwhile
 */
export function splitByAvailability(
  chosen: readonly number[],
  isFree: (seat: number) => boolean,
): { readonly kept: readonly number[]; readonly lost: readonly number[] } {
  const lost = chosen.filter((seat) => !isFree(seat));
  return { kept: lost.length === 0 ? chosen : chosen.filter(isFree), lost };
}
