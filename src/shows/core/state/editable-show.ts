import type { LineName, SeatStatus } from '@usher/contract';
import type { Settlement } from '../commands/outcome.js';
import type { ChainLink } from '../line/chain.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { KeyUse } from '../model/key-use.js';
import type { Stay, Waiter } from '../model/waiter.js';

/** Seats that all get the same status. */
export interface SeatAssignment {
  readonly seats: readonly number[];
  readonly status: SeatStatus;
  /** The booking that has the seats from now on; null if the seats are free or blocked. */
  readonly bookingId: string | null;
}

/**
 * The parts and operations by which a change modifies a show. Two classes implement them: one is the committed state of
 * a show, the other the draft of a batch. So each kind of change defines its effect only once, for the two of them.
 */
export interface EditableShow {
  /** True if staff called the show off. */
  calledOff: boolean;
  /** Stores a new or changed booking. If the booking no longer holds seats, the show forgets it. */
  putBooking(booking: BookingRecord): void;
  /**
   * Ends a hold and returns the ended booking.
   *
   * @param version the show's version after the change
   * @throws Error if the show does not know the booking
   */
  endHold(bookingId: string, status: 'expired' | 'released', version: number): BookingRecord;
  setSeats(assignment: SeatAssignment): void;
  rememberKey(sessionId: string, key: string, use: KeyUse): void;
  settlePayment(paymentId: string, settlement: Settlement): void;
  joinLine(waiter: Waiter): void;
  /** Remembers that a waiter for seats has passed the challenge. Does nothing if no waiter with that line ticket waits. */
  passChallenge(lineTicket: number): void;
  /** Starts a stay in a show whose entry is metered. */
  startStay(stay: Stay): void;
  /** Ends the stay of a session. Does nothing if the session has none. */
  endStay(sessionId: string): void;
  /** Removes a waiter from its line. Does nothing if no waiter with that line ticket waits. */
  leaveLine(line: LineName, lineTicket: number): void;
  /** Draws the places of the lobby. The members of the lobby are the sessions that joined before the sale opened. */
  shuffleLobby(seed: string): void;
  /** Adds an entry to the hash chain of a line. */
  addChainLink(link: ChainLink, at: number): void;
}
