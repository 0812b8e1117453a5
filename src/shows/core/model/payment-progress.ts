import type { PaymentStatus } from '@usher/contract';

/** In this order only: a message that comes late, or twice, moves nothing back. */
const order: readonly PaymentStatus[] = ['pending', 'declined', 'failed', 'succeeded', 'refunding', 'refunded'];

/** Whether a payment that is in one status can still come into another. */
export const isProgress = (from: PaymentStatus, to: PaymentStatus): boolean => order.indexOf(to) > order.indexOf(from);
