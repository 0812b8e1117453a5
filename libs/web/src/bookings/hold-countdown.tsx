import { secondsUntil } from '@usher/client';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useAnnounce } from '../ui/announcer.js';
import { formatCountdown, formatSpokenDuration } from '../ui/format.js';
import { useUsher } from '../service/usher-context.js';
import './bookings.css';

/** Seconds before the end at which the rest is said aloud. A clock that is read every second would drown the rest. */
const announcedSeconds = [120, 60, 30, 10];

/** Whole seconds until an instant, on the server's clock, kept up to date. */
export function useSecondsUntil(instant: string): number {
  const usher = useUsher();
  const [left, setLeft] = useState(() => secondsUntil(instant, usher.serverNow()));

  useEffect(() => {
    const tick = () => setLeft(secondsUntil(instant, usher.serverNow()));
    tick();
    // Four times a second: the shown second is never late by more than the eye forgives.
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [instant, usher]);

  return left;
}

interface HoldCountdownProps {
  readonly until: string;
  /** What follows the time. */
  readonly children?: ReactNode;
}

/** How long a hold still lasts, on the server's clock. */
export function HoldCountdown({ until, children = 'left' }: HoldCountdownProps) {
  const announce = useAnnounce();
  const left = useSecondsUntil(until);
  const before = useRef(left);

  useEffect(() => {
    const passed = announcedSeconds.find((milestone) => before.current > milestone && left <= milestone && left > 0);
    before.current = left;
    if (passed !== undefined) announce(`${formatSpokenDuration(left)} left to keep your seats.`);
  }, [announce, left]);

  return (
    <p className={left <= 30 ? 'countdown countdown-soon' : 'countdown'} role="timer" aria-live="off">
      <span aria-hidden="true">{formatCountdown(left)}</span>
      <span className="visually-hidden">{formatSpokenDuration(left)}</span> {children}
    </p>
  );
}
