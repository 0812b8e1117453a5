import type { AccessCodeAllowance, Show } from '@usher/contract';
import type { ServerClock } from '../connection/server-clock.js';
import type { ReservationContext } from './reservation-requests.js';

/** The parts of the client that a `LiveShow` uses. */
export interface LiveShowContext extends ReservationContext {
  readonly clock: ServerClock;
  readShow(): Promise<Show>;
  redeemAccessCode(code: string): Promise<AccessCodeAllowance>;
  /** Resolves when the server has processed an earlier `show:leave` of this show. */
  readonly previousLeave: Promise<void>;
  /**
   * Called when the store has shut down. `left` resolves when the server has processed the leave, or if the leave
   * fails.
   */
  onShutDown(left: Promise<void>): void;
}
