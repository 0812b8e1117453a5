import type { ShowStore, ShowView } from '@usher/client';
import { useState } from 'react';
import { type Hold, isHeld } from '../bookings/booking.js';
import { describeError } from '../service/refusals.js';
import { useAnnounce } from '../ui/announcer.js';
import { HoldPanel } from './hold-panel.js';

interface HoldsOutsideHallProps {
  readonly store: ShowStore;
  readonly view: ShowView;
}

/**
 * Shows the holds of a buyer who is not in the hall. Either the stay ended before the hold, or the buyer got an offer
 * in line.
 */
export function HoldsOutsideHall({ store, view }: HoldsOutsideHallProps) {
  const announce = useAnnounce();
  const [isBusy, setIsBusy] = useState(false);

  const release = async ({ bookingId }: Hold) => {
    if (isBusy) return;
    setIsBusy(true);
    try {
      await store.release(bookingId);
      announce('Your seats were released.');
    } catch (error) {
      announce(describeError(error).text, 'assertive');
    } finally {
      setIsBusy(false);
    }
  };

  return view.bookings
    .filter(isHeld)
    .map((hold) => (
      <HoldPanel
        key={hold.bookingId}
        hold={hold}
        isOffer={hold.bookingId === view.offer?.bookingId}
        releaseAction={{ isBusy, release: (released) => void release(released) }}
      />
    ));
}
