import { SeatStatus } from '@usher/contract';
import type { Administered } from '../model/actor.js';
import { type ChangeKind, noChainLink, storedAsIs } from './change-kind.js';

/** Staff took free seats off sale. */
export interface Blocked extends Administered {
  readonly type: 'blocked';
  readonly seats: readonly number[];
}

export const blocked: ChangeKind<Blocked> = {
  seats: ({ seats }) => ({ seats, status: SeatStatus.blocked, bookingId: null }),
  apply: () => null,
  chainLink: noChainLink,
  addRows: () => undefined,
  ...storedAsIs,
};
