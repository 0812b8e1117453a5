import { hash } from 'node:crypto';
import { type ErrorBody, SeatStatus } from '@usher/contract';
import type {
  Command,
  CommandOf,
  CommandType,
  Outcome,
  OutcomeOf,
  ReleaseCommand,
  ReleaseOutcome,
  ReserveCommand,
  ReserveOutcome,
} from '../commands/command.js';
import type { Done, Refused } from '../commands/outcome.js';
import { block, unblock } from '../selling/administrate.js';
import { changeTerms } from '../selling/change-terms.js';
import { Draft, isDue } from '../draft/draft.js';
import { admit } from '../waiting/entry-line.js';
import { endLineTimes, endWaits } from '../waiting/line-times.js';
import { linesDueAt } from '../waiting/lines-due.js';
import { giveSeats } from '../waiting/seat-line.js';
import { endStays, enter, isInside, joinLine, leaveLine } from '../waiting/stand-in-line.js';
import { newBooking } from '../draft/new-booking.js';
import { book, markPayment, pay } from '../selling/paying.js';
import { refund, refundCalledOff, refundedOutside } from '../selling/refund.js';
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
import { isNoticedChange, type ShowChange } from '../changes/show-log.js';
import type { ShowState } from '../state/show-state.js';
import type { ShowTerms } from '../model/show-terms.js';
import { withChange } from '../changes/noticed-change.js';

/** What a batch comes to: one outcome a command, in their order, and what to write. */
export interface Decision {
  readonly outcomes: readonly Outcome[];
  readonly changes: readonly ShowChange[];
  /** More is due than one batch does: another one should follow at once. */
  readonly isCut: boolean;
  /** When time alone gives the lines something to do next, in ms since 1970; null: never. */
  readonly linesDueAt: number | null;
}

/**
 * Decides a batch of commands, first come first served, as one step of the show. Pure: the same state, commands and
 * time give the same decision, and `state` is only read.
 *
 * @param now milliseconds by the database's clock, read while the show's lock was held
 */
export function decide(state: ShowState, terms: ShowTerms, commands: readonly Command[], now: number): Decision {
  const batch = new Batch(state, terms, now);
  const outcomes = commands.map((command) => decideOne(batch, command.type, command));
  return { outcomes, ...batch.end() };
}

/** A batch being decided. What time and the lines demand comes before what anybody asks. */
class Batch {
  readonly draft: Draft;
  readonly nextId: () => string;

  constructor(
    state: ShowState,
    public terms: ShowTerms,
    readonly now: number,
  ) {
    this.draft = new Draft(state, terms.rules.strictLine);
    this.nextId = bookingIds(`${terms.showId} ${state.seq + 1}`, now);
    // Before any command: seats whose time is up belong to the line, and else to whoever asks for them in this batch.
    this.draft.endDue(now);
    if (this.draft.calledOff) this.draft.endHolds();
    endLineTimes(this.draft, state, terms, now);
    refundCalledOff(this.draft, this.nextId);
    // Also who was passed over because its session held too many, and a batch that was cut short.
    if (state.lines.seats.waiting > 0 && state.counts.free > 0) this.draft.mayBeServed = 'all';
  }

  /** What is left to be given out at the end: nothing stays free that somebody waits for. */
  end(): Omit<Decision, 'outcomes'> {
    this.serveSeatLine();
    const { draft, terms, now } = this;
    admit(draft, terms, now);
    return { changes: draft.changes, isCut: draft.isCut, linesDueAt: linesDueAt(draft, terms, now) };
  }

  /** Later commands of the batch are decided by the terms after its last change. */
  learnTerms(): void {
    const last = this.draft.changes.findLast(isNoticedChange);
    if (last) this.terms = withChange(this.terms, last);
  }

  serveSeatLine(): void {
    giveSeats(this.draft, this.terms, this.now, this.nextId);
  }
}

/** Decides one command of a batch. */
type Decider<C extends Command> = (batch: Batch, command: C) => OutcomeOf<C>;

