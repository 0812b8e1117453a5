import { SeatStatus } from '@usher/contract';
import type { Administered } from '../model/actor.js';
import { type ChangeKind, noChainLink, storedAsIs } from './change-kind.js';

/** Staff put blocked seats back on sale. */
export interface Unblocked extends Administered {
  readonly type: 'unblocked';
  readonly seats: readonly number[];
}

export const unblocked: ChangeKind<Unblocked> = {
  seats: ({ seats }) => ({ seats, status: SeatStatus.free, bookingId: null }),
  apply: () => null,
  chainLink: noChainLink,
  addRows: () => undefined,
  ...storedAsIs,
};
