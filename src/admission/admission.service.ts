import { Injectable } from '@nestjs/common';
import type { Buyer } from '../access/index.js';
import { RiskService } from './risk/risk.service.js';

/** A call with which a buyer wants something of which a show has only so much. */
export interface SaleCall {
  /** `enter`: see the show. `join`: get a place in a line. `reserve`: hold seats. */
  readonly action: 'enter' | 'join' | 'reserve';
  readonly showId: number;
  readonly buyer: Buyer;
  /** The number of seats that the call asks for; 1 for `enter`. */
  readonly seatCount: number;
  /** The seats that the buyer chose; null if the service chooses the seats, or if the call asks for no seats. */
  readonly seats: readonly number[] | null;
}

/** Decides which buyers may ask a show's lane for seats or places. */
@Injectable()
export class Admission {
  constructor(private readonly risk: RiskService) {}

  /**
   * Admits a call to the show's lane. Returns null if the call is admitted at once, because most calls are and a hot show
   * must not wait for a promise.
   *
   * @throws DomainError also through the promise
   */
  admit(call: SaleCall): Promise<void> | null {
    return this.risk.admit(call);
  }
}
