import type { BestSeats, ErrorBody } from '@usher/contract';
import type { BookingRecord, UsedKey } from './booking-record.js';

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

export type Command = ReserveCommand | ReleaseCommand | ExpireCommand;

/** What became of one command. */
export type Outcome =
  /** Done; expiring answers so too, with no booking. */
  | { readonly type: 'done'; readonly booking: BookingRecord | null }
  /** The idempotency key came before: the answer is the one that this booking was first given. */
  | { readonly type: 'repeated'; readonly bookingId: string }
  /** The booking does not hold seats any longer; its row says what it is now. */
  | { readonly type: 'notLive'; readonly bookingId: string }
  | { readonly type: 'refused'; readonly error: ErrorBody };
