import { useEffect, useState } from 'react';
import { formatCountdown, formatSpokenDuration } from '../ui/format.js';
import { useUsher } from '../service/usher-context.js';
import '../bookings/bookings.css';

/** With more time left the day says more than a clock that runs. */
const secondsMax = 24 * 60 * 60;

/** How long until the sale opens, on the server's clock. */
export function OpeningCountdown({ at }: { readonly at: string }) {
  const usher = useUsher();
  const [left, setLeft] = useState(() => secondsUntil(at, usher.serverNow()));

  useEffect(() => {
    const tick = () => setLeft(secondsUntil(at, usher.serverNow()));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [at, usher]);

  if (left > secondsMax) return null;
  if (left === 0) return <p className="countdown">The places are being drawn …</p>;
  return (
    <p className="countdown" role="timer" aria-live="off">
      <span aria-hidden="true">{formatCountdown(left)}</span>
      <span className="visually-hidden">{formatSpokenDuration(left)}</span> until the sale opens
    </p>
  );
}

const secondsUntil = (at: string, now: number): number => Math.max(0, Math.ceil((Date.parse(at) - now) / 1000));