const deciders: { readonly [Type in CommandType]: Decider<CommandOf<Type>> } = {
  reserve(batch, command) {
    batch.serveSeatLine();
    return reserve(batch.draft, batch.terms, command, batch.now);
  },
  release: ({ draft }, command) => release(draft, command),
  tick: () => done,
  joinLine(batch, command) {
    batch.serveSeatLine();
    return joinLine(batch.draft, batch.terms, command, batch.now);
  },
  leaveLine: ({ draft }, command) => leaveLine(draft, command),
  enter: ({ draft, terms, now }, command) => enter(draft, terms, command, now),
  endStays: ({ draft }, command) => endStays(draft, command),
  callOff(batch, command) {
    const { draft, terms, now, nextId } = batch;
    draft.callOff(terms.termsVersion + 1, command);
    batch.learnTerms();
    draft.endHolds();
    endWaits(draft, terms, now);
    refundCalledOff(draft, nextId);
    return done;
  },
  pay: ({ draft, terms, now }, command) => pay(draft, terms, command, now),
  book(batch, command) {
    batch.serveSeatLine();
    return book(batch.draft, batch.terms, command, batch.now, batch.nextId);
  },
  refund: ({ draft, terms, now, nextId }, command) => refund(draft, terms, command, now, nextId),
  refundedOutside: ({ draft, nextId }, command) => refundedOutside(draft, command, nextId()),
  markPayment: ({ draft }, command) => markPayment(draft, command),
  block: ({ draft, terms }, command) => block(draft, terms, command),
  unblock: ({ draft, terms }, command) => unblock(draft, terms, command),
  changeTerms(batch, command) {
    const outcome = changeTerms(batch.draft, batch.terms, command);
    if (outcome.type === 'refused') return outcome;
    batch.learnTerms();
    endWaits(batch.draft, batch.terms, batch.now);
    return outcome;
  },
};

const decideOne = <Type extends CommandType>(
  batch: Batch,
  type: Type,
  command: CommandOf<Type>,
): OutcomeOf<CommandOf<Type>> => deciders[type](batch, command);

const done: Done = { type: 'done', booking: null };

/**
 * Names for the bookings that the line makes, and for refunds: UUIDv7 of this moment, of the show and the commit they are made in, so
 * that deciding the same batch again names them the same.
 */
function bookingIds(commit: string, now: number): () => string {
  let made = 0;
  return () => {
    const random = hash('sha256', `${commit} ${made++}`, 'hex');
    const time = now.toString(16).padStart(12, '0');
    const variant = (8 + (Number.parseInt(random.charAt(3), 16) % 4)).toString(16);
    return [
      time.slice(0, 8),
      time.slice(8, 12),
      `7${random.slice(0, 3)}`,
      `${variant}${random.slice(4, 7)}`,
      random.slice(7, 19),
    ].join('-');
  };
}

const refused = (error: ErrorBody): Refused => ({ type: 'refused', error });

function reserve(draft: Draft, terms: ShowTerms, command: ReserveCommand, now: number): ReserveOutcome {
  const { request, sessionId, usedKey } = command;
  const before = usedKey && draft.keyUse(sessionId, usedKey.key);
  if (before) {
    return before.bodyHash === usedKey.bodyHash && before.bookingId !== null
      ? { type: 'repeated', bookingId: before.bookingId }
      : refused(keyReused());
  }
  const never = neverPossible(terms, request) ?? saleOver(terms, draft.calledOff, now);
  if (never) return refused(never);
  if (!isInside(draft, terms, sessionId, now)) return { type: 'notAdmitted', waiter: draft.waiterOf(sessionId) };
  const count = 'best' in request ? request.best.count : request.seats.length;
  const refusal = saleClosed(terms, draft.calledOff, now) ?? holdLimit(terms, draft.heldBy(sessionId), count);
  if (refusal) return refused(refusal);
  // Of what is free, some may be wanted by who waits: the next batch knows.
  if (draft.mayBeServed === 'all') return refused(lineFirst());
  if (terms.rules.strictLine && draft.lines.seats.waiting > 0) return refused(keptForLine(draft.freeSeats));
  const choice = choose(terms, draft.seats, command);
  if ('error' in choice) return refused(choice.error);
  const { seats, substituted } = choice;
  const facts = { bookingId: command.bookingId, sessionId, seats, substituted, usedKey, ticket: null };
  const booking = newBooking(terms, { ...facts, version: draft.nextVersion }, now);
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

function release(draft: Draft, { bookingId }: ReleaseCommand): ReleaseOutcome {
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
  // Whether somebody is inside is the lock's holder's to say as well.
  if (terms.waitingRoom && !state.inside.shoppers.has(command.sessionId)) return null;
  const impossible = neverPossible(terms, request);
  if (impossible || 'best' in request || request.onConflict === 'alternative') return impossible;
  const taken = request.seats.filter((seat) => isTaken(state, seat, now));
  if (taken.length === 0) return null;
  // Refused for another reason as well: the lock's holder says which comes first.
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
