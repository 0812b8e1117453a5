import type { Command, CommandOf, CommandType, Outcome, OutcomeOf } from '../commands/command.js';
import type { Done } from '../commands/outcome.js';
import { Draft } from '../draft/draft.js';
import type { ShowChange } from '../log/show-change.js';
import type { ShowAuditRecord } from '../model/audited.js';
import type { ShowTerms } from '../model/show-terms.js';
import { block, unblock } from '../selling/block-seats.js';
import { callOff } from '../selling/call-off.js';
import { changeTerms } from '../selling/change-terms.js';
import { eraseSession } from '../selling/erase-session.js';
import { endAllHolds, endDueHolds, release } from '../selling/holds.js';
import { book, markPayment, pay, paymentOpened } from '../selling/paying.js';
import { releasePattern } from '../selling/release-pattern.js';
import { refund, refundCalledOff, refundedOutside } from '../selling/refund.js';
import { reserve } from '../selling/reserve.js';
import type { ShowState } from '../state/show-state.js';
import { admitWaiters } from '../waiting/entry-line.js';
import { doTimedLineWork } from '../waiting/line-times.js';
import { linesDueAt } from '../waiting/lines-due.js';
import { offerSeats } from '../waiting/seat-line.js';
import { enter, joinLine, leaveLine, passChallenge } from '../waiting/stand-in-line.js';
import { endStays } from '../waiting/stays.js';
import { toAuditRecord } from './to-audit-record.js';

/** The result of a batch. */
export interface Decision {
  /** The outcome of each command, in the order of the commands. */
  readonly outcomes: readonly Outcome[];
  /** The changes to commit. */
  readonly changes: readonly ShowChange[];
  /** The acts to record in the audit trail, in the order of their commands. */
  readonly audit: readonly ShowAuditRecord[];
  /**
   * Whether some due work remains, because one batch does only a limited amount. Another batch should then follow at
   * once.
   */
  readonly hasMoreWork: boolean;
  /** The time at which the next time-driven change to the lines is due, in ms since 1970; null if there is none. */
  readonly linesDueAt: number | null;
}

/**
 * Decides a batch of commands as one step of the show. The commands are decided in their order: first come, first
 * served. The function is pure: it only reads `state`, and the same state, commands and time give the same decision.
 *
 * Time-driven changes come before the commands, so a seat whose hold has expired is offered to the line before a
 * command can take it. The lines are served once more at the end, so that no free seat remains that a waiter could use.
 *
 * @param now milliseconds by the database's clock, read under the show's lock
 */
export function decide(state: ShowState, terms: ShowTerms, commands: readonly Command[], now: number): Decision {
  const draft = new Draft(state, terms, now);
  doTimedWork(draft, state);
  const audit: ShowAuditRecord[] = [];
  const outcomes = commands.map((command) => {
    const first = draft.changes.length;
    const outcome = decideCommand(draft, command.type, command);
    const record = toAuditRecord(terms.showId, command, outcome, draft.changes[first]);
    if (record) audit.push(record);
    return outcome;
  });
  offerSeats(draft);
  admitWaiters(draft);
  const { changes, hasMoreWork } = draft;
  return { outcomes, changes, audit, hasMoreWork, linesDueAt: linesDueAt(draft) };
}

function doTimedWork(draft: Draft, state: ShowState): void {
  endDueHolds(draft, state);
  if (draft.calledOff) endAllHolds(draft);
  doTimedLineWork(draft, state);
  refundCalledOff(draft);
  // An earlier batch may have skipped a waiter whose session held too many seats, or may not have finished its work.
  if (state.lines.seats.waiting > 0 && state.counts.free > 0) draft.waitersToConsider = 'all';
}

/** Decides one command of a batch. */
type Decider<C extends Command> = (draft: Draft, command: C) => OutcomeOf<C>;

const done: Done = { type: 'done', booking: null };

/**
 * The function that decides each type of command. A command that may take free seats serves the line for seats first.
 */
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
  passChallenge,
  enter,
  endStays,
  eraseSession,
  releasePattern,
  callOff,
  pay,
  paymentOpened,
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
