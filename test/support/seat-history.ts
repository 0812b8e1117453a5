import type { BookingRecord } from '../../src/shows/core/model/booking-record.js';
import type { Waiter } from '../../src/shows/core/model/waiter.js';
import type { LogEntry } from '../../src/shows/core/log/log-entry.js';
import type { ShowChange } from '../../src/shows/core/log/show-change.js';

/** Seats of one show that a session may hold at once in these tests. */
const heldMax = 10;

/**
 * A show's log read in the plainest way by what the promises say of seats and of those who wait for them, where every
 * seat is of one tier and kind. Says what was broken, in words.
 */
export class SeatHistory {
  readonly waiting = new Map<number, Waiter>();
  readonly offers: number[] = [];
  readonly violations: string[] = [];
  /** How often somebody outside the line was given seats. */
  directReservationCount = 0;
  private lastTicket = 0;
  private readonly free: Set<number>;
  private readonly live = new Map<string, BookingRecord>();

  /** @param strict whether nobody is served before the head of the line */
  constructor(
    entries: readonly LogEntry[],
    seatCount: number,
    private readonly strict: boolean,
  ) {
    this.free = new Set(Array.from({ length: seatCount }, (_, seat) => seat));
    entries.forEach((entry, index) => {
      if (entry.seq !== index + 1) this.violations.push(`entry ${index + 1} has the seq ${entry.seq}`);
      for (const change of entry.changes) this.take(change);
      const idle = this.firstServed();
      if (idle) this.violations.push(`${this.free.size} seats stay free after ${entry.seq} while ${idle.ticket} waits`);
    });
  }

  get heldSeatCount(): number[] {
    return [...this.live.values()].flatMap(({ seats }) => seats).toSorted((a, b) => a - b);
  }

  private take(change: ShowChange): void {
    switch (change.type) {
      case 'reserved':
        this.reserve(change.booking);
        return;
      case 'ended':
        if (!this.live.delete(change.bookingId)) this.violations.push(`${change.bookingId} ended, but did not live`);
        for (const seat of change.seats) this.free.add(seat);
        return;
      case 'booked':
        if (this.live.get(change.booking.bookingId)?.status !== 'reserved') {
          for (const seat of change.booking.seats)
            if (!this.free.delete(seat)) this.violations.push(`seat ${seat} was sold twice`);
        }
        this.live.set(change.booking.bookingId, change.booking);
        return;
      case 'refunded':
        for (const seat of change.seats) this.free.add(seat);
        if (change.booking.status === 'refunded') this.live.delete(change.booking.bookingId);
        else this.live.set(change.booking.bookingId, change.booking);
        return;
      case 'blocked':
        for (const seat of change.seats)
          if (!this.free.delete(seat)) this.violations.push(`seat ${seat} was blocked, but not free`);
        return;
      case 'unblocked':
        for (const seat of change.seats) this.free.add(seat);
        return;
      case 'joined':
        this.join(change.waiter);
        return;
      case 'left':
        if (change.place !== null) this.waiting.delete(change.ticket);
        return;
      case 'offered':
        this.waiting.delete(change.ticket);
        this.offers.push(change.ticket);
        return;
      default:
        return;
    }
  }

  private join(waiter: Waiter): void {
    if (waiter.ticket !== this.lastTicket + 1) this.violations.push(`${waiter.ticket} comes after ${this.lastTicket}`);
    const before = [...this.waiting.values()].find(({ sessionId }) => sessionId === waiter.sessionId);
    if (before) this.violations.push(`one session has the tickets ${before.ticket} and ${waiter.ticket}`);
    this.lastTicket = waiter.ticket;
    this.waiting.set(waiter.ticket, waiter);
  }

  private reserve(booking: BookingRecord): void {
    const first = this.firstServed();
    if (booking.ticket === null) {
      this.directReservationCount++;
      const robbed = this.strict ? [...this.waiting.values()][0] : first;
      if (robbed) this.violations.push(`an outsider got seats that were kept for ${robbed.ticket}`);
    } else if (first?.ticket !== booking.ticket) {
      this.violations.push(`${booking.ticket} was offered seats that ${first?.ticket ?? 'nobody'} was to have`);
    }
    for (const seat of booking.seats) if (!this.free.delete(seat)) this.violations.push(`seat ${seat} was given twice`);
    this.live.set(booking.bookingId, booking);
  }

  /** The lowest ticket that could use what is free; in a strict line nobody when that is not the lowest of all. */
  private firstServed(): Waiter | undefined {
    let first: Waiter | undefined;
    for (const waiter of this.waiting.values()) {
      if (first && first.ticket < waiter.ticket) continue;
      if ((this.strict || waiter.partySize <= this.free.size) && this.mayHold(waiter)) first = waiter;
    }
    return first && first.partySize <= this.free.size ? first : undefined;
  }

  private mayHold({ sessionId, partySize }: Waiter): boolean {
    const held = [...this.live.values()].filter((one) => one.sessionId === sessionId && one.status === 'reserved');
    return held.reduce((sum, { seats }) => sum + seats.length, partySize) <= heldMax;
  }
}
