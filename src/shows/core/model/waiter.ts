import type { LineName, SeatKind } from '@usher/contract';

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

/** The name under which parties with the same wish stand together. */
export const wishKey = ({ partySize, tiers, kind }: PartyWish): string =>
  JSON.stringify([partySize, kind, ...(tiers ?? [])]);
