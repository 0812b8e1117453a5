import { SeatStatus } from '@usher/contract';
import { type BestSeatsRequest, acceptedTiers } from './best-seats.js';
import { type HallPlan, kindCodes } from './hall-plan.js';

const kindCount = Object.keys(kindCodes).length;

/**
 * Counts the free seats by tier and kind. After one scan of the hall, the counts can answer any number of requests. A
 * request can be granted if and only if `fitting` returns at least its count (see `bestSeats`).
 */
export class FreeCounts {
  /** The counts, sorted by tier number and, within a tier, by kind. */
  private readonly counts: Int32Array;

  constructor(
    private readonly plan: HallPlan,
    statuses: Uint8Array,
  ) {
    this.counts = new Int32Array(plan.tierCodes.size * kindCount);
    statuses.forEach((status, seat) => {
      if (status === SeatStatus.free) this.count(seat, 1);
    });
  }

  /** Removes seats that are no longer free. */
  take(seats: readonly number[]): void {
    for (const seat of seats) this.count(seat, -1);
  }

  /** Returns how many free seats fit a request. */
  fitting(request: Omit<BestSeatsRequest, 'count'>): number {
    const accepted = acceptedTiers(this.plan, request);
    const kind = request.kind === undefined ? null : kindCodes[request.kind];
    return this.counts.reduce((sum, count, at) => {
      const fits = (!accepted || accepted[Math.floor(at / kindCount)]) && (kind === null || at % kindCount === kind);
      return fits ? sum + count : sum;
    }, 0);
  }

  private count(seat: number, more: number): void {
    const place = this.plan.placeOf[seat]!;
    this.counts[this.plan.tier[place]! * kindCount + this.plan.kind[place]!]! += more;
  }
}
