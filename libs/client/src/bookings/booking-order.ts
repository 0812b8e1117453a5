import type { Booking, PaymentStatus } from '@usher/contract';

/** The order in which a payment's statuses follow each other. */
const progress: readonly PaymentStatus[] = ['pending', 'declined', 'failed', 'succeeded', 'refunding', 'refunded'];

/**
 * Whether one state of a booking is newer than another, in whichever order they came. Its version says so wherever seats
 * moved; between two versions only paying goes on.
 */
export function isNews(known: Booking, came: Booking): boolean {
  if (came.version !== known.version) return came.version > known.version;
  if (came.status !== known.status) return true;
  const [before, now] = [rank(known), rank(came)];
  const at = now.findIndex((value, index) => value !== before[index]);
  return at >= 0 && (now[at] ?? 0) > (before[at] ?? 0);
}

/**
 * What grows while a booking is paid: a payment that took money comes after any that did not, a later payment after an
 * earlier one (its id is a UUIDv7), its statuses in their order.
 */
function rank({ payment }: Booking): (string | number)[] {
  if (!payment) return [0, '', 0];
  const at = progress.indexOf(payment.status);
  return [at >= progress.indexOf('succeeded') ? 2 : 1, payment.paymentId, at];
}
