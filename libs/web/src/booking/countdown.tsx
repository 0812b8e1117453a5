import { secondsLeft } from '@usher/client';
import { useEffect, useRef, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import { formatCountdown, spokenDuration } from '../ui/format.js';
import { useUsher } from '../usher.js';
import type { Hold } from './use-buying.js';

/** Seconds before the end at which the rest is said aloud. A clock that is read every second would drown the rest. */
const milestones = [120, 60, 30, 10];

/** How long a hold still lasts, on the server's clock. */
export function Countdown({ hold }: { readonly hold: Hold }) {
  const usher = useUsher();
  const announce = useAnnounce();
  const [left, setLeft] = useState(() => secondsLeft(hold, usher.serverNow()) ?? 0);
  const before = useRef(left);

  useEffect(() => {
    const tick = () => setLeft(secondsLeft(hold, usher.serverNow()) ?? 0);
    tick();
    // Four times a second: the shown second is never late by more than the eye forgives.
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [hold, usher]);

  useEffect(() => {
    const passed = milestones.find((milestone) => before.current > milestone && left <= milestone && left > 0);
    before.current = left;
    if (passed !== undefined) announce(`${spokenDuration(left)} left to keep your seats.`);
  }, [announce, left]);

  return (
    <p className={left <= 30 ? 'countdown countdown-soon' : 'countdown'} role="timer" aria-live="off">
      <span aria-hidden="true">{formatCountdown(left)}</span>
      <span className="visually-hidden">{spokenDuration(left)}</span> left
    </p>
  );
}
