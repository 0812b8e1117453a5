import type { Random } from '../../../src/catalog/demo/random.js';

/** An instant at which a line serves waiters, with the number of these waiters. */
export interface Service {
  /** Seconds from the start. */
  readonly at: number;
  readonly count: number;
}

/** Describes how a line is served, and how waiters join and leave it. */
export interface LineWorld {
  readonly name: string;
  /** Returns the services in order of time, from 0 to `seconds`. */
  readonly services: (random: Random, seconds: number) => Service[];
  /** The period in which waiters get predictions: first and last second. */
  readonly predictionPeriod: readonly [number, number];
  /** Number of waiters at the start. */
  readonly waiting: number;
  /** Number of waiters who join per second. */
  readonly joinRate: number;
  /** Probability per second that a waiter gives up. */
  readonly leaveRate: number;
}

const exponential = (random: Random, mean: number): number => -Math.log(1 - random.fraction()) * mean;

/**
 * Returns services at random times that do not depend on each other.
 *
 * @param meanGap mean seconds between two services at a given time
 */
function poisson(random: Random, seconds: number, meanGap: (at: number) => number): Service[] {
  const services: Service[] = [];
  for (let at = exponential(random, meanGap(0)); at < seconds; at += exponential(random, meanGap(at))) {
    services.push({ at, count: 1 });
  }
  return services;
}

/** Returns one service per distinct time, with the number of waiters that are served at that time. */
function groupByTime(times: readonly number[]): Service[] {
  const counts = new Map<number, number>();
  for (const at of times) counts.set(at, (counts.get(at) ?? 0) + 1);
  return [...counts].map(([at, count]) => ({ at, count })).toSorted((one, other) => one.at - other.at);
}

/**
 * Returns a function that counts the times in the last `span` seconds before a time. Successive calls must not go back
 * in time.
 */
function recentCounter(times: readonly number[], span: number): (at: number) => number {
  let first = 0;
  return (at) => {
    while (first < times.length && times[first]! <= at - span) first++;
    return times.length - first;
  };
}

/**
 * Returns services at the pace of the entry line: at most `admitPerMinute` in any minute, and at most a sixtieth of
 * that number in any second.
 */
function paced(admitPerMinute: number, seconds: number): Service[] {
  const admitted: number[] = [];
  const inLastMinute = recentCounter(admitted, 60);
  const inLastSecond = recentCounter(admitted, 1);
  const admitPerSecond = Math.ceil(admitPerMinute / 60);
  for (let at = 0; at < seconds; at += 0.25) {
    while (Math.min(admitPerMinute - inLastMinute(at), admitPerSecond - inLastSecond(at)) > 0) admitted.push(at);
  }
  return groupByTime(admitted);
}

/**
 * Returns services of a metered show. Each stay has a random length. At every poll, new sessions replace the sessions
 * that have left.
 */
function stays(random: Random, seconds: number, maxShoppers: number, pollIntervalS: number): Service[] {
  const stay = () => Math.min(600, 20 + exponential(random, 180));
  const until = Array.from({ length: maxShoppers }, stay);
  const services: Service[] = [{ at: 0, count: maxShoppers }];
  for (let at = pollIntervalS; at < seconds; at += pollIntervalS) {
    let count = 0;
    until.forEach((end, index) => {
      if (end > at) return;
      until[index] = at + stay();
      count++;
    });
    if (count > 0) services.push({ at, count });
  }
  return services;
}

/**
 * Returns services from holds that lapse. Of all holds, 30% lapse after 300 s. The line then offers the seats, and 30%
 * of these offers lapse as well.
 *
 * @param gap mean seconds between two groups of buyers at a given time
 */
function lapses(random: Random, seconds: number, gap: (at: number) => number): Service[] {
  const lapsed: number[] = [];
  // Buyers come in groups, and the holds of a group end in the same instant.
  const groups = poisson(random, seconds, gap);
  const taken = groups.flatMap(({ at }) => Array.from({ length: 1 + random.integer(4) }, () => at));
  for (let hold = taken.pop(); hold !== undefined; hold = taken.pop()) {
    if (hold + 300 >= seconds || random.fraction() >= 0.3) continue;
    lapsed.push(hold + 300);
    taken.push(hold + 300);
  }
  return groupByTime(lapsed);
}

const steady = (gap: number) => (random: Random, seconds: number) => poisson(random, seconds, () => gap);

const changing = (before: number, after: number) => (random: Random, seconds: number) =>
  poisson(random, seconds, (at) => (at < 1500 ? before : after));

const inBatches = (random: Random, seconds: number) => stays(random, seconds, 50, 30);

/**
 * Returns the mean gap between groups of buyers while a rush ebbs: 2 s at first, doubled every half hour, at most 20 s.
 */
const ebbing = (at: number): number => Math.min(20, 2 * 2 ** (at / 1800));

const defaults = { predictionPeriod: [30, 1500], waiting: 400, joinRate: 0.4, leaveRate: 0 } as const;

export const lineWorlds: readonly LineWorld[] = [
  { ...defaults, name: 'Poisson, 20 per minute', services: steady(3) },
  { ...defaults, name: 'Poisson, 2 per minute', services: steady(30), predictionPeriod: [120, 6000] },
  { ...defaults, name: 'paced, 30 per minute', services: (_random, seconds) => paced(30, seconds) },
  { ...defaults, name: 'paced, 90 per minute', services: (_random, seconds) => paced(90, seconds), joinRate: 1.4 },
  { ...defaults, name: 'paced, 600 per minute', services: (_random, seconds) => paced(600, seconds), joinRate: 9.5 },
  { ...defaults, name: 'stays, 50 inside', services: (random, seconds) => stays(random, seconds, 50, 0.25) },
  { ...defaults, name: 'stays, a batch every 30 s', services: inBatches },
  {
    ...defaults,
    name: 'holds that lapse',
    services: (random, seconds) => lapses(random, seconds, () => 3),
    predictionPeriod: [330, 3000],
  },
  {
    ...defaults,
    name: 'holds that lapse, the rush ebbs',
    services: (random, seconds) => lapses(random, seconds, ebbing),
    predictionPeriod: [330, 3000],
  },
  { ...defaults, name: 'the pace halves', services: changing(3, 6), predictionPeriod: [30, 3000], waiting: 800 },
  { ...defaults, name: 'the pace doubles', services: changing(6, 3), predictionPeriod: [30, 3000], waiting: 800 },
  { ...defaults, name: 'a third of the waiters give up', services: steady(3), leaveRate: 1 / 1200 },
  { ...defaults, name: 'batches, a quarter give up', services: inBatches, leaveRate: 1 / 1800 },
];
