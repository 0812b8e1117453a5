import type { ShowStore, ShowView } from '@usher/client';
import { useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import { HoldPanel } from './hold-panel.js';
import { describeError } from '../service/refusals.js';
import { type Hold, isHeld } from '../bookings/booking.js';

/** What is held for somebody who is not inside: their stay is over, the hold is not; or seats were found for them. */
export function HoldsOutsideHall({ store, view }: { readonly store: ShowStore; readonly view: ShowView }) {
  const announce = useAnnounce();
  const [busy, setBusy] = useState(false);

  const release = async ({ bookingId }: Hold) => {
    if (busy) return;
    setBusy(true);
    try {
      await store.release(bookingId);
      announce('Your seats were given back.');
    } catch (thrown) {
      announce(describeError(thrown).text, 'assertive');
    } finally {
      setBusy(false);
    }
  };

  return view.bookings
    .filter(isHeld)
    .map((hold) => (
      <HoldPanel
        key={hold.bookingId}
        hold={hold}
        isOffer={hold.bookingId === view.offer?.bookingId}
        releasing={{ busy, release: (one) => void release(one) }}
      />
    ));
}
