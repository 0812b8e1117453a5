import type { Random } from '../../../src/catalog/demo/random.js';
import type { CommandSource } from '../../../src/shows/core/model/source.js';
import type { BookingRecord } from '../../../src/shows/core/model/booking-record.js';
import type { Outcome, SeatRequest } from '../../../src/shows/core/commands/command.js';
import { keptForLine } from '../../../src/shows/core/draft/refusals.js';
import type { ShowTerms } from '../../../src/shows/core/model/show-terms.js';
import type { SimulatedNode } from '../nodes/simulated-node.js';
import type { Oracle } from '../oracle/oracle.js';
import type { SimulatedCalls } from './simulated-calls.js';

/** The sessions of all buyers. They are few, so that buyers often get in each other's way. */
export const sessions = ['ann', 'ben', 'cem', 'dia', 'eve', 'fay', 'gus'];

/** The address or API key from which each session calls. Some sessions have passed the challenge. */
const callers: Readonly<Record<string, CommandSource>> = {
  ann: { source: 'address-1', hasPassedChallenge: true },
  ben: { source: 'address-1', hasPassedChallenge: false },
  cem: { source: 'address-1', hasPassedChallenge: true },
  dia: { source: 'address-2', hasPassedChallenge: false },
  eve: { source: 'address-2', hasPassedChallenge: true },
  fay: { source: 'key:1', hasPassedChallenge: false },
};

/** Returns the caller of a session. The last session has no budget. */
export const callerOf = (sessionId: string): CommandSource =>
  callers[sessionId] ?? { source: null, hasPassedChallenge: false };

/** One reservation that a buyer wants. A buyer sends it once, or repeatedly if it has an idempotency key. */
interface Order {
  readonly showId: number;
  readonly sessionId: string;
  readonly request: SeatRequest;
  readonly key: string | null;
}

/**
 * Simulates impatient buyers. They want the same few seats, send an order twice, release their holds, or let the holds
 * expire.
 */
export class SimulatedBuyers {
  private readonly ordersWithKey: Order[] = [];
  private readonly holds: { readonly showId: number; readonly booking: BookingRecord }[] = [];

  constructor(
    private readonly random: Random,
    private readonly calls: SimulatedCalls,
    private readonly terms: readonly ShowTerms[],
    private readonly oracle: Oracle,
  ) {}

  /** Lets a random buyer order seats. */
  placeOrder(node: SimulatedNode): void {
    const { random } = this;
    const terms = random.pick(this.terms);
    const key = random.integer(2) === 0 ? `key-${this.ordersWithKey.length}` : null;
    const sessionId = random.pick(sessions);
    const order = { showId: terms.showId, sessionId, request: this.randomRequest(terms), key };
    if (key !== null) this.ordersWithKey.push(order);
    this.send(order, node);
  }

  /**
   * Lets a buyer repeat an earlier order under its idempotency key, as a client does after a crash or out of
   * impatience. Some buyers change the body, which the node must refuse.
   */
  repeatOrder(node: SimulatedNode): void {
    const { random, ordersWithKey } = this;
    if (ordersWithKey.length === 0) return;
    // Picks a recent order, because the dangerous repetitions arrive while the first call is still under way.
    const order = ordersWithKey[Math.max(0, ordersWithKey.length - 1 - random.integer(8))]!;
    const terms = this.terms.find(({ showId }) => showId === order.showId)!;
    this.send(random.integer(6) === 0 ? { ...order, request: this.randomRequest(terms) } : order, node);
  }

  /** Lets a buyer release a hold. The hold may already have expired, or the buyer may have released it before. */
  releaseHold(node: SimulatedNode): void {
    if (this.holds.length === 0) return;
    const { showId, booking } = this.holds[Math.max(0, this.holds.length - 1 - this.random.integer(6))]!;
    const { bookingId, sessionId } = booking;
    const serve = async () => {
      this.oracle.recordRelease(bookingId);
      const outcome = await node.submit(showId, { type: 'release', bookingId, sessionId });
      this.oracle.checkReleaseOutcome(showId, bookingId, outcome.type === 'done');
      this.calls.countEvent(`release: ${outcome.type}`);
    };
    const onNoEffect = () => this.oracle.checkDeniedRelease(showId, bookingId);
    this.calls.send(node, `${sessionId} releases ${bookingId}`, serve, onNoEffect);
  }

  /** Remembers a hold that the line offered, so that its buyer may release it. */
  addOffer(showId: number, booking: BookingRecord): void {
    this.holds.push({ showId, booking });
  }

  private send(order: Order, node: SimulatedNode): void {
    const { sessionId, showId, request, key } = order;
    const bookingId = `b${this.calls.nextNumber}`;
    const serve = async () => {
      const usedKey = key === null ? null : { key, bodyHash: JSON.stringify(request) };
      this.oracle.recordReservation(bookingId, 'best' in request ? request.best.count : request.seats.length);
      const command = { type: 'reserve', bookingId, sessionId, request, usedKey, ...callerOf(sessionId) } as const;
      this.handleOutcome(order, bookingId, await node.submit(showId, command));
    };
    const label = `${sessionId} orders ${bookingId} of show ${showId}: ${JSON.stringify(request)}`;
    this.calls.send(node, label, serve, () => this.oracle.checkDeniedReservation(showId, bookingId));
  }

  private handleOutcome({ showId, sessionId, request, key }: Order, bookingId: string, outcome: Outcome): void {
    const { oracle } = this;
    const { countEvent } = this.calls;
    if (outcome.type === 'done' && outcome.booking) {
      oracle.checkAcknowledgedReservation(showId, outcome.booking);
      this.holds.push({ showId, booking: outcome.booking });
      countEvent(outcome.booking.substituted ? 'reserve: substituted' : 'reserve: done');
      return;
    }
    oracle.checkDeniedReservation(showId, bookingId);
    countEvent(`reserve: ${describeOutcome(outcome)}`);
    if (outcome.type !== 'repeated') return;
    oracle.checkRepeatedKey(showId, outcome.bookingId, sessionId, key ?? '', JSON.stringify(request));
  }

  private randomRequest(terms: ShowTerms): SeatRequest {
    const { random } = this;
    const kind = random.integer(20);
    if (kind < 6) {
      const tier = random.pick(['any', 'any', 'standard', 'premium']);
      const best = { count: 1 + random.integer(4) };
      return { best: tier === 'any' ? best : { ...best, tier } };
    }
    const { seatCount } = terms.layout;
    const onConflict = random.pick(['refuse', 'refuse', 'alternative'] as const);
    if (kind === 6) return { seats: random.pick([[], [3, 3], [seatCount], [-1, 2]]), onConflict };
    const first = random.integer(seatCount);
    const step = kind < 9 ? 2 : 1;
    const wanted = Array.from({ length: 1 + random.integer(4) }, (_, nth) => first + step * nth);
    return { seats: wanted.filter((seat) => seat < seatCount), onConflict };
  }
}

function describeOutcome(outcome: Outcome): string {
  if (outcome.type !== 'refused') return outcome.type;
  const isKept = outcome.error.code === 'SHOW_FULL' && outcome.error.detail === keptForLine(0).detail;
  return isKept ? 'kept for the strict line' : outcome.error.code;
}
