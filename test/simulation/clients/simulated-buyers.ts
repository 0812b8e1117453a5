import type { Random } from '../../../src/catalog/demo/random.js';
import type { BookingRecord } from '../../../src/shows/core/booking-record.js';
import type { Outcome, SeatRequest } from '../../../src/shows/core/command.js';
import type { ShowTerms } from '../../../src/shows/core/show-terms.js';
import type { Oracle } from '../oracle/oracle.js';
import type { SimulatedCalls } from './simulated-calls.js';
import type { SimulatedNode } from '../nodes/simulated-node.js';

export const sessions = ['ann', 'ben', 'cem', 'dia', 'eve', 'fay', 'gus'];

/** A reservation as a buyer wants it; sent once or, under its key, as often as the buyer likes. */
interface Order {
  readonly showId: number;
  readonly sessionId: string;
  readonly request: SeatRequest;
  readonly key: string | null;
}

/** Buyers without patience: they want the same few seats, send twice, give back, or forget what they hold. */
export class SimulatedBuyers {
  private readonly keyed: Order[] = [];
  private readonly held: { readonly showId: number; readonly booking: BookingRecord }[] = [];

  constructor(
    private readonly random: Random,
    private readonly calls: SimulatedCalls,
    private readonly terms: readonly ShowTerms[],
    private readonly oracle: Oracle,
  ) {}

  /** Somebody orders seats. */
  order(node: SimulatedNode): void {
    const { random } = this;
    const terms = random.pick(this.terms);
    const key = random.integer(2) === 0 ? `key-${this.keyed.length}` : null;
    const order = { showId: terms.showId, sessionId: random.pick(sessions), request: this.request(terms), key };
    if (key !== null) this.keyed.push(order);
    this.send(order, node);
  }

  /** Somebody sends an earlier order again under its key: after a crash, out of impatience, or with another body. */
  orderAgain(node: SimulatedNode): void {
    const { random, keyed } = this;
    if (keyed.length === 0) return;
    // The last ones rather than the first: it is while an order is under way that sending it twice is dangerous.
    const order = keyed[Math.max(0, keyed.length - 1 - random.integer(8))]!;
    const terms = this.terms.find(({ showId }) => showId === order.showId)!;
    this.send(random.integer(6) === 0 ? { ...order, request: this.request(terms) } : order, node);
  }

  /** Somebody gives back what they hold, or held: it may have run out, or been given back before. */
  release(node: SimulatedNode): void {
    if (this.held.length === 0) return;
    const { showId, booking } = this.held[Math.max(0, this.held.length - 1 - this.random.integer(6))]!;
    const { bookingId, sessionId } = booking;
    const serve = async () => {
      this.oracle.releaseAsked(bookingId);
      const outcome = await node.submit(showId, { type: 'release', bookingId, sessionId });
      this.oracle.released(showId, bookingId, outcome.type === 'done');
      this.calls.saw(`release: ${outcome.type}`);
    };
    const nothingDone = () => this.oracle.releaseDenied(showId, bookingId);
    this.calls.make(node, `${sessionId} releases ${bookingId}`, serve, nothingDone);
  }

  /** The line found seats for somebody, who may give them back. */
  offered(showId: number, booking: BookingRecord): void {
    this.held.push({ showId, booking });
  }

  private send(order: Order, node: SimulatedNode): void {
    const { sessionId, showId, request, key } = order;
    const bookingId = `b${this.calls.next}`;
    const serve = async () => {
      const usedKey = key === null ? null : { key, bodyHash: JSON.stringify(request) };
      this.oracle.asked(bookingId, 'best' in request ? request.best.count : request.seats.length);
      const command = { type: 'reserve', bookingId, sessionId, request, usedKey } as const;
      this.answered(order, bookingId, await node.submit(showId, command));
    };
    const label = `${sessionId} orders ${bookingId} of ${showId} ${JSON.stringify(request)}`;
    this.calls.make(node, label, serve, () => this.oracle.deny(showId, bookingId));
  }

  private answered({ showId, sessionId, request, key }: Order, bookingId: string, outcome: Outcome): void {
    const { oracle } = this;
    const { saw } = this.calls;
    if (outcome.type === 'done' && outcome.booking) {
      oracle.acknowledged(showId, outcome.booking);
      this.held.push({ showId, booking: outcome.booking });
      saw(outcome.booking.substituted ? 'reserve: substituted' : 'reserve: done');
      return;
    }
    oracle.deny(showId, bookingId);
    saw(`reserve: ${whatOf(outcome)}`);
    if (outcome.type !== 'repeated') return;
    oracle.repeated(showId, outcome.bookingId, sessionId, key ?? '', JSON.stringify(request));
  }

  private request(terms: ShowTerms): SeatRequest {
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

/** What came of an order, in words. */
function whatOf(outcome: Outcome): string {
  if (outcome.type !== 'refused') return outcome.type;
  const isKept = outcome.error.code === 'SHOW_FULL' && outcome.error.detail.startsWith('Others stand in line');
  return isKept ? 'kept for the strict line' : outcome.error.code;
}
