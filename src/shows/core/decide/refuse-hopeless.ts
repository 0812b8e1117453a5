import { type ErrorBody, SeatStatus } from '@usher/contract';
import type { Command, EnterCommand, JoinLineCommand, ReserveCommand } from '../commands/command.js';
import { placeLimit, seatLimit } from '../draft/budget-refusals.js';
import { holdLimit, neverPossible, saleClosed, seatsTaken } from '../draft/refusals.js';
import type { ShowTerms } from '../model/show-terms.js';
import { seatsLike } from '../seating/index.js';
import { isDue } from '../selling/holds.js';
import type { ShowState } from '../state/show-state.js';
import { hasLineWork, hasNothingToSell } from '../waiting/entry-line.js';
import { neverServed } from '../waiting/stand-in-line.js';

/**
 * Refuses a command that cannot succeed according to the state in memory, so that its caller need not wait for the
 * lock. Returns null for every other command. The state may be older than the tables. So a refusal may name a seat as
 * taken that is free by now, but nothing is ever granted from an old state.
 *
 * @param now an estimate of the database's clock. Seats of a hold that has expired by this time do not count as taken.
 */
export function refuseHopeless(state: ShowState, terms: ShowTerms, command: Command, now: number): ErrorBody | null {
  if (command.type === 'enter' || command.type === 'joinLine') return placeRefusal(state, terms, command, now);
  // The log may have an answer for an idempotency key, and only a node with the lock has read the log to its end.
  if (command.type !== 'reserve' || command.usedKey) return null;
  const { request } = command;
  // For the same reason, only a node with the lock knows whether the session has been admitted to the show.
  if (terms.waitingRoom && !state.stays.bySession.has(command.sessionId)) return null;
  const impossible = neverPossible(terms, request);
  if (impossible) return impossible;
  const count = 'best' in request ? request.best.count : request.seats.length;
  const overBudget = seatLimit(terms, state.sources, command, count);
  // A hold that is due may belong to the source. It ends under the lock.
  if (overBudget) {
    return state.due.hasEnding(now) || isRefusedFirst(state, terms, command, count, now) ? null : overBudget;
  }
  if ('best' in request || request.onConflict === 'alternative') return null;
  const taken = request.seats.filter((seat) => isTaken(state, seat, now));
  if (taken.length === 0) return null;
  if (isRefusedFirst(state, terms, command, count, now)) return null;
  const options = { avoidGaps: terms.rules.singleSeatGap === 'soft' };
  return seatsTaken(terms, taken, seatsLike(terms.plan, state.seats, request.seats, options));
}

/**
 * Whether there is a second reason to refuse a reservation, because the sale is closed or the limit of the session is
 * reached. Only the decision under the lock knows which reason comes first.
 */
function isRefusedFirst(
  state: ShowState,
  terms: ShowTerms,
  { sessionId }: ReserveCommand,
  count: number,
  now: number,
): boolean {
  const held = state.heldBySession.get(sessionId) ?? 0;
  return (saleClosed(terms, state.calledOff, now) ?? holdLimit(terms, held, count)) !== null;
}

/**
 * Refuses a new session that wants to enter a metered show or to join its line, although its source has used up its
 * budget. Returns null if only the decision under the lock knows the result.
 */
function placeRefusal(
  state: ShowState,
  terms: ShowTerms,
  command: EnterCommand | JoinLineCommand,
  now: number,
): ErrorBody | null {
  const { waitersBySession, stays, sources } = state;
  const hasKey = command.type === 'joinLine' && Boolean(command.usedKey);
  if (terms.waitingRoom === null || hasKey) return null;
  const refusal = placeLimit(terms, sources, command);
  if (refusal === null) return null;
  const isNew = !waitersBySession.has(command.sessionId) && !stays.bySession.has(command.sessionId);
  // Line work may end places, so that the budget allows one more.
  if (!isNew || hasNothingToSell(state, terms, now) || hasLineWork(state, terms, now)) return null;
  return command.type === 'joinLine' && neverServed(terms, command.request) ? null : refusal;
}

function isTaken(state: ShowState, seat: number, now: number): boolean {
  if (state.seats[seat] === SeatStatus.free) return false;
  const booking = state.bookings.get(state.holders.get(seat) ?? '');
  return !(booking && isDue(booking, now));
}
