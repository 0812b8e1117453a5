import type { BookingRecord } from '../../src/shows/core/model/booking-record.js';
import type { Waiter } from '../../src/shows/core/model/waiter.js';
import type { LogEntry } from '../../src/shows/core/log/log-entry.js';
import type { ShowChange } from '../../src/shows/core/log/show-change.js';

/** Maximum number of seats that a session may hold at once in these tests. */
const heldSeatsMax = 10;

/**
 * Reads a show's log and checks the promises about seats and waiters in the simplest way. All seats must have the same
 * tier and kind. Describes each violation in words.
 */
export class SeatHistory {
  readonly waiting = new Map<number, Waiter>();
  readonly offers: number[] = [];
  readonly violations: string[] = [];
  /** Number of reservations that buyers made without the line. */
  directReservationCount = 0;
  private lastTicket = 0;
  private readonly free: Set<number>;
  private readonly live = new Map<string, BookingRecord>();

  /** @param isStrict true if the line serves nobody before its head */
  constructor(
    entries: readonly LogEntry[],
    seatCount: number,
    private readonly isStrict: boolean,
  ) {
    this.free = new Set(Array.from({ length: seatCount }, (_, seat) => seat));
    entries.forEach((entry, index) => {
      if (entry.seq !== index + 1) this.violations.push(`log entry ${index + 1} has the seq ${entry.seq}`);
      for (const change of entry.changes) this.applyChange(change);
      const idle = this.nextToServe();
      if (idle)
        this.violations.push(
          `${this.free.size} seats stay free after commit ${entry.seq}, but line ticket ${idle.lineTicket} could use them`,
        );
    });
  }

  get heldSeatCount(): number[] {
    return [...this.live.values()].flatMap(({ seats }) => seats).toSorted((a, b) => a - b);
  }

  private applyChange(change: ShowChange): void {
    switch (change.type) {
      case 'reserved':
        this.reserve(change.booking);
        return;
      case 'ended':
        if (!this.live.delete(change.bookingId))
          this.violations.push(`booking ${change.bookingId} ended but was not live`);
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
          if (!this.free.delete(seat)) this.violations.push(`seat ${seat} was blocked but was not free`);
        return;
      case 'unblocked':
        for (const seat of change.seats) this.free.add(seat);
        return;
      case 'joined':
        this.join(change.waiter);
        return;
      case 'left':
        if (change.place !== null) this.waiting.delete(change.lineTicket);
        return;
      case 'offered':
        this.waiting.delete(change.lineTicket);
        this.offers.push(change.lineTicket);
        return;
      default:
        return;
    }
  }

  private join(waiter: Waiter): void {
    if (waiter.lineTicket !== this.lastTicket + 1)
      this.violations.push(`line ticket ${waiter.lineTicket} follows line ticket ${this.lastTicket}`);
    const before = [...this.waiting.values()].find(({ sessionId }) => sessionId === waiter.sessionId);
    if (before) this.violations.push(`one session has the line tickets ${before.lineTicket} and ${waiter.lineTicket}`);
    this.lastTicket = waiter.lineTicket;
    this.waiting.set(waiter.lineTicket, waiter);
  }

  private reserve(booking: BookingRecord): void {
    const first = this.nextToServe();
    if (booking.lineTicket === null) {
      this.directReservationCount++;
      const overtaken = this.isStrict ? [...this.waiting.values()][0] : first;
      if (overtaken)
        this.violations.push(`a buyer outside the line got seats that line ticket ${overtaken.lineTicket} should get`);
    } else if (first?.lineTicket !== booking.lineTicket) {
      this.violations.push(
        `line ticket ${booking.lineTicket} was offered seats that line ticket ${first?.lineTicket ?? 'none'} should get`,
      );
    }
    for (const seat of booking.seats)
      if (!this.free.delete(seat)) this.violations.push(`seat ${seat} was reserved twice`);
    this.live.set(booking.bookingId, booking);
  }

  /**
   * Returns the waiter with the lowest line ticket who could use the free seats. A strict line may serve only its head.
   */
  private nextToServe(): Waiter | undefined {
    let first: Waiter | undefined;
    for (const waiter of this.waiting.values()) {
      if (first && first.lineTicket < waiter.lineTicket) continue;
      if ((this.isStrict || waiter.partySize <= this.free.size) && this.canHoldMore(waiter)) first = waiter;
    }
    return first && first.partySize <= this.free.size ? first : undefined;
  }

  private canHoldMore({ sessionId, partySize }: Waiter): boolean {
    const held = [...this.live.values()].filter((one) => one.sessionId === sessionId && one.status === 'reserved');
    return held.reduce((sum, { seats }) => sum + seats.length, partySize) <= heldSeatsMax;
  }
}
