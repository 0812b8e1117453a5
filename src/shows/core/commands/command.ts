import type { BestSeats, BookingPayment, Money } from '@usher/contract';
import type { Administered } from '../model/actor.js';
import type { BookingRecord, UsedKey } from '../model/booking-record.js';
import type { PartyWish } from '../model/waiter.js';
import type {
  Done,
  Entered,
  InLine,
  NotAdmitted,
  NotLive,
  Refused,
  Repeated,
  RepeatedPlace,
  SeatsSet,
  Settled,
} from './outcome.js';
import type { ChangeableTerms } from '../model/show-terms.js';

/** Chosen seats, or the best that are together. */
export type SeatRequest =
  { readonly seats: readonly number[]; readonly onConflict: 'refuse' | 'alternative' } | { readonly best: BestSeats };

/** Hold seats, all or none. The caller names the booking, so that it can tell after a crash whether it exists. */
export interface ReserveCommand {
  readonly type: 'reserve';
  readonly bookingId: string;
  readonly sessionId: string;
  readonly request: SeatRequest;
  readonly usedKey: UsedKey | null;
}

export type ReserveOutcome = Done<BookingRecord> | Repeated | NotAdmitted | Refused;

/** Give a held booking back. */
export interface ReleaseCommand {
  readonly type: 'release';
  readonly bookingId: string;
  readonly sessionId: string;
}

export type ReleaseOutcome = Done<BookingRecord> | NotLive;

/** Runs a batch that asks for nothing itself. Every batch first does what time demands, such as ending due holds. */
export interface TickCommand {
  readonly type: 'tick';
}

export type TickOutcome = Done;

/** Stand in the line for seats, or in the one for entry where this session is not inside. */
export interface JoinLineCommand {
  readonly type: 'joinLine';
  readonly sessionId: string;
  readonly wish: PartyWish;
  readonly usedKey?: UsedKey | null;
}

export type JoinLineOutcome = InLine | RepeatedPlace | Refused;

/** Leave the line, or the show where entry is metered. */
export interface LeaveLineCommand {
  readonly type: 'leaveLine';
  readonly sessionId: string;
}

export type LeaveLineOutcome = Done;

/** Come into the show; where entry is metered, by standing in its line. */
export interface EnterCommand {
  readonly type: 'enter';
  readonly sessionId: string;
}

export type EnterOutcome = Entered | InLine;

/** End the stays of sessions that are gone. */
export interface EndStaysCommand {
  readonly type: 'endStays';
  readonly sessions: readonly {
    readonly sessionId: string;
    /** Names the stay that is meant. */
    readonly admittedAt: number;
    /** Whether it ever came after it was let in. */
    readonly appeared: boolean;
  }[];
}

export type EndStaysOutcome = Done;

/** Paying begins: the hold lasts longer, once. */
export interface PayCommand {
  readonly type: 'pay';
  readonly bookingId: string;
  readonly payment: PaymentName;
}

export type PayOutcome = Done<BookingRecord> | NotLive | Refused;

/** A payment and who takes it. */
export type PaymentName = Readonly<Pick<BookingPayment, 'paymentId' | 'provider'>>;

/**
 * A payment took money: its booking is booked, or, where its hold has ended, the same seats again if they are free, or
 * seats like them; else the money goes back. Decided once for each payment, however often it is asked.
 */
export interface BookCommand {
  readonly type: 'book';
  /** As the tables have it, or had it: one that holds seats no longer is not in memory. */
  readonly booking: BookingRecord;
  readonly payment: PaymentName;
  readonly captured: Readonly<Money>;
  /** Whether the buyer takes seats like those that are gone. */
  readonly onConflict: 'refuse' | 'alternative';
}

export type BookOutcome = Settled | NotLive | Refused;

/** Give paid seats back for money. */
export interface RefundCommand {
  readonly type: 'refund';
  readonly bookingId: string;
  /** Null: all of them. */
  readonly seats: readonly number[] | null;
  /** Buyers are held to the show's deadline and pay its fee. */
  readonly by: 'buyer' | 'staff';
}

export type RefundOutcome = Done<BookingRecord> | NotLive | Refused;

/** The provider gave all money of a payment back: staff did so at the provider. The booking that it paid for ends. */
export interface RefundedOutsideCommand {
  readonly type: 'refundedOutside';
  readonly bookingId: string;
  readonly paymentId: string;
  /** What went back and is in no refund of the service yet, in minor units. */
  readonly amount: number;
}

export type RefundedOutsideOutcome = Done<BookingRecord> | NotLive;

/** What a booking says of its payment changes; nothing of its seats does. */
export interface MarkPaymentCommand {
  readonly type: 'markPayment';
  /** As the tables have it. */
  readonly booking: BookingRecord;
  readonly payment: Readonly<BookingPayment>;
}

/** `done` has no booking if the booking already says the same or something later of its payment. */
export type MarkPaymentOutcome = Done<BookingRecord | null> | NotLive;

/** Take seats out of the sale, all or none: each must be free, or blocked already. */
export interface BlockCommand extends Administered {
  readonly type: 'block';
  readonly seats: readonly number[];
}

export type BlockOutcome = SeatsSet | Refused;

/** Put blocked seats on sale again; those of them that are not blocked stay as they are. */
export interface UnblockCommand extends Administered {
  readonly type: 'unblock';
  readonly seats: readonly number[];
}

export type UnblockOutcome = SeatsSet | Refused;

/** What is to change of a show's terms; what is not given stays. */
export type TermsPatch = Partial<Omit<ChangeableTerms, 'endsAt'>> & {
  /** How long the show lasts in ms; given with `startsAt` or `movieId`, from which its end follows. */
  readonly durationMs?: number;
};

/** Sell by other terms, or play at another time or place, from now on. Bookings keep what they were made with. */
export interface ChangeTermsCommand extends Administered {
  readonly type: 'changeTerms';
  readonly terms: TermsPatch;
}

export type ChangeTermsOutcome = Done | Refused;

/** Nothing of the show is sold from now on: its holds and its lines end, and what was paid is refunded. */
export interface CallOffCommand extends Administered {
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
  readonly enter: { readonly command: EnterCommand; readonly outcome: EnterOutcome };
  readonly endStays: { readonly command: EndStaysCommand; readonly outcome: EndStaysOutcome };
  readonly callOff: { readonly command: CallOffCommand; readonly outcome: CallOffOutcome };
  readonly pay: { readonly command: PayCommand; readonly outcome: PayOutcome };
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
