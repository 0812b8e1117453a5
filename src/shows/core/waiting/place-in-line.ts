import { type Chance, type QueueMoved, SeatStatus } from '@usher/contract';
import { countFitting } from '../seating/index.js';
import type { ShowState } from '../state/show-state.js';
import { entryWaitsEndFrom, type ShowTerms } from '../model/show-terms.js';
import type { LineMoment } from '../model/keyed-place.js';
import type { Line } from '../line/line.js';
import type { Pace } from '../line/pace.js';
import { toSeatRequest } from '../waiting/seat-line.js';
import type { Waiter } from '../model/waiter.js';

/** How many waiters of a line the unsold seats may be enough for. The contract describes the fields. */
export type Reach = QueueMoved['reach'];

/** A place in a line at one moment, with the estimates for its waiter. */
export interface PlaceInLine {
  readonly waiter: Waiter;
  readonly moment: LineMoment;
  /** Estimated wait. Null if there is no estimate. */
  readonly etaSeconds: ReturnType<Pace['eta']>;
  readonly chance: Chance;
  /** The latest time at which the wait ends, in ms since 1970. */
  readonly endsAt: number;
}

/** Describes the line as one of its waiters sees it. */
export function momentOf(line: Line, { place }: Waiter): LineMoment {
  const { version, waiting, lastTicket } = line;
  return { version, waiting, lastTicket, ahead: place === null ? null : line.below(place) };
}

/** Calculates the estimates for a waiter. @param now estimate of the database's clock in ms since 1970 */
export function placeInLine(
  terms: ShowTerms,
  state: ShowState,
  waiter: Waiter,
  moment: LineMoment,
  now: number,
): PlaceInLine {
  const { line: name, expiresAt } = waiter;
  const line = state.lines[name];
  const { ahead, waiting } = moment;
  return {
    waiter,
    moment,
    etaSeconds: ahead === null ? null : line.pace.eta(ahead, waiting, now),
    chance: chanceOf(terms, state, waiter, ahead ?? waiting - 1, reachOf(terms, state, line, now)),
    endsAt: name === 'entry' ? Math.max(expiresAt, entryWaitsEndFrom(terms)) : expiresAt,
  };
}

/**
 * Estimates how many waiters of a line the unsold seats are enough for.
 *
 * @param now estimate of the database's clock in ms since 1970
 */
export function reachOf({ queueWaitMs }: ShowTerms, { counts }: ShowState, line: Line, now: number): Reach {
  const { free, held } = counts;
  if (line.name === 'seats') {
    // A held seat comes back only if its buyer does not pay. The pace of the line shows how many come back.
    const perPlace = line.pace.perPlace(line.waiting, now);
    const likely = perPlace ? Math.floor(queueWaitMs / 1000 / perPlace.to) : 0;
    return { likely: held > 0 ? likely : 0, unlikely: held > 0 ? Math.max(likely, line.waiting) : 0 };
  }
  const parties = [...line.groups.values()];
  const wanted = parties.reduce((sum, { request, waiting }) => sum + request.partySize * waiting, 0);
  const perParty = line.waiting > 0 ? wanted / line.waiting : 1;
  return { likely: Math.floor(free / perParty), unlikely: Math.floor((free + held) / perParty) };
}

/** Rates the chance of a party that has `ahead` other parties in front of it. */
function chanceOf(terms: ShowTerms, state: ShowState, waiter: Waiter, ahead: number, reach: Reach): Chance {
  // The batch in which the party joined has already served it, so the party was offered seats or admitted.
  if (!state.lines[waiter.line].waiters.has(waiter.lineTicket)) return 'likely';
  if (!canSeat(terms, state, waiter)) return 'none';
  return ahead < reach.likely ? 'likely' : ahead < reach.unlikely ? 'unlikely' : 'none';
}

/**
 * Returns true if enough unsold seats fit the party, regardless of the parties ahead of it. Sold seats do not count,
 * because they rarely become free again.
 */
function canSeat({ plan }: ShowTerms, { seats, counts }: ShowState, waiter: Waiter): boolean {
  const { partySize, tiers, kind } = waiter;
  if (tiers === null && kind === null) return counts.free + counts.held >= partySize;
  const unsold = seats.map((status) => (status === SeatStatus.held ? SeatStatus.free : status));
  return countFitting(plan, unsold, toSeatRequest(waiter)) >= partySize;
}
