import { useSecondsUntil } from '../service/use-seconds-until.js';
import { formatCountdown, formatSpokenDuration } from '../ui/format.js';
import '../bookings/bookings.css';

/** The countdown is shown only on the last day before the sale. Earlier, the date of the opening is more helpful. */
const shownSecondsMax = 24 * 60 * 60;

/** Shows the remaining time until the sale starts, measured on the server's clock. */
export function OpeningCountdown({ at }: { readonly at: string }) {
  const secondsLeft = useSecondsUntil(at);
  if (secondsLeft > shownSecondsMax) return null;
  if (secondsLeft === 0) return <p className="countdown">We are drawing the places …</p>;
  return (
    <p className="countdown" role="timer" aria-live="off">
      <span aria-hidden="true">{formatCountdown(secondsLeft)}</span>
      <span className="visually-hidden">{formatSpokenDuration(secondsLeft)}</span> until the sale starts
    </p>
  );
}
