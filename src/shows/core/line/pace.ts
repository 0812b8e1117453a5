import type { SecondsRange } from '@usher/contract';
import { type Measure, measure, Seconds, unevenOver } from './pace-measure.js';

/** An event that matters for the pace of a line. `opened`: a session joined the line when nobody waited. */
export interface PaceEvent {
  readonly kind: 'served' | 'left' | 'opened';
  /** Milliseconds. The events come in the order of the line's hash chain. */
  readonly at: number;
  /** The number of waiters; meaningless for `opened`. */
  readonly count: number;
}

/** A range in whole seconds. */
export interface WholeSeconds {
  readonly from: number;
  readonly to: number;
}

/** Maximum number of remembered seconds with a service. The oldest second only marks the start of the first gap. */
export const serviceSecondsMax = 385;

/** Maximum number of remembered seconds in which a waiter left. */
export const leaveSecondsMax = 64;

/** Half the width of a range in standard deviations. The range contains 84% of a normal distribution. */
const width = 1.4;

/** Maximum number of gaps from which the rest of the running gap is estimated. */
const restsMax = 128;

/**
 * How far a pace is assumed to drift, as a fraction of that pace, during a period as long as the one over which it was
 * measured.
 */
const drift = 0.06;

/** Upper limit for the place near the head of the line at which `perPlace` starts. */
const nearest = 6;

/**
 * Measures the pace at which a line is served, and estimates how long its waiters still wait. An estimate is a range
 * that contains the true wait in at least four of five cases. `test/simulation/pace/line-pace.test.ts` measures that
 * share.
 *
 * The model is a renewal process in which batches of waiters are served. The pace remembers the last {@link
 * serviceSecondsMax} seconds with a service. The mean and the unevenness come from the most recent seconds with a
 * constant rate, so the estimate follows a pace that changes. The wait then has nearly a Gamma distribution. Its mean
 * is the rest of the running gap plus the time for the batches before the waiter's own. Its variance adds up the
 * variances of these batches, of the measured rate and of a drift. If the pace has a trend, the range is wider in the
 * direction of that trend.
 *
 * The pace depends only on the events and on the times of the estimates. So every node that applies the same events
 * gives the same ranges. Recording a service takes 0.1 µs. The first estimate after it takes 9 µs, and any other
 * estimate 0.4 µs.
 */
export class Pace {
  private readonly services = new Seconds(serviceSecondsMax);
  private readonly leaves = new Seconds(leaveSecondsMax);
  private openedAt = -Infinity;
  /** Undefined if a waiter was served since the last measurement. */
  private measured: Measure | null | undefined;

  /**
   * Returns the pace after the last events of a line. The events must be in order. They give the same ranges as the
   * whole history if they include the last {@link serviceSecondsMax} clock seconds with a service, the last {@link
   * leaveSecondsMax} clock seconds with a departure, and all openings since the first of these services. The events of
   * one second may be merged into one event at the time of the first.
   */
  static from(events: Iterable<PaceEvent>): Pace {
    const pace = new Pace();
    for (const { kind, at, count } of events) {
      if (kind === 'served') pace.served(at, count);
      else if (kind === 'left') pace.left(at, count);
      else pace.opened(at);
    }
    return pace;
  }

  /** Records that waiters were admitted or offered seats. */
  served(at: number, count = 1): void {
    this.services.add(at, count, this.openedAt);
    this.measured = undefined;
  }

  /** Records that waiters left the line without being served. */
  left(at: number, count = 1): void {
    this.leaves.add(at, count, this.openedAt);
  }

  /** Records that a session joined an empty line. The time in which nobody waited says nothing about the pace. */
  opened(at: number): void {
    this.openedAt = at;
  }

  /**
   * Estimates how long a waiter still waits. Returns null if too little is known.
   *
   * @param ahead the number of waiters before that waiter
   * @param waiting the number of waiters in the line
   */
  eta(ahead: number, waiting: number, now: number): WholeSeconds | null {
    const range = this.range(ahead, waiting, now);
    return range && { from: roundDown(range.from / 1000), to: roundUp(range.to / 1000) };
  }

  /**
   * Returns the seconds per place as one range for all waiters; null if too little is known. From this range, a client
   * computes its own range as {@link etaFromPerPlace} does. The result is rougher than {@link Pace.eta}, because one
   * range must be wide enough for the places near the head.
   */
  perPlace(waiting: number, now: number): SecondsRange | null {
    const near = Math.max(2, Math.min(nearest, Math.ceil(waiting / 16)));
    const far = Math.max(near, waiting - 1);
    const first = this.range(near, waiting, now);
    const last = this.range(far, waiting, now);
    if (!first || !last) return null;
    return {
      from: roundToThreeDigits(Math.min(first.from / near, last.from / far) / 1000),
      to: roundToThreeDigits(Math.max(first.to / (near + 2), last.to / (far + 2)) / 1000),
    };
  }

