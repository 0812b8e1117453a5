import { useEffect, useState } from 'react';
import { useUsher } from '../service/usher-context.js';
import { type SaleState, getSaleState, getSaleStateDurationMs, type SaleTimes } from './sale-state.js';

/** Longest time that one timer runs: the server's clock is known better with time, and timers end early past 24 days. */
const timerMsMax = 60_000;

/** {@link SaleState} of a show, kept right as time passes. */
export function useSaleState(show: SaleTimes): SaleState {
  const usher = useUsher();
  const [now, setNow] = useState(() => usher.serverNow());
  const lasts = getSaleStateDurationMs(show, now);
  useEffect(() => {
    if (lasts === null) return;
    // Again and again, as a state may last longer than one timer.
    const timer = setInterval(() => setNow(usher.serverNow()), Math.min(lasts + 1, timerMsMax));
    return () => clearInterval(timer);
  }, [lasts, usher]);
  return getSaleState(show, now);
}
