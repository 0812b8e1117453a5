import type { Booking } from '@usher/contract';
import type { HallMap } from '../seat-map/hall-map.js';
import { listSeatLabels } from '../seat-map/seat-text.js';
import { capitalize, formatTime } from '../ui/format.js';
import './line.css';

interface OfferNoticeProps {
  readonly map: HallMap;
  readonly offer: Booking | null;
}

/**
 * Shows an offer above the map, because on a phone the hold itself is far below the map. `useLineAnnouncements` announces it to
 * screen readers.
 */
export function OfferNotice({ map, offer }: OfferNoticeProps) {
  if (offer === null || offer.expiresAt === null) return null;
  const seats = offer.seats.map(({ seat }) => seat);
  return (
    <section className="notice offer-notice" aria-label="Offer">
      <p>
        <strong>Your wait is over.</strong> {capitalize(listSeatLabels(map, seats))} {seats.length === 1 ? 'is' : 'are'}{' '}
        held for you until <strong>{formatTime(offer.expiresAt)}</strong> on your clock.
      </p>
    </section>
  );
}
