import type { ErrorBody } from '@usher/contract';
import type { BookingRecord } from '../model/booking-record.js';
import type { KeyedPlace, LineMoment } from '../model/keyed-place.js';
import type { Waiter } from '../model/waiter.js';

/**
 * The command was carried out. `booking` is the booking after the command, or null if the command concerns no booking.
 */
export interface Done<Booking extends BookingRecord | null = null> {
  readonly type: 'done';
  readonly booking: Booking;
}

/** The session no longer has holds, a wait or a stay in the show, and its paid bookings belong to a pseudonym. */
export interface Erased {
  readonly type: 'erased';
  /** The number of the last log entry that may contain the session's id. */
  readonly lastSeq: number;
}

/** What a pattern no longer has. */
export interface PatternReleased {
  readonly type: 'released';
  /** The number of seats that are free now. */
  readonly seats: number;
  /** The number of waits and stays that ended. */
  readonly places: number;
  /** False if the pattern still has seats or places, because one command ends only a limited number. */
  readonly isComplete: boolean;
}

/** The command was not carried out, and the show is unchanged. */
export interface Refused {
  readonly type: 'refused';
  readonly error: ErrorBody;
}

/**
 * An earlier command with the same idempotency key made this booking. The caller gets the same answer as the first
 * time.
 */
export interface Repeated {
  readonly type: 'repeated';
  readonly bookingId: string;
}

/**
 * An earlier command with the same idempotency key joined the line. The caller gets that place as it was right after
 * the first join.
 */
export interface RepeatedPlace extends KeyedPlace {
  readonly type: 'repeatedPlace';
}

/** The booking no longer holds seats. Its row says which status it has now. */
export interface NotLive {
  readonly type: 'notLive';
  readonly bookingId: string;
}

/** The session waits in a line. If the same batch also serves the session, a later message notifies the session. */
export interface InLine {
  readonly type: 'inLine';
  readonly waiter: Waiter;
  /** The line right after the session joined. */
  readonly at: LineMoment;
}

/** The session may see the show. */
export interface Entered {
  readonly type: 'entered';
}

/** The show's waiting room is on and has not admitted the session. */
export interface NotAdmitted {
  readonly type: 'notAdmitted';
  /** The session's place in the line for entry; null if it has none. */
  readonly waiter: Waiter | null;
}

/** The seats have the status that the command asked for. */
export interface SeatsSet {
  readonly type: 'seatsSet';
  /** The show's version after the command. */
  readonly version: number;
}

/** The result of a payment that took money: its seats are booked, or the money is returned. */
export type Settlement = 'booked' | 'returned';

/** The payment is settled, by this command or by an earlier one. */
export interface Settled {
  readonly type: 'settled';
  readonly as: Settlement;
}