  /** @returns the range in milliseconds */
  private range(ahead: number, waiting: number, now: number): SecondsRange | null {
    this.measured ??= measure(this.services);
    if (this.measured === null) return null;
    const last = this.services.at.at(-1) ?? now;
    const age = Math.max(0, now - Math.max(last, Math.min(this.openedAt, now)));
    const pace = aged(this.measured, age);
    const { gap, gaps, batch } = pace;
    // The next batch contains the first waiter and, on average, half a batch of waiters behind that one.
    const half = (1 - 1 / batch) / 2;
    const before = Math.max(0, this.servedBefore(ahead, waiting, pace, now) / batch - half);
    const rest = restOfGap(pace, this.services.gap, age);
    const mean = gap * (rest.mean + before);
    const batches = rest.variance + before * unevenOver(pace, before) + (half * half) / 3;
    const changes = drift * drift * (1 + mean / (gap * gaps));
    const variance = gap * gap * batches + mean * mean * (unevenOver(pace, Infinity) / gaps + changes);
    const { from, to } = gammaRange(mean, variance, width * (1 + 1 / gaps));
    // The trend may continue or end, so the range covers both cases.
    const longer = byTrend(pace, mean);
    return { from: from * Math.min(1, longer), to: to * Math.max(1, longer) };
  }

  /**
   * Estimates how many of the waiters ahead will be served. The others leave the line before that. If services have the
   * rate λ and each waiter leaves at the rate θ, then n waiters are gone after the time ln(1 + θn/λ)/θ.
   */
  private servedBefore(ahead: number, waiting: number, { since, gap, batch }: Measure, now: number): number {
    const { at, count, max, remembered } = this.leaves;
    const from = remembered < max ? since : Math.max(since, at[at.length - remembered]!);
    let left = 0;
    for (let index = at.length - 1; index >= 0 && at[index]! > from; index--) left += count[index]!;
    if (left === 0 || now <= from || waiting === 0) return ahead;
    const perService = (left / (now - from) / waiting) * (gap / batch);
    return Math.log1p(perService * ahead) / perService;
  }
}

/**
 * Returns the range that a client computes from {@link Pace.perPlace}. The function documents that formula and is used
 * by tests. The lower end counts only the waiters ahead. The upper end also counts the waiter's own place and the
 * running gap.
 */
export function etaFromPerPlace(ahead: number, { from, to }: SecondsRange): WholeSeconds {
  return { from: Math.floor(ahead * from), to: Math.ceil((ahead + 2) * to) };
}

/**
 * Returns a measure in which the past counts less if the running gap is surprisingly long. The pace has then probably
 * fallen.
 */
function aged(measured: Measure, age: number): Measure {
  const { gap, gaps, uneven } = measured;
  const surprise = age / (gap * Math.max(1, Math.sqrt(uneven)));
  if (surprise <= 1) return measured;
  const weight = Math.max(1, surprise > 4 ? gaps * Math.exp(4 - surprise) : gaps);
  return { ...measured, gaps: weight, gap: (weight * gap + age) / (weight + 1) };
}

/**
 * Estimates how much longer the running gap lasts, in units of the mean gap. The estimate uses the measured gaps that
 * were longer than the running gap is so far. If there are few of them, it assumes a Poisson process, or regular gaps
 * if the measured gaps are regular.
 */
function restOfGap(
  { gap, gaps, uneven }: Measure,
  all: readonly number[],
  age: number,
): { mean: number; variance: number } {
  const regular = Math.min(1, uneven);
  const expected = Math.max(regular, 1 - (age / gap) * (1 - regular));
  let [longer, sum, squares] = [2, 2 * expected, 2 * expected * (expected + regular)];
  for (let index = all.length - Math.min(restsMax, Math.floor(gaps)); index < all.length; index++) {
    const rest = (all[index]! - age) / gap;
    if (rest <= 0) continue;
    longer++;
    sum += rest;
    squares += rest * rest;
  }
  const mean = sum / longer;
  return { mean, variance: Math.max(squares / longer - mean * mean, 1 / 50) };
}

/**
 * Returns the factor by which a wait becomes longer if the trend continues. The trend is assumed to continue at most as
 * long as it was observed. The factor includes the change of the rate since the middle of the measured period and the
 * change until the wait is over.
 */
function byTrend({ trend, seen, gap, gaps }: Measure, wait: number): number {
  // As long as a line stands still, the gap grows but the observed time does not. Without this limit, the exponent
  // would be huge.
  const lag = Math.exp((-trend * Math.min(gap * gaps, seen)) / 2);
  const fall = Math.min(0.85, -trend * Math.min(wait * lag, seen));
  return Math.abs(fall) < 0.01 ? lag : (lag * -Math.log1p(-fall)) / fall;
}

/** Returns the middle part of a Gamma distribution, by the approximation of Wilson and Hilferty. */
function gammaRange(mean: number, variance: number, deviations: number): SecondsRange {
  const shape = Math.max(0.3, (mean * mean) / variance);
  const middle = 1 - 1 / (9 * shape);
  const reach = deviations / (3 * Math.sqrt(shape));
  return { from: mean * Math.max(0, middle - reach) ** 3, to: mean * (middle + reach) ** 3 };
}

/**
 * Returns the number of seconds to whose multiples a time is rounded. Long waits get rounder numbers. Rounding only
 * ever widens the range.
 */
const stepOf = (seconds: number): number => (seconds < 60 ? 1 : seconds < 600 ? 5 : 30);

const roundDown = (seconds: number): number => Math.floor(seconds / stepOf(seconds)) * stepOf(seconds);

const roundUp = (seconds: number): number => Math.ceil(seconds / stepOf(seconds)) * stepOf(seconds);

const roundToThreeDigits = (value: number): number => Number(value.toPrecision(3));
