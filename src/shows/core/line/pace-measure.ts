/** Minimum number of gaps between services for a measurement. */
const gapsMin = 4;

/**
 * Candidate lengths of the measured period, in gaps. The measurement uses the longest period whose rate agrees with the
 * rates of all shorter ones.
 */
const windows = [6, 9, 14, 20, 32, 48, 72, 128, 200, 384];

/** Spans, in gaps, over which the unevenness is measured. Services that come in waves are uneven over long spans. */
const spans = [1, 2, 4, 8, 16, 32];

/** Two rates disagree if their logarithms differ by more than this number of standard errors. */
const contradiction = 1.7;

/**
 * Number of seconds by which the arrays may exceed their maximum. Old seconds are removed in groups, because that is
 * cheaper.
 */
const slack = 64;

/** The latest seconds in which an event happened, oldest first. At most `max` of them count. */
export class Seconds {
  /** The time of the first event of each second, in ms. */
  readonly at: number[] = [];
  readonly count: number[] = [];
  /** The time since the previous second with an event, or since the line opened if it opened later. */
  readonly gap: number[] = [];

  constructor(readonly max: number) {}

  /** @param openedAt the last time at which a session joined the empty line */
  add(at: number, count: number, openedAt: number): void {
    const last = this.at.length - 1;
    const before = this.at[last] ?? at;
    // Events of the same second count as one batch, even if they come from several commits of the lane.
    if (last >= 0 && Math.floor(at / 1000) <= Math.floor(before / 1000)) {
      this.count[last]! += count;
      return;
    }
    this.at.push(at);
    this.count.push(count);
    this.gap.push(at - Math.max(before, Math.min(openedAt, at)));
    if (this.at.length < this.max + slack) return;
    for (const column of [this.at, this.count, this.gap]) column.splice(0, slack);
  }

  /** The number of remembered seconds. They are the last elements of the arrays. */
  get remembered(): number {
    return Math.min(this.max, this.at.length);
  }
}

/** A summary of the services in a part of the past. Times are milliseconds. */
interface Stretch {
  /** The number of gaps between seconds with a service. */
  readonly gaps: number;
  /** Mean length of a gap. */
  readonly gap: number;
  /** Mean number of waiters served after a gap. */
  readonly batch: number;
  /** Variance of the deviation from the mean pace per gap, in units of `gap²`. It is 1 for a Poisson process. */
  readonly uneven: number;
}

/** The pace in the most recent part of the past, during which the rate did not change. */
export interface Measure extends Stretch {
  /** The start of that part. */
  readonly since: number;
  /** The unevenness over each of the {@link spans}. */
  readonly unevenBySpan: readonly number[];
  /** The slope of the logarithm of the rate per millisecond, over all remembered seconds. */
  readonly trend: number;
  /** The length of the period in which the trend was observed. */
  readonly seen: number;
}

/**
 * Measures the pace over the longest recent period in which the rate did not change. Returns null if too little is
 * known.
 */
export function measure(seconds: Seconds): Measure | null {
  // The oldest second only marks the beginning, because the length of its gap is unknown.
  const known = seconds.remembered - 1;
  if (known < gapsMin) return null;
  const end = seconds.at.length;
  let best = stretch(seconds, end, Math.min(windows[0]!, known));
  let [low, high] = [-Infinity, Infinity];
  for (const wanted of windows) {
    const longer = stretch(seconds, end, Math.min(wanted, known));
    const logRate = Math.log(longer.batch / longer.gap);
    const error = contradiction * Math.sqrt(longer.uneven / longer.gaps);
    low = Math.max(low, logRate - error);
    high = Math.min(high, logRate + error);
    if (low > high) break;
    best = longer;
    if (wanted >= known) break;
  }
  const since = seconds.at[end - 1 - best.gaps] ?? 0;
  return { ...best, since, unevenBySpan: unevenBySpan(seconds, best), ...trendOf(seconds, known) };
}

/** Returns the unevenness over the longest measured span that is not longer than `gaps`. */
export function unevenOver({ unevenBySpan: uneven }: Measure, gaps: number): number {
  let index = 0;
  while (index + 1 < uneven.length && spans[index + 1]! <= gaps) index++;
  return uneven[index] ?? 1;
}

/** Summarises the last `gaps` gaps before `end`. @param end the index after the last second */
function stretch({ count, gap }: Seconds, end: number, gaps: number): Stretch {
  let [time, served] = [0, 0];
  for (let index = end - gaps; index < end; index++) {
    time += gap[index]!;
    served += count[index]!;
  }
  const perService = time / served;
  let squares = 0;
  for (let index = end - gaps; index < end; index++) squares += (gap[index]! - count[index]! * perService) ** 2;
  const mean = Math.max(1, time / gaps);
  // A few gaps are weak evidence, so their unevenness is moved towards that of a Poisson process.
  return { gaps, gap: mean, batch: served / gaps, uneven: (squares / (mean * mean) + 1) / gaps };
}

/** Returns the unevenness of the last gaps over each of the {@link spans} that is short enough. */
function unevenBySpan({ count, gap }: Seconds, { gaps, gap: mean, batch, uneven }: Stretch): number[] {
  const perService = mean / batch;
  // By how much the last 0, 1, 2, … gaps together were longer than expected.
  const off = [0];
  for (let back = 1; back <= gaps; back++) {
    const index = gap.length - back;
    off.push(off[back - 1]! + gap[index]! - count[index]! * perService);
  }
  const found = [uneven];
  for (const span of spans.slice(1)) {
    const blocks = Math.floor(gaps / span);
    if (blocks < 4) break;
    let squares = 0;
    for (let block = 1; block <= blocks; block++) squares += (off[block * span]! - off[(block - 1) * span]!) ** 2;
    // A few blocks are weak evidence, so their unevenness is moved towards that of the shorter span.
    found.push((squares / (span * mean * mean) + 2 * found.at(-1)!) / (blocks + 1));
  }
  return found;
}

/** Returns the trend between the rates of the older and the newer half, reduced by the part that may be chance. */
function trendOf(seconds: Seconds, known: number): Pick<Measure, 'trend' | 'seen'> {
  const end = seconds.at.length;
  const half = Math.floor(known / 2);
  const newer = stretch(seconds, end, half);
  const older = stretch(seconds, end - half, half);
  const seen = half * (newer.gap + older.gap);
  const change = Math.log((newer.batch * older.gap) / (older.batch * newer.gap));
  const error = (newer.uneven + older.uneven) / half;
  const sure = change === 0 ? 0 : Math.max(0, 1 - error / (change * change));
  return { trend: (change * Math.sqrt(sure)) / (seen / 2), seen };
}
