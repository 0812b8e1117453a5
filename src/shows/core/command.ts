import type { BestSeats, BookingPayment, ErrorBody, Money } from '@usher/contract';
import type { Administered } from './actor.js';
import type { BookingRecord, UsedKey } from './booking-record.js';
import type { KeyedPlace, LineMoment } from './line/keyed-place.js';
import type { PartyWish, Waiter } from './line/waiter.js';
import type { ChangeableTerms } from './show-terms.js';

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

/** Give a held booking back. */
export interface ReleaseCommand {
  readonly type: 'release';
  readonly bookingId: string;
  readonly sessionId: string;
}

/** Nothing of its own: every batch ends the due holds first, and this one brings a batch about. */
export interface ExpireCommand {
  readonly type: 'expire';
}

/** Stand in the line for seats, or in the one for entry where this session is not inside. */
export interface JoinLineCommand {
  readonly type: 'joinLine';
  readonly sessionId: string;
  readonly wish: PartyWish;
  readonly usedKey?: UsedKey | null;
}

/** Leave the line, or the show where entry is metered. */
export interface LeaveLineCommand {
  readonly type: 'leaveLine';
  readonly sessionId: string;
}

/** Come into the show; where entry is metered, by standing in its line. */
export interface EnterCommand {
  readonly type: 'enter';
  readonly sessionId: string;
}

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

/** Paying begins: the hold lasts longer, once. */
export interface PayCommand {
  readonly type: 'pay';
  readonly bookingId: string;
  readonly payment: PaymentName;
}

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

/** Give paid seats back for money. */
export interface RefundCommand {
  readonly type: 'refund';
  readonly bookingId: string;
  /** Null: all of them. */
  readonly seats: readonly number[] | null;
  /** Buyers are held to the show's deadline and pay its fee. */
  readonly by: 'buyer' | 'staff';
}

/** The provider gave all money of a payment back: staff did so at the provider. The booking that it paid for ends. */
export interface RefundedOutsideCommand {
  readonly type: 'refundedOutside';
  readonly bookingId: string;
  readonly paymentId: string;
  /** What went back and is in no refund of the service yet, in minor units. */
  readonly amount: number;
}

/** What a booking says of its payment changes; nothing of its seats does. */
export interface MarkPaymentCommand {
  readonly type: 'markPayment';
  /** As the tables have it. */
  readonly booking: BookingRecord;
  readonly payment: Readonly<BookingPayment>;
}

/** Take seats out of the sale, all or none: each must be free, or blocked already. */
export interface BlockCommand extends Administered {
  readonly type: 'block';
  readonly seats: readonly number[];
}

/** Put blocked seats on sale again; those of them that are not blocked stay as they are. */
export interface UnblockCommand extends Administered {
  readonly type: 'unblock';
  readonly seats: readonly number[];
}

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

/** Nothing of the show is sold from now on: its holds and its lines end, and what was paid is refunded. */
export interface CallOffCommand extends Administered {
  readonly type: 'callOff';
}

export type Command =
  | ReserveCommand
  | ReleaseCommand
  | ExpireCommand
  | JoinLineCommand
  | LeaveLineCommand
  | EnterCommand
  | EndStaysCommand
  | CallOffCommand
  | PayCommand
  | BookCommand
  | RefundCommand
  | RefundedOutsideCommand
  | MarkPaymentCommand
  | BlockCommand
  | UnblockCommand
  | ChangeTermsCommand;

/** What became of a payment that took money: its seats are booked, or were, or the money goes back. */
export type Settlement = 'booked' | 'returned';

/** What became of one command. */
export type Outcome =
  /** Done; commands that make no booking answer null. */
  | { readonly type: 'done'; readonly booking: BookingRecord | null }
  /** The idempotency key came before: the answer is the one that this booking was first given. */
  | { readonly type: 'repeated'; readonly bookingId: string }
  /** The booking does not hold seats any longer; its row says what it is now. */
  | { readonly type: 'notLive'; readonly bookingId: string }
  /** It stands in line, `at` such a moment of the line. What came of it in the same batch is told later. */
  | { readonly type: 'inLine'; readonly waiter: Waiter; readonly at: LineMoment }
  /** The idempotency key came before: the answer is the place that it was first given, as it was then. */
  | ({ readonly type: 'repeatedPlace' } & KeyedPlace)
  | { readonly type: 'inside' }
  /** The seats are as they were wanted; the show's version since they are, or before if nothing was to be done. */
  | { readonly type: 'seatsSet'; readonly version: number }
  /** The show's waiting room is on, and the session is not through it; its place in line or null. */
  | { readonly type: 'notAdmitted'; readonly waiter: Waiter | null }
  /** What a payment came to, now or when it was asked first. */
  | { readonly type: 'settled'; readonly as: Settlement }
  | { readonly type: 'refused'; readonly error: ErrorBody };
