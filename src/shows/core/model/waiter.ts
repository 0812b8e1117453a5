import type { LineName, SeatKind } from '@usher/contract';

/** The seats that a party asks for: how many, and optionally which tiers or which kind. */
export interface PartyRequest {
  readonly partySize: number;
  /** The accepted tiers in alphabetical order, without duplicates; null for any tier. */
  readonly tiers: readonly string[] | null;
  readonly kind: SeatKind | null;
}

/** The place of one session in a line. Times are milliseconds since 1970 by the database's clock. */
export interface Waiter extends PartyRequest {
  readonly line: LineName;
  readonly lineTicket: number;
  /** The position in the order of service; null in an open lobby. */
  readonly place: number | null;
  readonly sessionId: string;
  readonly joinedAt: number;
  readonly expiresAt: number;
  readonly receipt: string;
  /** The source that joined the line (see `Buyer`). Null if the caller has no budget. */
  readonly source: string | null;
  /**
   * Whether the session has passed the challenge of the show, as far as the line knows. The line offers seats beyond the
   * free part of the source's budget only to such a session.
   */
  readonly hasPassedChallenge: boolean;
}

/** The stay of a session in a show whose entry is metered. */
export interface Stay {
  readonly sessionId: string;
  readonly admittedAt: number;
  /** The time at which the stay ends at the latest. */
  readonly until: number;
  /** The line ticket that was admitted; null if the session was admitted without waiting. */
  readonly lineTicket: number | null;
  /** The source that entered, or that joined the line before (see `Buyer`). Null if the caller has no budget. */
  readonly source: string | null;
}

/** Returns a text that is the same for all parties with the same request. */
export const requestKey = ({ partySize, tiers, kind }: PartyRequest): string =>
  JSON.stringify([partySize, kind, ...(tiers ?? [])]);
