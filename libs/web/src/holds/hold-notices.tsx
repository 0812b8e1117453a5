import type { HallMap } from '../seat-map/hall-map.js';
import { listSeatLabels } from '../seat-map/seat-text.js';
import { capitalize } from '../ui/format.js';
import type { SeatHolds } from './use-seat-holds.js';

/** Why something was refused and what can be had instead; that a hold ran out. Both are said aloud where they arise. */
export function HoldNotices({ map, buying }: { readonly map: HallMap; readonly buying: SeatHolds }) {
  const { refusal, expired, busy, takeAlternative, dismissRefusal, dismissExpired } = buying;
  const ranOut = expired.flatMap(({ seats }) => seats.map(({ seat }) => seat));
  return (
    <>
      {ranOut.length > 0 && (
        <section className="notice notice-warn" aria-label="Time ran out">
          <p>
            <strong>Your time ran out.</strong> {capitalize(listSeatLabels(map, ranOut))} went back on sale. If they are
            still free you can choose them again.
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
            {refusal.alternative !== null && (
              <button type="button" className="button button-main" aria-disabled={busy} onClick={takeAlternative}>
                Take these instead
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
