import { type ErrorBody, SeatStatus } from '@usher/contract';
import type { BookingRecord } from './booking-record.js';
import type { Command, Outcome, ReleaseCommand, ReserveCommand } from './command.js';
import { Draft, isDue } from './draft.js';
import { holdLimit, keyReused, neverPossible, saleClosed, seatsTaken, showFull, singleSeatGap } from './refusals.js';
import { bestSeats, choiceWithoutGap, countFitting, leavesSingleSeat, seatsLike } from './seating/index.js';
import type { ShowChange } from './show-log.js';
import type { ShowState } from './show-state.js';
import type { ShowTerms } from './show-terms.js';

/** What a batch comes to: one outcome a command, in their order, and what to write. */
export interface Decision {
  readonly outcomes: readonly Outcome[];
  readonly changes: readonly ShowChange[];
}

/**
 * Decides a batch of commands, first come first served, as one step of the show. Pure: the same state, commands and
 * time give the same decision, and `state` is only read.
 *
 * @param now milliseconds by the database's clock, read while the show's lock was held
 */
export function decide(state: ShowState, terms: ShowTerms, commands: readonly Command[], now: number): Decision {
  const draft = new Draft(state);
  // Before any command: seats whose time is up belong to whoever asks for them in this very batch.
  draft.endDue(now);
  const outcomes = commands.map((command) => decideOne(draft, terms, command, now));
  return { outcomes, changes: draft.changes };
}

function decideOne(draft: Draft, terms: ShowTerms, command: Command, now: number): Outcome {
  switch (command.type) {
    case 'reserve':
      return reserve(draft, terms, command, now);
    case 'release':
      return release(draft, command);
    case 'expire':
      return { type: 'done', booking: null };
  }
}

const refused = (error: ErrorBody): Outcome => ({ type: 'refused', error });

function reserve(draft: Draft, terms: ShowTerms, command: ReserveCommand, now: number): Outcome {
  const { request, sessionId, usedKey } = command;
  const before = usedKey && draft.keyUse(sessionId, usedKey.key);
  if (before) {
    return before.bodyHash === usedKey.bodyHash
      ? { type: 'repeated', bookingId: before.bookingId }
      : refused(keyReused());
  }
  const count = 'best' in request ? request.best.count : request.seats.length;
  const refusal =
    neverPossible(terms, request) ?? saleClosed(terms, now) ?? holdLimit(terms, draft.heldBy(sessionId), count);
  if (refusal) return refused(refusal);
  const choice = choose(terms, draft.seats, command);
  if ('error' in choice) return refused(choice.error);
  const booking = newBooking(terms, command, choice.seats, choice.substituted, now, draft.nextVersion);
  draft.reserve(booking);
  return { type: 'done', booking };
}

type Choice = { seats: readonly number[]; substituted: boolean } | { error: ErrorBody };

function choose(terms: ShowTerms, statuses: Uint8Array, { request }: ReserveCommand): Choice {
  const { plan } = terms;
  const avoidGaps = terms.rules.singleSeatGap === 'soft';
  if ('best' in request) {
    const seats = bestSeats(plan, statuses, request.best, { avoidGaps });
    return seats ? { seats, substituted: false } : { error: showFull(countFitting(plan, statuses, request.best)) };
  }
  const { seats, onConflict } = request;
  const taken = seats.filter((seat) => statuses[seat] !== SeatStatus.free);
  if (taken.length > 0) {
    const alternative = seatsLike(plan, statuses, seats, { avoidGaps });
    return alternative && onConflict === 'alternative'
      ? { seats: alternative, substituted: true }
      : { error: seatsTaken(terms, taken, alternative) };
  }
  if (avoidGaps && leavesSingleSeat(plan, statuses, seats)) {
    const alternative = choiceWithoutGap(plan, statuses, seats);
    if (alternative) return { error: singleSeatGap(alternative) };
  }
  return { seats, substituted: false };
}

function newBooking(
  terms: ShowTerms,
  { bookingId, sessionId, usedKey }: ReserveCommand,
  seats: readonly number[],
  substituted: boolean,
  now: number,
  version: number,
): BookingRecord {
  const expiresAt = now + terms.holdMs;
  return {
    bookingId,
    sessionId,
    status: 'reserved',
    seats,
    amounts: seats.map((seat) => priceOf(terms, seat)),
    currency: terms.currency,
    substituted,
    createdAt: now,
    expiresAt,
    firstExpiresAt: expiresAt,
    firstVersion: version,
    version,
    usedKey,
  };
}

function priceOf(terms: ShowTerms, seat: number): number {
  const tier = terms.layout.seats[seat]?.tier ?? '';
  const price = terms.prices[tier];
  if (price === undefined) throw new Error(`tier ${tier} of show ${terms.showId} has no price`);
  return price;
}

function release(draft: Draft, { bookingId }: ReleaseCommand): Outcome {
  const booking = draft.booking(bookingId);
  if (booking?.status !== 'reserved') return { type: 'notLive', bookingId };
  return { type: 'done', booking: draft.end(booking, 'released') };
}

/**
 * The refusal of a command that the state already shows to be hopeless, so that it need not wait for the lock; else
 * null. The state may be older than the tables: only a stale "taken" can come of that, never a stale "free".
 *
 * @param now an estimate of the database's clock: a hold that has run out by it may be free by the time of the lock
 */
export function refuseHopeless(state: ShowState, terms: ShowTerms, command: Command, now: number): ErrorBody | null {
  // A key that came before has its answer in the log, which only the lock's holder has read to the end.
  if (command.type !== 'reserve' || command.usedKey) return null;
  const { request } = command;
  const impossible = neverPossible(terms, request);
  if (impossible || 'best' in request || request.onConflict === 'alternative') return impossible;
  const taken = request.seats.filter((seat) => isTaken(state, seat, now));
  if (taken.length === 0) return null;
  // Refused for another reason as well: the lock's holder says which comes first.
  const held = state.heldBySession.get(command.sessionId) ?? 0;
  if (saleClosed(terms, now) ?? holdLimit(terms, held, request.seats.length)) return null;
  const options = { avoidGaps: terms.rules.singleSeatGap === 'soft' };
  return seatsTaken(terms, taken, seatsLike(terms.plan, state.seats, request.seats, options));
}

function isTaken(state: ShowState, seat: number, now: number): boolean {
  if (state.seats[seat] === SeatStatus.free) return false;
  const booking = state.bookings.get(state.holders.get(seat) ?? '');
  return !(booking && isDue(booking, now));
}
