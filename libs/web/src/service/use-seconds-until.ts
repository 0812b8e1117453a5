import { secondsUntil } from '@usher/client';
import { useEffect, useState } from 'react';
import { useUsher } from './usher-context.js';

/** Four updates per second, so the shown second is never late by more than 250 ms. */
const updateIntervalMs = 250;

/** Returns the number of whole seconds until an instant on the server's clock, and keeps this number up to date. */
export function useSecondsUntil(instant: string): number {
  const usher = useUsher();
  const [secondsLeft, setSecondsLeft] = useState(() => secondsUntil(instant, usher.serverNow()));

  useEffect(() => {
    const update = () => setSecondsLeft(secondsUntil(instant, usher.serverNow()));
    update();
    const timer = setInterval(update, updateIntervalMs);
    return () => clearInterval(timer);
  }, [instant, usher]);

  return secondsLeft;
}
