import type { Booking, PaymentStatus } from '@usher/contract';

/** How a booking and its payment stand, as one says it. */
export interface PaymentText {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly title: string;
  readonly text: string;
}

/** Puts into words how a booking's payment stands; null where there is nothing to say: nobody has begun to pay. */
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
    text: 'As soon as it is through, this page shows your tickets by itself. You can leave it open, or come back later.',
  },
  declined: {
    tone: 'bad',
    title: 'The payment was declined',
    text: 'No money was taken, and your seats are still held. You can try again, with another card if you like.',
  },
  failed: {
    tone: 'bad',
    title: 'The payment did not come about',
    text: 'No money was taken, and your seats are still held. You can try again.',
  },
};

const paidText: PaymentText = { tone: 'good', title: 'Paid', text: 'Your seats are booked. Here are your tickets.' };

const substitutedText: PaymentText = {
  tone: 'warn',
  title: 'Paid, with other seats',
  text: 'The seats you chose were gone. You have these instead, which are the nearest like them, at the same price.',
};

const refundingText: PaymentText = {
  tone: 'warn',
  title: 'Your money is on its way back',
  text: 'All seats of this booking were given back. The money goes back the way you paid; banks may take some days.',
};

const refundedText: PaymentText = {
  tone: 'good',
  title: 'Your money was paid back',
  text: 'All seats of this booking were given back, and the money went back the way you paid.',
};

/** Of a hold that is over, by itself or by its holder's wish. */
function describeEndedHold(how: 'expired' | 'released', status: PaymentStatus | undefined): PaymentText {
  const title = how === 'expired' ? 'Your time ran out' : 'You gave these seats back';
  switch (status) {
    case 'pending':
      return {
        tone: 'warn',
        title,
        text: 'Your payment is still on its way. If it comes, you get these seats if they are still free, and else your money back. This page says which.',
      };
    case 'refunding':
      return {
        tone: 'bad',
        title: 'Your payment came too late',
        text: 'Your seats were gone by then, so nothing was booked. All of your money is on its way back the way you paid.',
      };
    case 'refunded':
      return {
        tone: 'bad',
        title: 'Your payment came too late',
        text: 'Your seats were gone by then, so nothing was booked. All of your money was paid back the way you paid.',
      };
    default:
      return { tone: 'warn', title, text: 'Nothing was paid. The seats are on sale again.' };
  }
}
