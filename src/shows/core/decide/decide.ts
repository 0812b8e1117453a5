import type { Command, CommandOf, CommandType, Outcome, OutcomeOf } from '../commands/command.js';
import type { Done } from '../commands/outcome.js';
import { Draft } from '../draft/draft.js';
import type { ShowChange } from '../log/show-change.js';
import type { ShowTerms } from '../model/show-terms.js';
import { block, unblock } from '../selling/block-seats.js';
import { callOff } from '../selling/call-off.js';
import { changeTerms } from '../selling/change-terms.js';
import { endAllHolds, endDueHolds, release } from '../selling/holds.js';
import { book, markPayment, pay } from '../selling/paying.js';
import { refund, refundCalledOff, refundedOutside } from '../selling/refund.js';
import { reserve } from '../selling/reserve.js';
import type { ShowState } from '../state/show-state.js';
import { admitWaiters } from '../waiting/entry-line.js';
import { doTimedLineWork } from '../waiting/line-times.js';
import { linesDueAt } from '../waiting/lines-due.js';
import { offerSeats } from '../waiting/seat-line.js';
import { enter, joinLine, leaveLine } from '../waiting/stand-in-line.js';
import { endStays } from '../waiting/stays.js';

/** The result of a batch. */
export interface Decision {
  /** The outcome of each command, in the order of the commands. */
  readonly outcomes: readonly Outcome[];
  /** The changes to commit. */
  readonly changes: readonly ShowChange[];
  /** Whether more work is due than one batch does. Another batch should then follow at once. */
  readonly hasMoreWork: boolean;
  /** When the next time-driven change of the lines is due, in ms since 1970; null if there is none. */
  readonly linesDueAt: number | null;
}

/**
 * Decides a batch of commands, first come, first served, as one step of the show. The function is pure: the same state,
 * commands and time give the same decision. It only reads `state`.
 *
 * Time-driven changes come before the commands, so a seat whose hold has expired goes to the line first. Work for the
 * lines comes last, so that no free seat remains that a waiter could use.
 *
 * @param now milliseconds by the database's clock, read under the show's lock
 */
export function decide(state: ShowState, terms: ShowTerms, commands: readonly Command[], now: number): Decision {
  const draft = new Draft(state, terms, now);
  doTimedWork(draft, state);
  const outcomes = commands.map((command) => decideCommand(draft, command.type, command));
  offerSeats(draft);
  admitWaiters(draft);
  return { outcomes, changes: draft.changes, hasMoreWork: draft.hasMoreWork, linesDueAt: linesDueAt(draft) };
}

function doTimedWork(draft: Draft, state: ShowState): void {
  endDueHolds(draft, state);
  if (draft.calledOff) endAllHolds(draft);
  doTimedLineWork(draft, state);
  refundCalledOff(draft);
  // An earlier batch may have passed a waiter over because its session held too many seats, or may have left work over.
  if (state.lines.seats.waiting > 0 && state.counts.free > 0) draft.waitersToConsider = 'all';
}

/** Decides one command of a batch. */
type Decider<C extends Command> = (draft: Draft, command: C) => OutcomeOf<C>;

const done: Done = { type: 'done', booking: null };

/** The function that decides each type of command. Before it gives seats away, it serves the line for seats. */
const deciders: { readonly [Type in CommandType]: Decider<CommandOf<Type>> } = {
  reserve(draft, command) {
    offerSeats(draft);
    return reserve(draft, command);
  },
  release,
  tick: () => done,
  joinLine(draft, command) {
    offerSeats(draft);
    return joinLine(draft, command);
  },
  leaveLine,
  enter,
  endStays,
  callOff,
  pay,
  book(draft, command) {
    offerSeats(draft);
    return book(draft, command);
  },
  refund,
  refundedOutside,
  markPayment,
  block,
  unblock,
  changeTerms,
};

const decideCommand = <Type extends CommandType>(
  draft: Draft,
  type: Type,
  command: CommandOf<Type>,
): OutcomeOf<CommandOf<Type>> => deciders[type](draft, command);
