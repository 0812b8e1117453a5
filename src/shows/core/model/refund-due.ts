/**
 * Money that is returned to the buyer. The lane decides in one step about this money and about the seats that it paid
 * for.
 */
export interface RefundDue {
  readonly refundId: string;
  readonly paymentId: string;
  readonly bookingId: string;
  /** In the minor unit of {@link currency}; 0 if the fee is as high as the price. */
  readonly amount: number;
  readonly currency: string;
  /**
   * `returned`: the payment got no seats. `whole`: the last seats of the booking are refunded. `part`: the booking
   * keeps other seats.
   */
  readonly kind: 'returned' | 'whole' | 'part';
  /** Present and true if the provider had already returned the money when the service learned of it. */
  readonly isPaid?: boolean;
}
