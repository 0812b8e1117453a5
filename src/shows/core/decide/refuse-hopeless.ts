import { type ErrorBody, SeatStatus } from '@usher/contract';
import type { Command } from '../commands/command.js';
import { holdLimit, neverPossible, saleClosed, seatsTaken } from '../draft/refusals.js';
import type { ShowTerms } from '../model/show-terms.js';
import { seatsLike } from '../seating/index.js';
import { isDue } from '../selling/holds.js';
import type { ShowState } from '../state/show-state.js';

/**
 * Refuses a command that cannot succeed according to the state in memory, so that its caller need not wait for the
 * lock. Returns null for every other command. The state may be older than the tables. So a refusal may name a seat as
 * taken that is free by now, but nothing is ever granted from an old state.
 *
 * @param now an estimate of the database's clock. Seats of a hold that has expired by this time do not count as taken.
 */
export function refuseHopeless(state: ShowState, terms: ShowTerms, command: Command, now: number): ErrorBody | null {
  // The log may have an answer for an idempotency key, and only a node with the lock has read the log to its end.
  if (command.type !== 'reserve' || command.usedKey) return null;
  const { request } = command;
  // For the same reason, only a node with the lock knows whether the session has been admitted to the show.
  if (terms.waitingRoom && !state.stays.bySession.has(command.sessionId)) return null;
  const impossible = neverPossible(terms, request);
  if (impossible || 'best' in request || request.onConflict === 'alternative') return impossible;
  const taken = request.seats.filter((seat) => isTaken(state, seat, now));
  if (taken.length === 0) return null;
  // Only the decision under the lock knows how many seats the session has and waits for.
  if (terms.protection?.codeRequired && command.seatsAllowed !== null) return null;
  // If the sale is closed or the limit is reached, there are two reasons to refuse. The decision under the lock chooses
  // one.
  const held = state.heldBySession.get(command.sessionId) ?? 0;
  if (saleClosed(terms, state.calledOff, now) ?? holdLimit(terms, held, request.seats.length)) return null;
  const options = { avoidGaps: terms.rules.singleSeatGap === 'soft' };
  return seatsTaken(terms, taken, seatsLike(terms.plan, state.seats, request.seats, options));
}

function isTaken(state: ShowState, seat: number, now: number): boolean {
  if (state.seats[seat] === SeatStatus.free) return false;
  const booking = state.bookings.get(state.holders.get(seat) ?? '');
  return !(booking && isDue(booking, now));
}
