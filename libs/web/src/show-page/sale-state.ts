import type { Show } from '@usher/contract';

/** State of a show's sale at one moment. */
export type SaleState = 'open' | 'upcoming' | 'over' | 'calledOff';

/** The fields of a show that decide its sale state. */
export type SaleTimes = Pick<Show, 'calledOff' | 'saleOpensAt' | 'saleClosesAt'>;

/** Returns the sale state at `now`, in milliseconds since 1970 on the server's clock. */
export function getSaleState({ calledOff, saleOpensAt, saleClosesAt }: SaleTimes, now: number): SaleState {
  if (calledOff) return 'calledOff';
  if (now >= Date.parse(saleClosesAt)) return 'over';
  return saleOpensAt !== null && now < Date.parse(saleOpensAt) ? 'upcoming' : 'open';
}

/** Returns the milliseconds until the state changes because time passes, or null if it will not change in this way. */
export function getSaleStateDurationMs(
  { calledOff, saleOpensAt, saleClosesAt }: SaleTimes,
  now: number,
): number | null {
  if (calledOff) return null;
  const times = [saleOpensAt, saleClosesAt].flatMap((time) => (time === null ? [] : Date.parse(time)));
  const next = Math.min(...times.filter((time) => time > now));
  return Number.isFinite(next) ? next - now : null;
}
