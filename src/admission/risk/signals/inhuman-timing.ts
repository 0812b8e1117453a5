import { RollingCount } from '../../../common/rolling-count.js';
import { pointsBeyond, type Signal } from './signal.js';

/** No hand chooses new seats in a shorter time. Clients may send a few calls at once, which the weights allow. */
const fastGapMs = 150;

/** Two pauses of a person differ by more than this share of the longer one. A timer's pauses do not. */
const steadyShare = 0.05;

/** Longer pauses are compared with no other pause, because people also do something once per minute. */
const steadyGapMsMax = 60_000;

const fastWeights = { free: 10, each: 4, max: 40 };
const steadyWeights = { free: 10, each: 3, max: 30 };
const earlyWeights = { free: 0, each: 10, max: 15 };

const fastWindowMs = 60_000;
const steadyWindowMs = 5 * 60_000;
const earlyWindowMs = 60 * 60_000;

/**
 * Observes when a session calls: many calls that follow each other faster than a hand can act or with equal pauses, and
 * holds that come sooner than a person can see the seats.
 */
export class InhumanTiming implements Signal {
  readonly name = 'inhumanTiming';
  private lastCallAt = -Infinity;
  private lastGapMs = Infinity;
  // Most sessions never need these counters, so they are created when they are first used.
  private fast: RollingCount | null = null;
  private steady: RollingCount | null = null;
  private early: RollingCount | null = null;

  /** Counts a call to hold seats or to join a line. */
  recordCall(now: number): void {
    const gapMs = Math.max(0, now - this.lastCallAt);
    if (gapMs < fastGapMs) (this.fast ??= new RollingCount(fastWindowMs)).add(now);
    else if (isSteady(gapMs, this.lastGapMs)) (this.steady ??= new RollingCount(steadyWindowMs)).add(now);
    this.lastGapMs = gapMs;
    this.lastCallAt = now;
  }

  /** Counts a hold that came sooner after a start, such as the opening of the sale, than a person can act. */
  recordEarlyHold(now: number): void {
    (this.early ??= new RollingCount(earlyWindowMs)).add(now);
  }

  points(now: number): number {
    return (
      pointsBeyond(this.fast?.at(now) ?? 0, fastWeights) +
      pointsBeyond(this.steady?.at(now) ?? 0, steadyWeights) +
      pointsBeyond(this.early?.at(now) ?? 0, earlyWeights)
    );
  }

  describe(now: number): string {
    const [fast, steady, early] = [this.fast, this.steady, this.early].map((count) => Math.round(count?.at(now) ?? 0));
    return `${fast} pauses under ${fastGapMs} ms in 1 min, ${steady} equal pauses in 5 min, ${early} holds at once after a start`;
  }
}

const isSteady = (gapMs: number, lastGapMs: number): boolean => {
  const longer = Math.max(gapMs, lastGapMs);
  return longer <= steadyGapMsMax && Math.abs(gapMs - lastGapMs) <= longer * steadyShare;
};
