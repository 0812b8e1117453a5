import type { Draft } from '../draft/draft.js';
import { newBooking } from '../draft/new-booking.js';
import { bestSeats, FreeCounts, type SeatWish } from '../seating/index.js';
import { heldSeatsMax, isSaleOver, type ShowTerms } from '../model/show-terms.js';
import type { WishParties } from '../line/line-draft.js';
import type { PartyWish, Waiter } from '../model/waiter.js';

/**
 * Offers that one batch makes at most: each takes up to a millisecond in a large hall, all of it under the show's lock.
 * What is left over goes to the next batch, and to nobody else before it.
 */
const offersMax = 256;

/** Parties that wait with the same wish; those of them that cannot be offered anything now are passed over. */
interface Candidates {
  readonly wish: SeatWish;
  readonly waiters: Iterator<Waiter>;
  /** The first who may be offered seats. */
  readonly first: Waiter;
}

/** A party's wish in the words of seat choice. */
export const seatWish = ({ partySize, tiers, kind }: PartyWish): SeatWish => ({
  count: partySize,
  ...(tiers && { tiers }),
  ...(kind && { kind }),
});

/**
 * Gives free seats to those who wait for them: of the waiters who could use them, always to the one with the lowest
 * place. A party that too few seats fit keeps its place, and smaller ones behind it may be served; in a strict line
 * nobody is served before the head. Afterwards no waiter could use the free seats, so whoever else asks may have them,
 * unless {@link offersMax} cut it short.
 *
 * @param nextId names the bookings that are made
 */
export function giveSeats(draft: Draft, terms: ShowTerms, now: number, nextId: () => string): void {
  const { seats: line } = draft.lines;
  const { mayBeServed } = draft;
  if (mayBeServed === 'nobody') return;
  draft.mayBeServed = 'nobody';
  // More may wait than one batch sends home when the sale ends.
  if (draft.freeSeats === 0 || line.waiting === 0 || isSaleOver(terms, draft.calledOff, now)) return;
  const isStrict = terms.rules.strictLine;
  const free = new FreeCounts(terms.plan, draft.seats);
  // Who came when all others had been looked at, and found nothing, is the only one who can find something.
  const parties = mayBeServed === 'all' || isStrict ? line.wishes() : line.partiesLike(mayBeServed);
  const queue = new Queue(parties.flatMap(({ wish, waiters }) => next(seatWish(wish), waiters, draft, terms) ?? []));
  for (let party = queue.take(); party; party = queue.take()) {
    // Seats only become fewer: a wish that too few fit is out for this batch.
    if (free.fitting(party.wish) < party.wish.count) {
      if (isStrict) return;
      continue;
    }
    if (draft.offersMade === offersMax) {
      draft.mayBeServed = 'all';
      draft.isCut = true;
      return;
    }
    free.take(offer(draft, terms, party, now, nextId()));
    const following = next(party.wish, party.waiters, draft, terms);
    if (following) queue.add(following);
  }
}

function offer(draft: Draft, terms: ShowTerms, { wish, first }: Candidates, now: number, bookingId: string) {
  const seats = bestSeats(terms.plan, draft.seats, wish, { avoidGaps: terms.rules.singleSeatGap === 'soft' });
  if (!seats) throw new Error(`the free seats of show ${terms.showId} were counted wrongly`);
  const { ticket, sessionId } = first;
  const made = { bookingId, sessionId, seats, substituted: false, usedKey: null, ticket };
  draft.offer(first, newBooking(terms, { ...made, version: draft.nextVersion }, now));
  return seats;
}

/** The next party that is allowed as many seats as it waits for: a session may hold only so many. */
function next(wish: SeatWish, waiters: WishParties['waiters'], draft: Draft, terms: ShowTerms): Candidates | null {
  for (;;) {
    const { done, value } = waiters.next();
    if (done) return null;
    if (draft.heldBy(value.sessionId) + wish.count <= heldSeatsMax(terms)) return { wish, waiters, first: value };
  }
}

/** Candidates, the lowest ticket first. */
class Queue {
  /** The lowest ticket last, where it is taken from. */
  private readonly parties: Candidates[];

  constructor(parties: readonly Candidates[]) {
    this.parties = parties.toSorted((a, b) => b.first.ticket - a.first.ticket);
  }

  take(): Candidates | undefined {
    return this.parties.pop();
  }

  add(party: Candidates): void {
    let [low, high] = [0, this.parties.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.parties[middle]!.first.ticket > party.first.ticket) low = middle + 1;
      else high = middle;
    }
    this.parties.splice(low, 0, party);
  }
}
