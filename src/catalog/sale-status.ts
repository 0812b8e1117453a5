import type { SaleStatus } from '@usher/contract';

/** What decides whether a show can be bought. Times are milliseconds since 1970. */
export interface SaleFacts {
  /** Null: from the beginning. */
  readonly saleOpensAt: number | null;
  readonly saleClosesAt: number;
  readonly calledOff: boolean;
  readonly free: number;
  readonly seatCount: number;
}

/** Under this share of free seats a show is said to have few. */
const fewShare = 0.1;

/** Whether a show can be bought at a time. */
export function saleStatus(facts: SaleFacts, now: number): SaleStatus {
  if (facts.calledOff || now >= facts.saleClosesAt) return 'closed';
  if (facts.saleOpensAt !== null && now < facts.saleOpensAt) return 'upcoming';
  if (facts.free === 0) return 'full';
  return facts.free < facts.seatCount * fewShare ? 'few' : 'open';
}
