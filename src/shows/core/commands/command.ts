import type { BestSeats, BookingPayment, Money } from '@usher/contract';
import type { Administered } from '../model/actor.js';
import type { Audited } from '../model/audited.js';
import type { BookingRecord, UsedKey } from '../model/booking-record.js';
import type { CommandSource } from '../model/source.js';
import type { PartyRequest } from '../model/waiter.js';
import type {
  Done,
  Entered,
  Erased,
  InLine,
  NotAdmitted,
  NotLive,
  PatternReleased,
  Refused,
  Repeated,
  RepeatedPlace,
  SeatsSet,
  Settled,
} from './outcome.js';
import type { ChangeableTerms } from '../model/show-terms.js';

/** A command with which a session gets more seats of the show, now or later. */
export interface SeatCommand {
  readonly sessionId: string;
  /**
   * The number of seats of the show that the access codes of the session allow, 0 by default. Null for a seller, who
   * needs no code. It counts only if the show requires codes.
   */
  readonly seatsAllowed?: number | null;
  /**
   * A number of commits of the show that the node knew before it read `seatsAllowed`, 0 by default. If a session's data was
   * erased since, the read may be out of date, and the lane refuses the command with `CODE_REQUIRED`.
   */
  readonly codesReadSeq?: number;
}

/** The seats that a reservation asks for: chosen seats, or the best adjacent seats. */
export type SeatRequest =
  { readonly seats: readonly number[]; readonly onConflict: 'refuse' | 'alternative' } | { readonly best: BestSeats };

/**
 * Holds all requested seats or none. The caller chooses the booking's id so that it can look up the booking after a
 * crash.
 */
export interface ReserveCommand extends SeatCommand, CommandSource {
  readonly type: 'reserve';
  readonly bookingId: string;
  readonly sessionId: string;
  readonly request: SeatRequest;
  readonly usedKey: UsedKey | null;
}

export type ReserveOutcome = Done<BookingRecord> | Repeated | NotAdmitted | Refused;

/** Gives back the seats of a hold. */
export interface ReleaseCommand extends Audited {
  readonly type: 'release';
  readonly bookingId: string;
  readonly sessionId: string;
}

export type ReleaseOutcome = Done<BookingRecord> | NotLive;

/**
 * Requests nothing and only causes a batch to run. Every batch first makes the time-driven changes, such as ending due
 * holds.
 */
export interface TickCommand {
  readonly type: 'tick';
}

export type TickOutcome = Done;

/** Joins the line for seats, or the line for entry if the session has not been admitted to the show yet. */
export interface JoinLineCommand extends SeatCommand, CommandSource {
  readonly type: 'joinLine';
  readonly sessionId: string;
  readonly request: PartyRequest;
  readonly usedKey?: UsedKey | null;
}

export type JoinLineOutcome = InLine | RepeatedPlace | Refused;

/** Leaves the line in which the session waits. If the session does not wait, its stay in the show ends instead. */
export interface LeaveLineCommand {
  readonly type: 'leaveLine';
  readonly sessionId: string;
}

export type LeaveLineOutcome = Done;

/**
 * A session has passed the challenge of the show, perhaps while it waits for seats. Its offer may then exceed the free part
 * of its source's budget.
 */
export interface PassChallengeCommand {
  readonly type: 'passChallenge';
  readonly sessionId: string;
}

export type PassChallengeOutcome = Done;

/** Enters the show. If entry is metered, the session may have to wait in the line for entry. */
export interface EnterCommand extends CommandSource {
  readonly type: 'enter';
  readonly sessionId: string;
}

export type EnterOutcome = Entered | InLine | Refused;

/** Ends the stays of sessions that have been disconnected for too long. */
export interface EndStaysCommand {
  readonly type: 'endStays';
  readonly sessions: readonly {
    readonly sessionId: string;
    /** Identifies the stay, because a session can have several stays one after another. */
    readonly admittedAt: number;
    /** Whether the session was connected at any time after its admission. */
    readonly appeared: boolean;
  }[];
}

