import { type ReactNode, useEffect, useRef } from 'react';
import { useSecondsUntil } from '../service/use-seconds-until.js';
import { useAnnounce } from '../ui/announcer.js';
import { formatCountdown, formatSpokenDuration } from '../ui/format.js';
import './bookings.css';

/**
 * Seconds before the end at which screen readers read the remaining time. If they read it every second, the user would
 * hear nothing else.
 */
const announcedSeconds = [120, 60, 30, 10];

/** If at most this many seconds are left, the countdown looks urgent. */
const urgentSeconds = 30;

interface HoldCountdownProps {
  readonly until: string;
  /** Text after the time. */
  readonly children?: ReactNode;
}

/** Shows the remaining time of a hold, measured on the server's clock. */
export function HoldCountdown({ until, children = 'left' }: HoldCountdownProps) {
  const announce = useAnnounce();
  const secondsLeft = useSecondsUntil(until);
  const before = useRef(secondsLeft);

  useEffect(() => {
    const isDue = announcedSeconds.some(
      (seconds) => before.current > seconds && secondsLeft <= seconds && secondsLeft > 0,
    );
    before.current = secondsLeft;
    if (isDue) announce(`You have ${formatSpokenDuration(secondsLeft)} left to keep your seats.`);
  }, [announce, secondsLeft]);

  return (
    <p className={secondsLeft <= urgentSeconds ? 'countdown countdown-soon' : 'countdown'} role="timer" aria-live="off">
      <span aria-hidden="true">{formatCountdown(secondsLeft)}</span>
      <span className="visually-hidden">{formatSpokenDuration(secondsLeft)}</span> {children}
    </p>
  );
}
