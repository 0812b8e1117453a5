import type { Hold } from '../bookings/booking.js';
import { HoldCountdown } from '../bookings/hold-countdown.js';
import { useSecondsUntil } from '../service/use-seconds-until.js';
import { formatCountdown, formatSpokenDuration, formatTime } from '../ui/format.js';
import './payments.css';

/** Shows how long seats are held. After the buyer has started to pay, it also shows the extra time for the payment. */
export function HoldClocks({ hold }: { readonly hold: Hold }) {
  if (hold.holdEndsAt === undefined) return <HoldCountdown until={hold.expiresAt} />;
  return (
    <div className="hold-clocks">
      <HoldCountdown until={hold.expiresAt}>left to pay</HoldCountdown>
      <RegularHoldTime until={hold.holdEndsAt} />
    </div>
  );
}

/** Shows when the hold ends, or ended, if the extra time for the payment is not counted. */
function RegularHoldTime({ until }: { readonly until: string }) {
  const secondsLeft = useSecondsUntil(until);
  return (
    <p className="secondary-text">
      {secondsLeft > 0 ? (
        <>
          Your hold itself ends in <RemainingTime seconds={secondsLeft} />, at {formatTime(until)}. The extra time is
          for your payment, and you get it only once.
        </>
      ) : (
        <>
          Your hold itself ended at {formatTime(until)}. The extra time is for your payment, and you get it only once.
        </>
      )}
    </p>
  );
}

const RemainingTime = ({ seconds }: { readonly seconds: number }) => (
  <>
    <span aria-hidden="true" className="tabular-digits">
      {formatCountdown(seconds)}
    </span>
    <span className="visually-hidden">{formatSpokenDuration(seconds)}</span>
  </>
);
