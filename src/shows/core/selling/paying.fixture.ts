import { bookingOf, commitBatch, emptyState, reserveSeats } from '../../../../test/simulation/fixtures/commands.js';
import { smallShow, startAt } from '../../../../test/simulation/fixtures/small-show.js';
import type {
  BookCommand,
  Command,
  Outcome,
  PayCommand,
  PaymentOpenedCommand,
  RefundCommand,
} from '../commands/command.js';
import type { BookingRecord } from '../model/booking-record.js';
import type { RefundDue } from '../model/refund-due.js';
import type { ShowTerms } from '../model/show-terms.js';

export const holdMs = 10_000;
export const graceMs = 4000;

/** A show whose holds are longer than the service needs to open a payment. */
export const longHoldMs = 300_000;
export const longHolds = smallShow({ holdMs: longHoldMs });

/** A show that receives one command after another. */
export class Sale {
  now = startAt;
  readonly refunds: RefundDue[] = [];
  readonly state;

  constructor(private readonly terms: ShowTerms = smallShow()) {
    this.state = emptyState(terms);
  }

  /** Decides commands as one batch. @returns the outcome of the first command */
  put(...commands: Command[]): Outcome {
    const { outcomes, changes } = commitBatch(this.state, this.terms, commands, this.now);
    for (const change of changes) {
      if (change.type === 'refunded' || change.type === 'returned') this.refunds.push(change.refund);
    }
    return outcomes[0]!;
  }

  hold(...seats: number[]): BookingRecord {
    return bookingOf(this.put(reserveSeats(seats, { bookingId: `of ${seats.join()}` })));
  }

  statusOf(...seats: number[]): number[] {
    return seats.map((seat) => this.state.seats[seat] ?? -1);
  }
}

export const pay = ({ bookingId }: BookingRecord, paymentId = 'p1'): PayCommand => ({
  type: 'pay',
  bookingId,
  payment: { paymentId, provider: 'sandbox' },
});

export const opened = ({ bookingId }: BookingRecord): PaymentOpenedCommand => ({ type: 'paymentOpened', bookingId });

export const sumOf = (amounts: readonly number[]): number => amounts.reduce((sum, amount) => sum + amount, 0);

export const paid = (booking: BookingRecord, paymentId = 'p1', other: Partial<BookCommand> = {}): BookCommand => ({
  type: 'book',
  booking,
  payment: { paymentId, provider: 'sandbox' },
  captured: { amount: sumOf(booking.amounts), currency: 'EUR' },
  onConflict: 'refuse',
  ...other,
});

export const refund = ({ bookingId }: BookingRecord, other: Partial<RefundCommand> = {}): RefundCommand => ({
  type: 'refund',
  bookingId,
  seats: null,
  by: 'buyer',
  ...other,
});
