import { HoldCountdown, useSecondsUntil } from '../bookings/hold-countdown.js';
import type { Hold } from '../bookings/booking.js';
import { formatCountdown, formatTime, formatSpokenDuration } from '../ui/format.js';
import './payments.css';

/** How long seats are kept: the hold's own time and, once paying has begun, the time that was added for it. */
export function HoldClocks({ hold }: { readonly hold: Hold }) {
  if (hold.holdEndsAt === undefined) return <HoldCountdown until={hold.expiresAt} />;
  return (
    <div className="hold-clocks">
      <HoldCountdown until={hold.expiresAt}>left to pay</HoldCountdown>
      <HoldOwnTime until={hold.holdEndsAt} />
    </div>
  );
}

/** The hold's own end, which paying has put off. */
function HoldOwnTime({ until }: { readonly until: string }) {
  const left = useSecondsUntil(until);
  return (
    <p className="secondary-text">
      {left > 0 ? (
        <>
          Of these, <HoldOwnCountdown left={left} /> are the hold’s own, until {formatTime(until)}; the rest was added,
          once, for paying.
        </>
      ) : (
        <>The hold’s own time ended at {formatTime(until)}. This is the time that was added, once, for paying.</>
      )}
    </p>
  );
}

const HoldOwnCountdown = ({ left }: { readonly left: number }) => (
  <>
    <span aria-hidden="true" className="tabular-digits">
      {formatCountdown(left)}
    </span>
    <span className="visually-hidden">{formatSpokenDuration(left)}</span>
  </>
);
