import { SeatStatus } from '@usher/contract';
import { applyChange, isTermsChange, seatsAfter, touchesSeats } from '../log/change-kinds.js';
import type { ShowChange } from '../log/show-change.js';
import { termsAfterChange } from '../log/terms-after.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { ShowTerms } from '../model/show-terms.js';
import type { Waiter } from '../model/waiter.js';
import { ShowOverlay } from '../state/show-overlay.js';
import type { ShowState } from '../state/show-state.js';
import { createIds } from './create-ids.js';

/**
 * The work of one batch: the changes that the batch has recorded so far, on top of the committed state. Each decision
 * reads the draft and records its changes in it, so the next decision sees them.
 */
export class Draft extends ShowOverlay {
  readonly changes: ShowChange[] = [];
  /** The terms after the recorded changes. */
  terms: ShowTerms;
  /**
   * The waiters who may get seats now but could not when the line for seats was last served: all waiters, only the one
   * who has joined since, or nobody.
   */
  waitersToConsider: 'all' | 'nobody' | Waiter = 'nobody';
  /**
   * Whether some due work remains, because one batch does only a limited amount. The lane then runs another batch at
   * once.
   */
  hasMoreWork = false;

  /** The number of offers that the batch has made to waiters. */
  offerCount = 0;
  private readonly ids: () => string;

  /** @param now the time of the batch, in ms since 1970 by the database's clock */
  constructor(
    state: ShowState,
    terms: ShowTerms,
    readonly now: number,
  ) {
    super(state);
    this.terms = terms;
    this.ids = createIds(`${terms.showId} ${this.nextSeq}`, now);
  }

  /** Returns a new id for a booking or a refund. */
  newId(): string {
    return this.ids();
  }

  /**
   * Returns the number of seats that the session holds, owns or waits for in the line for seats. An offer of the line does
   * not change the sum, because the session then holds what it waited for.
   */
  seatsClaimedBy(sessionId: string): number {
    const seats = this.liveBookingsOf(sessionId).reduce((sum, booking) => sum + booking.seats.length, 0);
    const waiter = this.waiterOf(sessionId);
    return seats + (waiter?.line === 'seats' ? waiter.partySize : 0);
  }

  /** The number of the log entry that the batch writes if it changes anything. */
  get nextSeq(): number {
    return this.state.seq + 1;
  }

  /** The show's version after the recorded changes. */
  get version(): number {
    return this.changes.some(touchesSeats) ? this.nextVersion : this.state.version;
  }

  /** The show's version after the batch if the batch changes a seat. */
  get nextVersion(): number {
    return this.state.version + 1;
  }

  /** Records a change and applies it to the draft. Returns the booking that the change makes or changes, or null. */
  record(change: ShowChange): BookingRecord | null {
    this.changes.push(change);
    if (isTermsChange(change)) this.terms = termsAfterChange(this.terms, change);
    const booking = applyChange(this, change, { at: this.now, version: this.nextVersion });
    this.considerWaiters(change);
    return booking;
  }

  private considerWaiters(change: ShowChange): void {
    // A waiter whose session or source held too many seats may get seats after some of those are paid.
    // The same applies to a waiter that has passed the challenge.
    const frees = seatsAfter(change)?.status === SeatStatus.free || change.type === 'booked';
    if (frees || change.type === 'challengePassed') {
      this.waitersToConsider = 'all';
    } else if (change.type === 'joined' && change.waiter.line === 'seats') {
      this.waitersToConsider = this.waitersToConsider === 'nobody' ? change.waiter : 'all';
    } else if (change.type === 'left' && change.line === 'seats' && this.terms.rules.strictLine) {
      // In a strict line, there may be seats for the new first waiter although there were none for the one who left.
      this.waitersToConsider = 'all';
    }
  }
}
