import { Countdown, useSecondsUntil } from '../booking/countdown.js';
import type { Hold } from '../booking/use-buying.js';
import { formatCountdown, formatTime, spokenDuration } from '../ui/format.js';

/** How long seats are kept: the hold's own time and, once paying has begun, the time that was added for it. */
export function HoldClocks({ hold }: { readonly hold: Hold }) {
  if (hold.holdEndsAt === undefined) return <Countdown until={hold.expiresAt} />;
  return (
    <div className="clocks">
      <Countdown until={hold.expiresAt}>left to pay</Countdown>
      <OwnTime until={hold.holdEndsAt} />
    </div>
  );
}

/** The hold's own end, which paying has put off. */
function OwnTime({ until }: { readonly until: string }) {
  const left = useSecondsUntil(until);
  return (
    <p className="quiet">
      {left > 0 ? (
        <>
          Of these, <OwnCountdown left={left} /> are the hold’s own, until {formatTime(until)}; the rest was added,
          once, for paying.
        </>
      ) : (
        <>The hold’s own time ended at {formatTime(until)}. This is the time that was added, once, for paying.</>
      )}
    </p>
  );
}

const OwnCountdown = ({ left }: { readonly left: number }) => (
  <>
    <span aria-hidden="true" className="digits">
      {formatCountdown(left)}
    </span>
    <span className="visually-hidden">{spokenDuration(left)}</span>
  </>
);
