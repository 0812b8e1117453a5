import type { Booking, PaymentStatus } from '@usher/contract';

/** The statuses of a payment, in the order in which they follow each other. */
const paymentStatusOrder: readonly PaymentStatus[] = [
  'pending',
  'declined',
  'failed',
  'succeeded',
  'refunding',
  'refunded',
];

/**
 * Returns whether a received state of a booking is newer than the known state. States may arrive in any order. The
 * version decides if the seats changed between the two states. Between two versions, only the payment makes progress.
 */
export function isNewer(known: Booking, received: Booking): boolean {
  if (received.version !== known.version) return received.version > known.version;
  if (received.status !== known.status) return true;
  const [before, after] = [paymentRank(known), paymentRank(received)];
  const index = after.findIndex((value, at) => value !== before[at]);
  return index >= 0 && (after[index] ?? 0) > (before[index] ?? 0);
}

/**
 * Returns values that only grow while a booking is being paid. A payment that took money follows any payment that did not.
 * A later payment follows an earlier one, which the order of their ids shows, because they are UUIDv7. The statuses of one
 * payment follow {@link paymentStatusOrder}.
 */
function paymentRank({ payment }: Booking): (string | number)[] {
  if (!payment) return [0, '', 0];
  const statusRank = paymentStatusOrder.indexOf(payment.status);
  return [statusRank >= paymentStatusOrder.indexOf('succeeded') ? 2 : 1, payment.paymentId, statusRank];
}