export type EndStaysOutcome = Done;

/**
 * Removes a session from the show: releases its holds, ends its wait and its stay, and gives its paid bookings to
 * `pseudonym`. Refused with `BOOKING_STATE` while the session pays for a hold, and with `BUSY` if it has paid for a hold that
 * is newer than `codesErasedAt`.
 */
export interface EraseSessionCommand {
  readonly type: 'eraseSession';
  readonly sessionId: string;
  /** The session id that replaces the erased one. No token contains it. */
  readonly pseudonym: string;
  /** A time before the uses of access codes were deleted, in ms since 1970 by the database's clock. */
  readonly codesErasedAt: number;
}

export type EraseSessionOutcome = Erased | Refused;

/**
 * Ends all unpaid holds, waits and stays of sources and sessions that staff or risk rules recognised as one pattern. A
 * hold whose payment is running stays. One command ends only a limited number, so the caller repeats it until the outcome
 * is complete.
 */
export interface ReleasePatternCommand extends Administered, Audited {
  readonly type: 'releasePattern';
  /** Sources as `Buyer` names them. */
  readonly sources: readonly string[];
  readonly sessionIds: readonly string[];
}

export type ReleasePatternOutcome = PatternReleased;

/** Begins a payment. If the hold is about to end, the first payment lengthens it until the provider has responded. */
export interface PayCommand {
  readonly type: 'pay';
  readonly bookingId: string;
  readonly payment: PaymentName;
}

export type PayOutcome = Done<BookingRecord> | NotLive | Refused;

/**
 * The provider has opened a payment, so the buyer can pay. This lengthens the hold once. Repeating the command changes
 * nothing.
 */
export interface PaymentOpenedCommand {
  readonly type: 'paymentOpened';
  readonly bookingId: string;
}

/** `done` comes without a booking if the hold was lengthened before. */
export type PaymentOpenedOutcome = Done<BookingRecord | null> | NotLive;

/** A payment and its provider. */
export type PaymentName = Readonly<Pick<BookingPayment, 'paymentId' | 'provider'>>;

/**
 * Settles a payment that took money. A buyer whose hold has ended gets the same seats if they are still free, otherwise
 * similar seats if the buyer accepts those. If there are none, the money is returned. Repeating the command does not
 * settle the payment again.
 */
export interface BookCommand {
  readonly type: 'book';
  /**
   * The booking as it was read from the tables. The lane's memory does not contain bookings that no longer hold seats.
   */
  readonly booking: BookingRecord;
  readonly payment: PaymentName;
  readonly captured: Readonly<Money>;
  /** Whether the buyer accepts similar seats if the seats are taken. */
  readonly onConflict: 'refuse' | 'alternative';
}

export type BookOutcome = Settled | NotLive | Refused;

/** Gives back paid seats for a refund. */
export interface RefundCommand extends Audited {
  readonly type: 'refund';
  readonly bookingId: string;
  /** Null for all seats of the booking. */
  readonly seats: readonly number[] | null;
  /** The deadline and the fee of the refund rule apply to buyers and not to staff. */
  readonly by: 'buyer' | 'staff';
}

export type RefundOutcome = Done<BookingRecord> | NotLive | Refused;

/** Ends a booking whose payment staff refunded at the provider, outside of this service. */
export interface RefundedOutsideCommand extends Audited {
  readonly type: 'refundedOutside';
  readonly bookingId: string;
  readonly paymentId: string;
  /** The part of the paid money for which the service has not recorded a refund yet, in minor units. */
  readonly amount: number;
}

export type RefundedOutsideOutcome = Done<BookingRecord> | NotLive;

/** Changes the payment status of a booking. Its seats do not change. */
export interface MarkPaymentCommand {
  readonly type: 'markPayment';
  /** The booking as it was read from the tables. */
  readonly booking: BookingRecord;
  readonly payment: Readonly<BookingPayment>;
}

