import type { PaymentStatus } from '@usher/contract';

/**
 * The statuses of a payment in their order. A payment only moves forward, so a late or repeated message never moves it
 * back.
 */
const statusOrder: readonly PaymentStatus[] = ['pending', 'declined', 'failed', 'succeeded', 'refunding', 'refunded'];

/** Whether a payment can move from one status to another. */
export const isProgress = (from: PaymentStatus, to: PaymentStatus): boolean =>
  statusOrder.indexOf(to) > statusOrder.indexOf(from);
