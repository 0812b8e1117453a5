import type { Draft } from '../draft/draft.js';
import { canOffer } from '../draft/budget-refusals.js';
import { newBooking } from '../draft/new-booking.js';
import type { WaitingParties } from '../line/line-draft.js';
import { heldSeatsMax, isSaleOver } from '../model/show-terms.js';
import type { PartyRequest, Waiter } from '../model/waiter.js';
import { bestSeats, FreeCounts, type BestSeatsRequest } from '../seating/index.js';

/**
 * Maximum number of offers that one batch makes. In a large hall an offer takes up to 1 ms, and the batch keeps the
 * show's lock during that time. The next batch makes the remaining offers before anybody else can get the seats.
 */
const offersMax = 256;

/** Parties that wait with the same request. */
interface Candidates {
  readonly request: BestSeatsRequest;
  /** The parties after {@link first}. */
  readonly waiters: Iterator<Waiter>;
  /** The first party that may be offered seats. */
  readonly first: Waiter;
}

/** Converts a party's request to the form that {@link bestSeats} takes. */
export const toSeatRequest = ({ partySize, tiers, kind }: PartyRequest): BestSeatsRequest => ({
  count: partySize,
  ...(tiers && { tiers }),
  ...(kind && { kind }),
});

/**
 * Offers free seats to the waiters of the line for seats. If several waiters could use the seats, the one with the
 * lowest place gets them. A party for which too few seats fit keeps its place, and smaller parties behind it may be
 * served. In a strict line, nobody is served before the first waiter.
 *
 * Afterwards, no waiter can use the seats that are still free, so any session may have them. The exception is a batch
 * that stops at {@link offersMax}.
 */
export function offerSeats(draft: Draft): void {
  const { terms, waitersToConsider } = draft;
  const { seats: line } = draft.lines;
  if (waitersToConsider === 'nobody') return;
  draft.waitersToConsider = 'nobody';
  // Waiters may remain after the end of the sale, because one batch ends only a limited number of waits.
  if (draft.counts.free === 0 || line.waiting === 0 || isSaleOver(terms, draft.calledOff, draft.now)) return;
  const isStrict = terms.rules.strictLine;
  const free = new FreeCounts(terms.plan, draft.seats);
  // There were no seats for the earlier waiters. So if one waiter has joined since, only that one can get seats.
  const parties = waitersToConsider === 'all' || isStrict ? line.parties() : line.partiesLike(waitersToConsider);
  const queue = new CandidateQueue(
    parties.flatMap(({ request, waiters }) => nextCandidates(draft, toSeatRequest(request), waiters) ?? []),
  );
  for (let party = queue.take(); party; party = queue.take()) {
    // An offer of this loop may have used up the budget of the party's source. Then the party is not the first one any more.
    const isFirst = canHold(draft, party.first, party.request.count);
    // The number of free seats only falls. So a request that too few seats fit now cannot be served later in this loop.
    if (isFirst && free.fitting(party.request) < party.request.count) {
      if (isStrict) return;
      continue;
    }
    if (isFirst && draft.offerCount === offersMax) {
      draft.waitersToConsider = 'all';
      draft.hasMoreWork = true;
      return;
    }
    if (isFirst) free.take(offer(draft, party));
    const following = nextCandidates(draft, party.request, party.waiters);
    if (following) queue.add(following);
  }
}

/** Offers seats to a party. Returns the seats. */
function offer(draft: Draft, { request, first }: Candidates): readonly number[] {
  const { terms } = draft;
  const seats = bestSeats(terms.plan, draft.seats, request, { avoidGaps: terms.rules.singleSeatGap === 'soft' });
  if (!seats) throw new Error(`the free seats of show ${terms.showId} were counted wrongly`);
  const { lineTicket, place, sessionId, source } = first;
  const bookingId = draft.newId();
  const facts = { bookingId, sessionId, source, seats, substituted: false, usedKey: null, lineTicket };
  const booking = newBooking(draft, facts);
  draft.record({ type: 'reserved', booking });
  draft.record({ type: 'offered', lineTicket, place, sessionId, bookingId });
  draft.offerCount++;
  return seats;
}

/**
 * Skips the parties at the front whose sessions or sources would hold too many seats with the requested ones. They keep
 * their places. Returns the remaining candidates, or null if there are none.
 */
function nextCandidates(
  draft: Draft,
  request: BestSeatsRequest,
  waiters: WaitingParties['waiters'],
): Candidates | null {
  for (;;) {
    const { done, value } = waiters.next();
    if (done) return null;
    if (canHold(draft, value, request.count)) return { request, waiters, first: value };
  }
}

/** Whether a waiter may hold `count` more seats. */
const canHold = (draft: Draft, waiter: Waiter, count: number): boolean =>
  draft.heldBy(waiter.sessionId) + count <= heldSeatsMax(draft.terms) &&
  canOffer(draft.terms, draft.sources, waiter, count);

/** A queue of candidates in which the lowest line ticket is first. */
class CandidateQueue {
  /** The lowest line ticket is last, because the end of an array is the fastest place to remove an element. */
  private readonly parties: Candidates[];

  constructor(parties: readonly Candidates[]) {
    this.parties = parties.toSorted((a, b) => b.first.lineTicket - a.first.lineTicket);
  }

  take(): Candidates | undefined {
    return this.parties.pop();
  }

  add(party: Candidates): void {
    let [low, high] = [0, this.parties.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.parties[middle]!.first.lineTicket > party.first.lineTicket) low = middle + 1;
      else high = middle;
    }
    this.parties.splice(low, 0, party);
  }
}
