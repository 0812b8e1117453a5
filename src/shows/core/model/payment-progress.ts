import type { PaymentStatus } from '@usher/contract';

/** The order of the statuses. A payment only moves forward, so a late or repeated message moves nothing back. */
const statusOrder: readonly PaymentStatus[] = ['pending', 'declined', 'failed', 'succeeded', 'refunding', 'refunded'];

/** Whether a payment can move from one status to another. */
export const isProgress = (from: PaymentStatus, to: PaymentStatus): boolean =>
  statusOrder.indexOf(to) > statusOrder.indexOf(from);
