/** Money that is returned to the buyer. The lane decides it together with the seats that the money paid for. */
export interface RefundDue {
  readonly refundId: string;
  readonly paymentId: string;
  readonly bookingId: string;
  /** In the minor unit of {@link currency}; 0 if the fee is as high as the price. */
  readonly amount: number;
  readonly currency: string;
  /** `returned`: the payment found no seats. `whole`: the last seats of the booking. `part`: some of its seats. */
  readonly kind: 'returned' | 'whole' | 'part';
  /** Present and true if the provider gave the money back before the service knew. */
  readonly isPaid?: boolean;
}
