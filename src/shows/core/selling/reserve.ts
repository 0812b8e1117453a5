import { type ErrorBody, SeatStatus } from '@usher/contract';
import type { ReserveCommand, ReserveOutcome } from '../commands/command.js';
import type { Refused } from '../commands/outcome.js';
import { beyondCodes, codeRequired } from '../draft/code-refusals.js';
import type { Draft } from '../draft/draft.js';
import { seatLimit } from '../draft/budget-refusals.js';
import { newBooking } from '../draft/new-booking.js';
import {
  holdLimit,
  keptForLine,
  keyReused,
  lineFirst,
  neverPossible,
  saleClosed,
  saleOver,
  seatsTaken,
  showFull,
  singleSeatGap,
} from '../draft/refusals.js';
import { bestSeats, choiceWithoutGap, countFitting, leavesSingleSeat, seatsLike } from '../seating/index.js';
import { enterAtOnce } from '../waiting/stays.js';

/** Holds all requested seats or none. */
export function reserve(draft: Draft, command: ReserveCommand): ReserveOutcome {
  const { terms, now } = draft;
  const { bookingId, request, sessionId, usedKey } = command;
  const before = usedKey && draft.keyUse(sessionId, usedKey.key);
  if (before) {
    return before.bodyHash === usedKey.bodyHash && before.bookingId !== null
      ? { type: 'repeated', bookingId: before.bookingId }
      : refused(keyReused());
  }
  const never = neverPossible(terms, request) ?? saleOver(terms, draft.calledOff, now) ?? codeRequired(draft, command);
  if (never) return refused(never);
  const entry = enterAtOnce(draft, command);
  if (entry === 'outside') return { type: 'notAdmitted', waiter: draft.waiterOf(sessionId) };
  if (entry !== 'inside') return refused(entry);
  const count = 'best' in request ? request.best.count : request.seats.length;
  const refusal =
    saleClosed(terms, draft.calledOff, now) ??
    holdLimit(terms, draft.heldBy(sessionId), count) ??
    beyondCodes(draft, command, count) ??
    seatLimit(terms, draft.sources, command, count);
  if (refusal) return refused(refusal);
  // A waiter may want some of the free seats. Only the next batch can find this out.
  if (draft.waitersToConsider === 'all') return refused(lineFirst());
  if (terms.rules.strictLine && draft.lines.seats.waiting > 0) return refused(keptForLine(draft.counts.free));
  const choice = chooseSeats(draft, command);
  if ('error' in choice) return refused(choice.error);
  const booking = newBooking(draft, {
    bookingId,
    sessionId,
    source: command.source,
    ...choice,
    usedKey,
    lineTicket: null,
  });
  draft.record({ type: 'reserved', booking });
  return { type: 'done', booking };
}

const refused = (error: ErrorBody): Refused => ({ type: 'refused', error });

type Choice = { readonly seats: readonly number[]; readonly substituted: boolean } | { readonly error: ErrorBody };

function chooseSeats({ terms, seats: statuses }: Draft, { request }: ReserveCommand): Choice {
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
