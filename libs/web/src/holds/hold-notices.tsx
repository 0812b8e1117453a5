import { getSeatNumbers } from '../bookings/booking.js';
import type { HallMap } from '../seat-map/hall-map.js';
import { listSeatLabels } from '../seat-map/seat-text.js';
import { capitalize } from '../ui/format.js';
import type { SeatHolds } from './use-seat-holds.js';

interface HoldNoticesProps {
  readonly map: HallMap;
  readonly seatHolds: SeatHolds;
}

/**
 * Shows expired holds and the last refusal. The hooks that provide these notices also announce them to screen readers.
 */
export function HoldNotices({ map, seatHolds }: HoldNoticesProps) {
  const { refusal, expiredHolds, isBusy, holdAlternative, dismissRefusal, dismissExpired } = seatHolds;
  const expiredSeats = expiredHolds.flatMap(getSeatNumbers);
  return (
    <>
      {expiredSeats.length > 0 && (
        <section className="notice notice-warn" aria-label="Time ran out">
          <p>
            <strong>Your time ran out.</strong> {capitalize(listSeatLabels(map, expiredSeats))} went back on sale. If
            they are still free, you can choose them again.
          </p>
          <button type="button" className="button" onClick={dismissExpired}>
            OK
          </button>
        </section>
      )}
      {refusal !== null && (
        <section className="notice notice-bad" aria-label="Refused">
          <p>
            <strong>{refusal.title}.</strong> {refusal.text}
          </p>
          <p className="actions">
            {refusal.alternativeSeats !== null && (
              <button type="button" className="button button-main" aria-disabled={isBusy} onClick={holdAlternative}>
                Hold these seats instead
              </button>
            )}
            <button type="button" className="button" onClick={dismissRefusal}>
              Dismiss
            </button>
          </p>
        </section>
      )}
    </>
  );
}
