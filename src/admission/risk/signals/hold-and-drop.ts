import { RollingCount } from '../../../common/rolling-count.js';
import { pointsBeyond, type Signal } from './signal.js';

const windowMs = 30 * 60_000;

/** The weights of {@link HoldAndDrop} for a session or for a source. */
export interface DropWeights {
  /** Number of rounds in half an hour that give no points. */
  readonly free: number;
  /** Number of further free rounds for each booking that was paid in the same time. */
  readonly freePerBooking: number;
  readonly each: number;
  readonly max: number;
}

/** Calls during a cool-down. A person who tries again a few times gets no points. */
const ignoredWeights = { free: 3, each: 5, max: 30 };

/**
 * Observes holds that end unpaid. A round is a hold that was made after the last round had ended, so a buyer who holds
 * ten seats one by one and gives them back makes one round.
 */
export class HoldAndDrop implements Signal {
  readonly name = 'holdAndDrop';
  private readonly rounds = new RollingCount(windowMs);
  private readonly bookings = new RollingCount(windowMs);
  private readonly ignored = new RollingCount(windowMs);

  constructor(private readonly weights: DropWeights) {}

  /** Counts a hold that ended unpaid. */
  recordRound(now: number): void {
    this.rounds.add(now);
  }

  /** Counts a paid booking. */
  recordBooking(now: number): void {
    this.bookings.add(now);
  }

  /** Counts a call to hold seats during a cool-down. */
  recordIgnoredCoolDown(now: number): void {
    this.ignored.add(now);
  }

  points(now: number): number {
    const { free, freePerBooking, each, max } = this.weights;
    const allowed = free + freePerBooking * this.bookings.at(now);
    return (
      pointsBeyond(this.rounds.at(now), { free: allowed, each, max }) +
      pointsBeyond(this.ignored.at(now), ignoredWeights)
    );
  }

  describe(now: number): string {
    const [rounds, bookings, ignored] = [this.rounds, this.bookings, this.ignored].map((count) =>
      Math.round(count.at(now)),
    );
    return `${rounds} holds ended unpaid and ${bookings} were paid in 30 min; ${ignored} calls during a cool-down`;
  }
}
