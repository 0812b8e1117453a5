import type { SecondsRange } from '@usher/contract';
import { type Measure, measure, Seconds, unevenOver } from './pace-measure.js';

/** What happened to a line, as far as its pace goes; `opened`: somebody joined it while nobody stood in it. */
export interface PaceEvent {
  readonly kind: 'served' | 'left' | 'opened';
  /** Milliseconds, in the order of the line's chain. */
  readonly at: number;
  /** How many waiters; says nothing for `opened`. */
  readonly count: number;
}

/** A range in whole seconds. */
export interface WholeSeconds {
  readonly from: number;
  readonly to: number;
}

/** So many seconds in which someone was served are remembered; the oldest only marks where the first gap begins. */
export const serviceSecondsMax = 385;

/** So many seconds in which someone left are remembered. */
export const leaveSecondsMax = 64;

/** Half of a range's width in standard deviations: of a normal distribution, 84% lies in it. */
const width = 1.4;

/** What is left of a gap is judged by no more gaps than these. */
const restsMax = 128;

/** How far a pace is taken to drift, as a share of it, within as long as it was measured. */
const drift = 0.06;

/** In `perPlace` a place so far from the head is the nearest one that counts. */
const nearest = 6;

/**
 * The pace at which a line is served, and from it how long its waiters wait: ranges that hold the true wait in at least
 * four of five cases (`test/simulation/pace/line-pace.test.ts` measures it).
 *
 * Services are taken as a renewal process of batches. Remembered are the last {@link serviceSecondsMax} seconds with a
 * service; of them the recent ones that agree on one rate give mean and unevenness, so that a pace that changed is
 * followed. The wait for a service then is near a Gamma distribution: its mean is what is left of the running gap and
 * the batches before one's own; its variance that of those batches, of the measured rate, and of a drift. A trend widens
 * the range to the side it leads to.
 *
 * It knows only the events that it was told and the moments that it is asked about, so the fold of the same events gives
 * the same ranges on every node. A service costs 0.1 µs, the first estimate after it 9 µs, the others 0.4 µs.
 */
export class Pace {
  private readonly services = new Seconds(serviceSecondsMax);
  private readonly leaves = new Seconds(leaveSecondsMax);
  private openedAt = -Infinity;
  /** Undefined: something was served since the last measure. */
  private measured: Measure | null | undefined;

  /**
   * The pace after a line's last events. The ranges are those of the whole history when these are there, in order: the
   * last {@link serviceSecondsMax} whole seconds (of the clock) with a service, the last {@link leaveSecondsMax} with a
   * leave, and the openings since the first service. A second's events may come as one, at the time of the first.
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

  /** Waiters were admitted or offered seats. */
  served(at: number, count = 1): void {
    this.services.add(at, count, this.openedAt);
    this.measured = undefined;
  }

  /** Waiters left the line unserved: they went, or their wait ended. */
  left(at: number, count = 1): void {
    this.leaves.add(at, count, this.openedAt);
  }

  /** Somebody joined an empty line: the time in which there was nobody to serve says nothing of the pace. */
  opened(at: number): void {
    this.openedAt = at;
  }

  /**
   * How long a waiter waits yet; null while too little is known.
   *
   * @param ahead how many are before it
   * @param waiting how many stand in the line
   */
  eta(ahead: number, waiting: number, now: number): WholeSeconds | null {
    const range = this.range(ahead, waiting, now);
    return range && { from: roundedDown(range.from / 1000), to: roundedUp(range.to / 1000) };
  }

  /**
   * Seconds a place, one range for all who wait; null while too little is known. A client makes its own of it by
   * {@link etaFromPerPlace}. One factor for all is rougher than {@link Pace.eta}: it has to be as wide as the places near
   * the head need it.
   */
  perPlace(waiting: number, now: number): SecondsRange | null {
    const near = Math.max(2, Math.min(nearest, Math.ceil(waiting / 16)));
    const far = Math.max(near, waiting - 1);
    const first = this.range(near, waiting, now);
    const last = this.range(far, waiting, now);
    if (!first || !last) return null;
    return {
      from: threeDigits(Math.min(first.from / near, last.from / far) / 1000),
      to: threeDigits(Math.max(first.to / (near + 2), last.to / (far + 2)) / 1000),
    };
  }

