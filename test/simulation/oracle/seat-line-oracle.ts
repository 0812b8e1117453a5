import type { BookingRecord } from '../../../src/shows/core/model/booking-record.js';
import type { Waiter } from '../../../src/shows/core/model/waiter.js';
import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import { checkOfferBudget, offerLimit } from './budget-oracle.js';
import type { CheckedShow } from './checked-show.js';
import type { Expect } from './promises.js';
import type { ReferenceShow } from '../reference/reference-show.js';

/** Checks that the line for seats gives seats to the right waiters. */
export class SeatLineOracle {
  constructor(
    private readonly expect: Expect,
    private readonly countEvent: (event: string) => void,
  ) {}

  /**
   * Checks a reservation that a buyer made without the line. It is allowed only if no waiter could use a free seat at
   * that moment.
   */
  checkDirectReservation({ terms, fold }: CheckedShow, { bookingId, sessionId }: BookingRecord, at: number): void {
    const { showId } = terms;
    const isInside = terms.waitingRoom === null || fold.stays.has(sessionId);
    this.expect(
      'entryLimits',
      isInside,
      `${sessionId} reserved ${bookingId} at ${at} but is not inside show ${showId}`,
    );
    const free = freeSeats(fold);
    const first = waitersInOrder(fold).find(
      (waiter) => canHoldMore(terms, fold, waiter) && canUse(terms, free, waiter),
    );
    this.expect(
      'lineOrder',
      !first,
      `booking ${bookingId} overtook line ticket ${first?.lineTicket} of show ${showId}`,
    );
    const isStrict = terms.rules.strictLine && fold.lines.seats.waiting.size > 0;
    this.expect('lineOrder', !isStrict, `booking ${bookingId} overtook the strict line of show ${showId}`);
  }

  /** Checks a reservation that the line makes for a waiter. */
  checkReservationForLine({ terms, fold }: CheckedShow, booking: BookingRecord, at: number): void {
    const { bookingId, sessionId, lineTicket, seats } = booking;
    const { showId } = terms;
    const expectRule = (isKept: boolean, detail: string) => this.expect('lineOrder', isKept, detail);
    const waiter = fold.lines.seats.waiting.get(lineTicket ?? 0);
    const isWaiting = waiter?.sessionId === sessionId;
    expectRule(
      isWaiting,
      `booking ${bookingId} is for line ticket ${lineTicket} of show ${showId}, which does not wait`,
    );
    if (!waiter) return;
    expectRule(
      waiter.expiresAt > at,
      `line ticket ${lineTicket} of show ${showId} gets an offer after the end of its wait`,
    );
    const fits = seats.length === waiter.partySize && canUse(terms, seats, waiter);
    expectRule(
      fits,
      `line ticket ${lineTicket} of show ${showId} gets seats ${seats.join()}, which it did not ask for`,
    );
    const isWithinLimit = fold.heldBy(sessionId) + waiter.partySize <= seatLimit(terms);
    expectRule(isWithinLimit, `line ticket ${lineTicket} of show ${showId} gets more seats than its session may hold`);
    checkOfferBudget(terms, fold, waiter, this.expect);
    const free = freeSeats(fold);
    const ahead = waitersInOrder(fold).filter(({ place }) => (place ?? 0) < (waiter.place ?? 0));
    const overtaken = ahead.find((one) => canHoldMore(terms, fold, one) && canUse(terms, free, one));
    expectRule(
      !overtaken,
      `line ticket ${lineTicket} of show ${showId} was served before line ticket ${overtaken?.lineTicket}`,
    );
    if (ahead.length > 0) this.countEvent('line: a smaller party went first');
    if (!terms.rules.strictLine) return;
    const head = headOfStrictLine(terms, fold);
    const isHead = head?.lineTicket === lineTicket;
    expectRule(
      isHead,
      `line ticket ${lineTicket} of the strict line of show ${showId} was served before ${head?.lineTicket}`,
    );
  }

  /** Checks that an offered booking is a hold for the same line ticket. */
  checkOffer({ terms, fold }: CheckedShow, { lineTicket, bookingId }: { lineTicket: number; bookingId: string }): void {
    const isHeld = fold.live.get(bookingId)?.lineTicket === lineTicket && fold.lines.seats.waiting.has(lineTicket);
    const detail = `line ticket ${lineTicket} of show ${terms.showId} is offered booking ${bookingId}, which is not held for it`;
    this.expect('lineOrder', isHeld, detail);
    this.countEvent(terms.rules.strictLine ? 'line: offered in a strict line' : 'line: offered');
  }

  /** Checks that no waiter could use the seats that a commit leaves free. */
  checkAfterCommit({ terms, fold }: CheckedShow): void {
    const free = freeSeats(fold);
    const waiters = waitersInOrder(fold);
    const eligible = waiters.filter((waiter) => canHoldMore(terms, fold, waiter));
    const needsPass = (waiter: Waiter) =>
      !eligible.includes(waiter) && canHoldMore(terms, fold, { ...waiter, hasPassedChallenge: true });
    if (waiters.some((waiter) => needsPass(waiter) && canUse(terms, free, waiter))) {
      this.countEvent('line: held an offer back until the challenge');
    }
    const waitersToConsider = terms.rules.strictLine ? eligible.slice(0, 1) : eligible;
    const first = waitersToConsider.find((waiter) => canUse(terms, free, waiter));
    const detail = `seats ${free.join()} of show ${terms.showId} stay free, but line ticket ${first?.lineTicket} could use them`;
    this.expect('lineOrder', !first, detail);
  }
}

const seatLimit = ({ rules, seatsMax }: ShowTerms): number => rules.maxSeatsPerSession ?? seatsMax;

const freeSeats = (fold: ReferenceShow): number[] =>
  [...fold.seats().entries()].flatMap(([seat, status]) => (status === 0 ? seat : []));

const waitersInOrder = (fold: ReferenceShow): Waiter[] => fold.lines.seats.inOrder();

/** Returns whether these seats are enough for the request of a waiter. */
function canUse({ layout }: ShowTerms, seats: readonly number[], { partySize, tiers, kind }: Waiter): boolean {
  const fitting = seats.filter((at) => {
    const seat = layout.seats[at];
    return seat && (tiers === null || tiers.includes(seat.tier)) && (kind === null || seat.kind === kind);
  });
  return fitting.length >= partySize;
}

/** Returns whether a waiter's session and source may hold another `partySize` seats. */
function canHoldMore(terms: ShowTerms, fold: ReferenceShow, waiter: Waiter): boolean {
  const { sessionId, source, partySize } = waiter;
  if (fold.heldBy(sessionId) + partySize > seatLimit(terms)) return false;
  const [, held = 0] = fold.sources().find(([name]) => name === source) ?? [];
  return held + partySize <= offerLimit(terms, waiter);
}

/** Returns the waiter whom a strict line must serve next. */
const headOfStrictLine = (terms: ShowTerms, fold: ReferenceShow): Waiter | undefined =>
  waitersInOrder(fold).find((waiter) => canHoldMore(terms, fold, waiter));
