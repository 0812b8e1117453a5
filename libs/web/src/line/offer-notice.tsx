import type { Booking } from '@usher/contract';
import type { HallMap } from '../seat-map/hall-map.js';
import { listSeatLabels } from '../seat-map/seat-text.js';
import { capitalize, formatTime } from '../ui/format.js';
import './line.css';

interface OfferNoticeProps {
  readonly map: HallMap;
  readonly offer: Booking | null;
}

/** Above everything else: on a telephone the hold itself is far below the map. Said aloud by `useLineSpoken`. */
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
