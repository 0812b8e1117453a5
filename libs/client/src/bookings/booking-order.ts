import type { Booking, PaymentStatus } from '@usher/contract';

/** The statuses of a payment, from the earliest to the latest. */
const paymentStatusOrder: readonly PaymentStatus[] = [
  'pending',
  'declined',
  'failed',
  'succeeded',
  'refunding',
  'refunded',
];

/**
 * Returns whether a received state of a booking is newer than the known state. States may arrive in any order. If the
 * versions differ, the higher version is newer. If the versions are equal, only the payment and the end of the hold can
 * have changed, so the progress of the payment decides, and then the later end.
 */
export function isNewer(known: Booking, received: Booking): boolean {
  if (received.version !== known.version) return received.version > known.version;
  if (received.status !== known.status) return true;
  const [before, after] = [paymentRank(known), paymentRank(received)];
  const index = after.findIndex((value, at) => value !== before[at]);
  return index >= 0 && (after[index] ?? 0) > (before[index] ?? 0);
}

/**
 * Returns values that only grow while a booking is being paid. Compare them from first to last. A payment that took
 * money ranks above any payment that did not. A later payment ranks above an earlier one. Payment ids are UUIDv7, so
 * their order shows which payment is later. For the same payment, {@link paymentStatusOrder} decides. A hold ends later
 * once the provider has opened its payment.
 */
function paymentRank(booking: Booking): (string | number)[] {
  const { payment } = booking;
  const end = booking.status === 'reserved' ? booking.expiresAt : '';
  if (!payment) return [0, '', 0, end];
  const statusRank = paymentStatusOrder.indexOf(payment.status);
  return [statusRank >= paymentStatusOrder.indexOf('succeeded') ? 2 : 1, payment.paymentId, statusRank, end];
}
