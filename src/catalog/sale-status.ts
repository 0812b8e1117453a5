import type { SaleStatus } from '@usher/contract';

/** The facts that decide the sale status. Times are milliseconds since 1970. */
export interface SaleFacts {
  /** Null if the sale has been open from the beginning. */
  readonly saleOpensAt: number | null;
  readonly saleClosesAt: number;
  readonly calledOff: boolean;
  readonly free: number;
  readonly seatCount: number;
}

/** A show whose share of free seats is smaller than this has the status `few`. */
const fewShare = 0.1;

/** Returns the sale status of a show at the time `now`. */
export function saleStatus(facts: SaleFacts, now: number): SaleStatus {
  if (facts.calledOff || now >= facts.saleClosesAt) return 'closed';
  if (facts.saleOpensAt !== null && now < facts.saleOpensAt) return 'upcoming';
  if (facts.free === 0) return 'full';
  return facts.free < facts.seatCount * fewShare ? 'few' : 'open';
}
