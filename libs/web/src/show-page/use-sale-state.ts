import { useEffect, useState } from 'react';
import { useUsher } from '../service/usher-context.js';
import { getSaleState, getSaleStateDurationMs, type SaleState, type SaleTimes } from './sale-state.js';

/**
 * Maximum duration of one timer. Timers are short, because the estimate of the server's clock gets better over time. In
 * addition, browsers end timers of more than 24 days too early.
 */
const timerMsMax = 60_000;

/** Returns the current {@link SaleState} of a show, and updates it as time passes. */
export function useSaleState(show: SaleTimes): SaleState {
  const usher = useUsher();
  const [now, setNow] = useState(() => usher.serverNow());
  const durationMs = getSaleStateDurationMs(show, now);
  useEffect(() => {
    if (durationMs === null) return;
    // The timer repeats, because the state can last longer than one period of the timer.
    const timer = setInterval(() => setNow(usher.serverNow()), Math.min(durationMs + 1, timerMsMax));
    return () => clearInterval(timer);
  }, [durationMs, usher]);
  return getSaleState(show, now);
}