  /** @returns milliseconds */
  private range(ahead: number, waiting: number, now: number): SecondsRange | null {
    this.measured ??= measure(this.services);
    if (this.measured === null) return null;
    const last = this.services.at.at(-1) ?? now;
    const age = Math.max(0, now - Math.max(last, Math.min(this.openedAt, now)));
    const pace = aged(this.measured, age);
    const { gap, gaps, batch } = pace;
    // The head is in the next batch, and so are on average as many behind it as half a batch has.
    const half = (1 - 1 / batch) / 2;
    const before = Math.max(0, this.servedBefore(ahead, waiting, pace, now) / batch - half);
    const rest = restOfGap(pace, this.services.gap, age);
    const mean = gap * (rest.mean + before);
    const batches = rest.variance + before * unevenOver(pace, before) + (half * half) / 3;
    const changes = drift * drift * (1 + mean / (gap * gaps));
    const variance = gap * gap * batches + mean * mean * (unevenOver(pace, Infinity) / gaps + changes);
    const { from, to } = gammaRange(mean, variance, width * (1 + 1 / gaps));
    // A trend may go on or end: the range reaches from the one to the other.
    const longer = byTrend(pace, mean);
    return { from: from * Math.min(1, longer), to: to * Math.max(1, longer) };
  }

  /**
   * How many of those ahead are served before the waiter; the others leave. Where services have a rate of λ and each
   * waiter leaves at a rate of θ, n of them are gone after ln(1 + θn/λ)/θ.
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
 * What a client makes of {@link Pace.perPlace}; here for the tests, and to say what the formula is. From: those ahead and
 * nobody else. To: two places more, its own and one for the gap that is running.
 */
export function etaFromPerPlace(ahead: number, { from, to }: SecondsRange): WholeSeconds {
  return { from: Math.floor(ahead * from), to: Math.ceil((ahead + 2) * to) };
}

/** A gap that runs on for longer than it should is evidence that the pace fell: the past counts for less and less. */
function aged(measured: Measure, age: number): Measure {
  const { gap, gaps, uneven } = measured;
  const surprise = age / (gap * Math.max(1, Math.sqrt(uneven)));
  if (surprise <= 1) return measured;
  const weight = Math.max(1, surprise > 4 ? gaps * Math.exp(4 - surprise) : gaps);
  return { ...measured, gaps: weight, gap: (weight * gap + age) / (weight + 1) };
}

/**
 * What is left of the running gap, in mean gaps: what was left of the measured gaps that ran as long. Where few did, it
 * is as of a Poisson process, or of regular gaps where they are regular.
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
 * By what factor a wait is longer if the trend goes on, for as long as it was seen at most: by what the rate has changed
 * since the middle of what was measured, and by what it changes until the wait is over.
 */
function byTrend({ trend, seen, gap, gaps }: Measure, wait: number): number {
  // A line that stands still makes the gap longer, not the time in which the trend was seen: e to the power of an hour.
  const lag = Math.exp((-trend * Math.min(gap * gaps, seen)) / 2);
  const fall = Math.min(0.85, -trend * Math.min(wait * lag, seen));
  return Math.abs(fall) < 0.01 ? lag : (lag * -Math.log1p(-fall)) / fall;
}

/** The middle of a Gamma distribution, by the approximation of Wilson and Hilferty. */
function gammaRange(mean: number, variance: number, deviations: number): SecondsRange {
  const shape = Math.max(0.3, (mean * mean) / variance);
  const middle = 1 - 1 / (9 * shape);
  const reach = deviations / (3 * Math.sqrt(shape));
  return { from: mean * Math.max(0, middle - reach) ** 3, to: mean * (middle + reach) ** 3 };
}

/** Nobody wants "from 4,127 s": the longer the wait, the rounder its ends, and always outwards. */
const stepOf = (seconds: number): number => (seconds < 60 ? 1 : seconds < 600 ? 5 : 30);

const roundedDown = (seconds: number): number => Math.floor(seconds / stepOf(seconds)) * stepOf(seconds);

const roundedUp = (seconds: number): number => Math.ceil(seconds / stepOf(seconds)) * stepOf(seconds);

const threeDigits = (value: number): number => Number(value.toPrecision(3));
