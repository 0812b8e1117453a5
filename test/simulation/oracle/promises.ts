/** The promises of Usher that the oracle checks in a simulated run, each under a short name. */
export const promises = {
  seatSoldOnce: 'No seat is ever in two live bookings.',
  wholeBooking: 'A booking has all its seats or does not exist.',
  exactLog:
    "A show's versions have no gap and no repeat. " +
    'Folding the log of the show gives exactly its tables and the memory of every lane.',
  holdDuration: 'A hold ends at `expiresAt` and not before, and no hold outlives that time for long.',
  lineOrder:
    'Among the waiters who can use the seats, the waiter with the lowest place gets them. ' +
    'Nobody outside the line gets a seat while such a waiter exists.',
  truthfulAnswer:
    'The tables contain every result that a node acknowledged, and no effect of a command that a node refused.',
  mapsConverge:
    "A viewer's map always equals the show at the map's version, and soon after the last change it is up to date.",
  keyHasOneEffect: 'An idempotency key has one effect, however often a client sends it.',
  moneySettled: 'Every payment that took money ends as a booked seat or as a refund.',
  saleLimits: 'Seats are sold only during the sale, and a session never holds more seats than the show allows.',
  sourceBudgets:
    'No address and no API key ever has more unpaid seats or places than its budget allows. ' +
    'Without the challenge, the line gives an address no more than the free part.',
  lineMembership: 'Every waiter stays in line until the wait ends for a reason, and then leaves the line once.',
  entryLimits: 'Buyers enter a metered show in line order, at its pace, up to its capacity, and only for their stay.',
  verifiableProof: 'The published chain, lobby draw and receipts of a line pass verification.',
  truthfulPlace: 'A session that joins a line is told its true place.',
  noInternalError: 'A lane or a call fails only if the simulation injected a fault, and nothing waits forever.',
} as const;

export type PromiseName = keyof typeof promises;

/** A promise that a run broke. */
export interface Violation {
  readonly promise: PromiseName;
  /** Describes the event that broke the promise, with the ids involved. */
  readonly detail: string;
}

/** Checks one fact: records a violation of `promise`, described by `detail`, unless `isKept`. */
export type Expect = (promise: PromiseName, isKept: boolean, detail: string) => void;
