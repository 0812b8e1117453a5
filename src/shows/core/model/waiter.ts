import type { LineName, QueueExpiredReason, SeatKind } from '@usher/contract';
import type { UsedKey } from './booking-record.js';
import type { KeyedPlace } from './keyed-place.js';

/** What a party wants: so many seats, of some tiers or of one kind or any. */
export interface PartyWish {
  readonly partySize: number;
  /** In alphabetical order, none twice; null: any. */
  readonly tiers: readonly string[] | null;
  readonly kind: SeatKind | null;
}

/** One session's place in a line. Times are milliseconds since 1970 by the database's clock. */
export interface Waiter extends PartyWish {
  readonly line: LineName;
  readonly ticket: number;
  /** The number by which the line is served; null in an open lobby. */
  readonly place: number | null;
  readonly sessionId: string;
  readonly joinedAt: number;
  readonly expiresAt: number;
  readonly receipt: string;
}

/** A session that is inside a show whose entry is metered. */
export interface Shopper {
  readonly sessionId: string;
  readonly admittedAt: number;
  /** When the stay ends at the latest. */
  readonly until: number;
  /** The ticket that was admitted; null: let in while nobody waited. */
  readonly ticket: number | null;
}

/** One thing that happened to a line or to those inside. Repeats what its readers need, so that the log alone tells it. */
export type LineChange =
  | { readonly type: 'joined'; readonly waiter: Waiter }
  | {
      /** Somebody waits no longer, or let an offer or an admission lapse; `reason` is null if the session chose it. */
      readonly type: 'left';
      readonly line: LineName;
      readonly ticket: number;
      /** Where it waited; null: in an open lobby, or it did not wait any longer. */
      readonly place: number | null;
      readonly sessionId: string;
      readonly kind: 'leave' | 'expire' | 'lapse';
      readonly reason: QueueExpiredReason | null;
    }
  | {
      readonly type: 'offered';
      readonly ticket: number;
      readonly place: number | null;
      readonly sessionId: string;
      readonly bookingId: string;
    }
  /** `place` is where it waited; null: it did not. */
  | { readonly type: 'entered'; readonly shopper: Shopper; readonly place: number | null }
  | { readonly type: 'stayEnded'; readonly sessionId: string }
  /** A join came with an idempotency key and was answered with this place. Nothing happened to the line. */
  | ({ readonly type: 'keyUsed'; readonly sessionId: string; readonly usedKey: UsedKey } & KeyedPlace)
  /** The lobby's places are drawn: `seed` is what was committed to, lower-case hex. */
  | { readonly type: 'shuffled'; readonly seed: string };

/** The name under which parties with the same wish stand together. */
export const wishKey = ({ partySize, tiers, kind }: PartyWish): string =>
  JSON.stringify([partySize, kind, ...(tiers ?? [])]);
