import type { Booking, PaymentStatus } from '@usher/contract';

/** Describes the state of a booking and its payment to the buyer. */
export interface PaymentText {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly title: string;
  readonly text: string;
}

/** Describes the payment of a booking. Returns null if the buyer has not started to pay. */
export function describePayment(booking: Booking): PaymentText | null {
  const status = booking.payment?.status;
  switch (booking.status) {
    case 'reserved':
      return status === undefined ? null : (heldTexts[status] ?? null);
    case 'booked':
      return booking.substituted ? substitutedText : paidText;
    case 'refunded':
      return status === 'refunded' ? refundedText : refundingText;
    case 'expired':
    case 'released':
      return describeEndedHold(booking.status, status);
  }
}

const heldTexts: Partial<Record<PaymentStatus, PaymentText>> = {
  pending: {
    tone: 'warn',
    title: 'Waiting for your payment',
    text: 'When your payment arrives, this page shows your tickets. You can leave it open, or come back later.',
  },
  declined: {
    tone: 'bad',
    title: 'The payment was declined',
    text: 'You were not charged, and we still hold your seats. You can try again, also with another card.',
  },
  failed: {
    tone: 'bad',
    title: 'The payment failed',
    text: 'You were not charged, and we still hold your seats. You can try again.',
  },
};

const paidText: PaymentText = { tone: 'good', title: 'Paid', text: 'Your seats are booked. Here are your tickets.' };

const substitutedText: PaymentText = {
  tone: 'warn',
  title: 'Paid, with other seats',
  text: 'The seats that you chose were taken. You have the nearest similar seats instead, at the same price.',
};

const refundingText: PaymentText = {
  tone: 'warn',
  title: 'Your refund is on its way',
  text: 'All seats of this booking were refunded. The money goes back to your payment method. Banks can take some days.',
};

const refundedText: PaymentText = {
  tone: 'good',
  title: 'Your refund was paid',
  text: 'All seats of this booking were refunded, and the money went back to your payment method.',
};

/** Describes the payment of a hold that expired or that its buyer released. */
function describeEndedHold(endedBy: 'expired' | 'released', status: PaymentStatus | undefined): PaymentText {
  const title = endedBy === 'expired' ? 'Your time ran out' : 'You released these seats';
  switch (status) {
    case 'pending':
      return {
        tone: 'warn',
        title,
        text: 'Your payment is still pending. If it arrives and the seats are still free, you get them. Otherwise you get your money back. This page shows the result.',
      };
    case 'refunding':
      return {
        tone: 'bad',
        title: 'Your payment came too late',
        text: 'Your seats were already taken, so you have no booking. The full amount is on its way back to your payment method.',
      };
    case 'refunded':
      return {
        tone: 'bad',
        title: 'Your payment came too late',
        text: 'Your seats were already taken, so you have no booking. The full amount was refunded to your payment method.',
      };
    default:
      return { tone: 'warn', title, text: 'You were not charged. The seats are on sale again.' };
  }
}
