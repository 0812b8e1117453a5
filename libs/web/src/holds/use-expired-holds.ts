import type { ShowView } from '@usher/client';
import type { Booking, PaymentStatus } from '@usher/contract';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { getSeatNumbers, type Hold } from '../bookings/booking.js';
import type { HallMap } from '../seat-map/hall-map.js';
import { listSeatLabels } from '../seat-map/seat-text.js';
import { useAnnounce } from '../ui/announcer.js';

/** A late payment with one of these statuses has its own notice, so its expired hold needs no notice. */
const unsettledStatuses: ReadonlySet<PaymentStatus | undefined> = new Set([
  'pending',
  'refunding',
  'refunded',
] as const);

const isExpired = (booking: Booking): booking is Hold =>
  booking.status === 'expired' && !unsettledStatuses.has(booking.payment?.status);

/** Returns the holds that expired while the page was open. Announces each of them once to screen readers. */
export function useExpiredHolds({ bookings, offer }: ShowView, map: HallMap) {
  const announce = useAnnounce();
  // Excludes offers, because the line has its own notice for the end of an offer.
  const [offerIds, setOfferIds] = useState<ReadonlySet<string>>(new Set());
  if (offer !== null && !offerIds.has(offer.bookingId)) setOfferIds(new Set([...offerIds, offer.bookingId]));
  const announcedIds = useRef(new Set<string>());
  const [dismissedIds, setDismissedIds] = useState<ReadonlySet<string>>(new Set());
  const expiredHolds = useMemo(
    () =>
      bookings.filter(isExpired).filter(({ bookingId }) => !dismissedIds.has(bookingId) && !offerIds.has(bookingId)),
    [bookings, dismissedIds, offerIds],
  );

  useEffect(() => {
    for (const booking of expiredHolds) {
      if (announcedIds.current.has(booking.bookingId)) continue;
      announcedIds.current.add(booking.bookingId);
      announce(
        `Your time for ${listSeatLabels(map, getSeatNumbers(booking))} ran out. Everyone can choose them again.`,
        'assertive',
      );
    }
  }, [announce, expiredHolds, map]);

  const dismissExpired = useCallback(
    () => setDismissedIds(new Set(bookings.filter(isExpired).map(({ bookingId }) => bookingId))),
    [bookings],
  );
  return { expiredHolds, dismissExpired };
}
