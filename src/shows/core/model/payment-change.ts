import type { BookingRecord } from './booking-record.js';

/** Money that goes back, decided with the seats that it was paid for. */
export interface RefundDue {
  readonly refundId: string;
  readonly paymentId: string;
  readonly bookingId: string;
  /** In the minor unit of {@link currency}; 0 where the fee is as high as the price. */
  readonly amount: number;
  readonly currency: string;
  /** `returned`: the payment found no seats. `whole`: the booking's last seats. `part`: some of its seats. */
  readonly kind: 'returned' | 'whole' | 'part';
  /** Present and true where the provider gave the money back before the service knew. */
  readonly isPaid?: boolean;
}

/** What paying does to a show. Each carries the booking as it is afterwards. */
export type PaymentChange =
  /** Paying began; the hold may last longer. */
  | { readonly type: 'paying'; readonly booking: BookingRecord }
  /** What the booking says of its payment, which may have ended before. */
  | { readonly type: 'marked'; readonly booking: BookingRecord }
  /** Seats are sold: those of a hold, or, after its end, free ones. */
  | { readonly type: 'booked'; readonly booking: BookingRecord; readonly paymentId: string }
  | {
      readonly type: 'refunded';
      readonly booking: BookingRecord;
      /** Those that are free now. */
      readonly seats: readonly number[];
      readonly refund: RefundDue;
    }
  /** A payment that took money found no seats. Null: the booking says nothing of it, another payment paid for it. */
  | { readonly type: 'returned'; readonly booking: BookingRecord | null; readonly refund: RefundDue };
