import type { Buyer } from '../../access/index.js';

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
