/** With fewer gaps between services than these there is no measure. */
const gapsMin = 4;

/** Lengths of the past, in gaps, of which the longest is taken that its shorter ones do not contradict. */
const windows = [6, 9, 14, 20, 32, 48, 72, 128, 200, 384];

/** Over so many gaps at a time the unevenness is measured: services that come in waves are uneven over long spans. */
const spans = [1, 2, 4, 8, 16, 32];

/** Two measures contradict each other when their logarithms are farther apart than so many of their standard errors. */
const contradiction = 1.7;

/** So many more than it remembers it may hold: it drops the oldest ones together, as one by one costs more. */
const slack = 64;

/** Seconds in which something happened, oldest first; of more than `max` the oldest are forgotten. */
export class Seconds {
  /** Milliseconds, of the first thing in the second. */
  readonly at: number[] = [];
  readonly count: number[] = [];
  /** How long it could have happened before it did: from the second before, or from when the line opened. */
  readonly gap: number[] = [];

  constructor(readonly max: number) {}

  /** @param openedAt when the line opened last */
  add(at: number, count: number, openedAt: number): void {
    const last = this.at.length - 1;
    const before = this.at[last] ?? at;
    // One second is one moment: whom one pass of the lane serves, and whom the next one does, come as one batch.
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

  /** How many are remembered; they stand at the columns' ends. */
  get remembered(): number {
    return Math.min(this.max, this.at.length);
  }
}

/** Services over a part of the past. Times are milliseconds. */
interface Stretch {
  /** How many gaps between seconds in which someone was served. */
  readonly gaps: number;
  /** Mean length of a gap. */
  readonly gap: number;
  /** Mean number served after a gap. */
  readonly batch: number;
  /** Variance of the time that services take, a gap, in units of `gap²`. 1 for a Poisson process. */
  readonly uneven: number;
}

/** The pace over the part of the past that still holds. */
export interface Measure extends Stretch {
  /** When that part began. */
  readonly since: number;
  /** `uneven` over as many gaps at a time as {@link spans} has it. */
  readonly unevenBySpan: readonly number[];
  /** How the rate changed over all that is remembered: the slope of its logarithm, a millisecond. */
  readonly trend: number;
  /** For how long the trend was seen. */
  readonly seen: number;
}

/** Measures the pace by the longest recent part of the past that agrees on one rate; null when too little is known. */
export function measure(seconds: Seconds): Measure | null {
  // The oldest second only marks the beginning: how long it took is known to those alone who saw what was before.
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

/** The unevenness over as many gaps as the longest measured span that is not longer. */
export function unevenOver({ unevenBySpan: uneven }: Measure, gaps: number): number {
  let index = 0;
  while (index + 1 < uneven.length && spans[index + 1]! <= gaps) index++;
  return uneven[index] ?? 1;
}

/** @param end the index after the last second that counts */
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
  // Few gaps say little: their unevenness is drawn towards that of a Poisson process.
  return { gaps, gap: mean, batch: served / gaps, uneven: (squares / (mean * mean) + 1) / gaps };
}

/** The unevenness of the last gaps, by {@link spans}; those that are too long for them are left out. */
function unevenBySpan({ count, gap }: Seconds, { gaps, gap: mean, batch, uneven }: Stretch): number[] {
  const perService = mean / batch;
  // How much longer than it should the time since the end took, by gaps from the end.
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
    // Few blocks say little: their unevenness is drawn towards that of the shorter span.
    found.push((squares / (span * mean * mean) + 2 * found.at(-1)!) / (blocks + 1));
  }
  return found;
}

/** From the rates of the older and the newer half; the part of their difference that may be chance is left out. */
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