/** `done` comes without a booking if the payment already has this status or a later one. */
export type MarkPaymentOutcome = Done<BookingRecord | null> | NotLive;

/** Takes all the given seats off sale, or none of them. Each seat must be free or already blocked. */
export interface BlockCommand extends Administered, Audited {
  readonly type: 'block';
  readonly seats: readonly number[];
}

export type BlockOutcome = SeatsSet | Refused;

/** Puts blocked seats back on sale. Seats that are not blocked do not change. */
export interface UnblockCommand extends Administered, Audited {
  readonly type: 'unblock';
  readonly seats: readonly number[];
}

export type UnblockOutcome = SeatsSet | Refused;

/** The changes to a show's terms. Omitted fields keep their values. */
export type TermsPatch = Partial<Omit<ChangeableTerms, 'endsAt'>> & {
  /** The length of the show in ms, from which the end of the show is computed. Given with `startsAt` or `movieId`. */
  readonly durationMs?: number;
};

/** Changes the terms, the movie, the hall or the times of the show. Existing bookings keep their terms. */
export interface ChangeTermsCommand extends Administered, Audited {
  readonly type: 'changeTerms';
  readonly terms: TermsPatch;
}

export type ChangeTermsOutcome = Done | Refused;

/** Calls the show off. This ends all holds and everyone's wait in line, and it refunds all paid bookings. */
export interface CallOffCommand extends Administered, Audited {
  readonly type: 'callOff';
}

export type CallOffOutcome = Done;

/** Every command with its possible outcomes, by the command's `type`. */
interface CommandTable {
  readonly reserve: { readonly command: ReserveCommand; readonly outcome: ReserveOutcome };
  readonly release: { readonly command: ReleaseCommand; readonly outcome: ReleaseOutcome };
  readonly tick: { readonly command: TickCommand; readonly outcome: TickOutcome };
  readonly joinLine: { readonly command: JoinLineCommand; readonly outcome: JoinLineOutcome };
  readonly leaveLine: { readonly command: LeaveLineCommand; readonly outcome: LeaveLineOutcome };
  readonly passChallenge: { readonly command: PassChallengeCommand; readonly outcome: PassChallengeOutcome };
  readonly enter: { readonly command: EnterCommand; readonly outcome: EnterOutcome };
  readonly endStays: { readonly command: EndStaysCommand; readonly outcome: EndStaysOutcome };
  readonly eraseSession: { readonly command: EraseSessionCommand; readonly outcome: EraseSessionOutcome };
  readonly releasePattern: { readonly command: ReleasePatternCommand; readonly outcome: ReleasePatternOutcome };
  readonly callOff: { readonly command: CallOffCommand; readonly outcome: CallOffOutcome };
  readonly pay: { readonly command: PayCommand; readonly outcome: PayOutcome };
  readonly paymentOpened: { readonly command: PaymentOpenedCommand; readonly outcome: PaymentOpenedOutcome };
  readonly book: { readonly command: BookCommand; readonly outcome: BookOutcome };
  readonly refund: { readonly command: RefundCommand; readonly outcome: RefundOutcome };
  readonly refundedOutside: { readonly command: RefundedOutsideCommand; readonly outcome: RefundedOutsideOutcome };
  readonly markPayment: { readonly command: MarkPaymentCommand; readonly outcome: MarkPaymentOutcome };
  readonly block: { readonly command: BlockCommand; readonly outcome: BlockOutcome };
  readonly unblock: { readonly command: UnblockCommand; readonly outcome: UnblockOutcome };
  readonly changeTerms: { readonly command: ChangeTermsCommand; readonly outcome: ChangeTermsOutcome };
}

export type CommandType = keyof CommandTable;

export type CommandOf<Type extends CommandType> = CommandTable[Type]['command'];

export type Command = CommandOf<CommandType>;

/** The possible outcomes of a command. */
export type OutcomeOf<C extends Command> = CommandTable[C['type']]['outcome'];

export type Outcome = OutcomeOf<Command>;
