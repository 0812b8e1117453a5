import type { Show } from '@usher/contract';

/** Whether seats of a show can be bought at a moment, and if not, why. */
export type SaleState = 'open' | 'upcoming' | 'over' | 'calledOff';

/** What decides it. */
export type SaleTimes = Pick<Show, 'calledOff' | 'saleOpensAt' | 'saleClosesAt'>;

/** @param now in ms since 1970, by the server's clock */
export function getSaleState({ calledOff, saleOpensAt, saleClosesAt }: SaleTimes, now: number): SaleState {
  if (calledOff) return 'calledOff';
  if (now >= Date.parse(saleClosesAt)) return 'over';
  return saleOpensAt !== null && now < Date.parse(saleOpensAt) ? 'upcoming' : 'open';
}

/** After how many ms the state changes by the clock alone; null: never. */
export function getSaleStateDurationMs(
  { calledOff, saleOpensAt, saleClosesAt }: SaleTimes,
  now: number,
): number | null {
  if (calledOff) return null;
  const times = [saleOpensAt, saleClosesAt].flatMap((time) => (time === null ? [] : Date.parse(time)));
  const next = Math.min(...times.filter((time) => time > now));
  return Number.isFinite(next) ? next - now : null;
}
