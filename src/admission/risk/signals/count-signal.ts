import type { RiskSignalName } from '@usher/contract';
import { RollingCount } from '../../../common/rolling-count.js';
import { pointsBeyond, type Signal } from './signal.js';

/** What a {@link CountSignal} counts, and how many points it gives. */
export interface CountWeights {
  readonly name: RiskSignalName;
  readonly windowMs: number;
  /** Number of events in the window that give no points. */
  readonly free: number;
  /** Points for each further event. */
  readonly each: number;
  /** Maximum number of points. */
  readonly max: number;
  /** The end of a sentence about the count, such as `calls in 10 s`. */
  readonly noun: string;
}

/** Counts events of one kind in a window of time, and gives points beyond a free number. */
export class CountSignal extends RollingCount implements Signal {
  constructor(private readonly weights: CountWeights) {
    super(weights.windowMs);
  }

  get name(): RiskSignalName {
    return this.weights.name;
  }

  points(now: number): number {
    return pointsBeyond(this.at(now), this.weights);
  }

  describe(now: number): string {
    return `${Math.round(this.at(now))} ${this.weights.noun}`;
  }
}
