import type { Random } from '../../../src/catalog/demo/random.js';

/** So many waiters are served at one moment, in seconds from the start. */
export interface Service {
  readonly at: number;
  readonly count: number;
}

/** A way in which a line may be served. */
export interface World {
  readonly name: string;
  /** In order of time, from 0 to `seconds`. */
  readonly services: (random: Random, seconds: number) => Service[];
  /** Between which seconds waiters are told how long they wait. */
  readonly observed: readonly [number, number];
  /** How many stand in the line at the start. */
  readonly waiting: number;
  /** How many join, a second. */
  readonly joinRate: number;
  /** The rate, a second, at which each waiter loses patience. */
  readonly leaveRate: number;
}

const exponential = (random: Random, mean: number): number => -Math.log(1 - random.fraction()) * mean;

/** Services that know nothing of each other. @param meanGap in seconds, at a moment */
function poisson(random: Random, seconds: number, meanGap: (at: number) => number): Service[] {
  const services: Service[] = [];
  for (let at = exponential(random, meanGap(0)); at < seconds; at += exponential(random, meanGap(at))) {
    services.push({ at, count: 1 });
  }
  return services;
}

/** Counts by moments. */
function batches(moments: readonly number[]): Service[] {
  const counts = new Map<number, number>();
  for (const at of moments) counts.set(at, (counts.get(at) ?? 0) + 1);
  return [...counts].map(([at, count]) => ({ at, count })).toSorted((one, other) => one.at - other.at);
}

/** The entry line's pace: so many within any minute, and within a second a sixtieth of it, rounded up. */
function paced(admitPerMinute: number, seconds: number): Service[] {
  const admitted: number[] = [];
  for (let at = 0; at < seconds; at += 0.25) {
    const inLast = (span: number) => admitted.length - 1 - admitted.findLastIndex((one) => one <= at - span);
    while (Math.min(admitPerMinute - inLast(60), Math.ceil(admitPerMinute / 60) - inLast(1)) > 0) admitted.push(at);
  }
  return batches(admitted);
}

/** Whoever is inside stays for a while of random length; at every look, all who went are replaced at once. */
function stays(random: Random, seconds: number, maxShoppers: number, lookEvery: number): Service[] {
  const stay = () => Math.min(600, 20 + exponential(random, 180));
  const until = Array.from({ length: maxShoppers }, stay);
  const services: Service[] = [{ at: 0, count: maxShoppers }];
  for (let at = lookEvery; at < seconds; at += lookEvery) {
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
 * Seats are taken; of the holds, 30% lapse 300 s later, and so do those of the offers that the line gets of them.
 *
 * @param gap mean seconds between two buyers, at a moment
 */
function lapses(random: Random, seconds: number, gap: (at: number) => number): Service[] {
  const lapsed: number[] = [];
  // Buyers come in groups whose holds end in the same instant.
  const groups = poisson(random, seconds, gap);
  const taken = groups.flatMap(({ at }) => Array.from({ length: 1 + random.integer(4) }, () => at));
  for (let hold = taken.pop(); hold !== undefined; hold = taken.pop()) {
    if (hold + 300 >= seconds || random.fraction() >= 0.3) continue;
    lapsed.push(hold + 300);
    taken.push(hold + 300);
  }
  return batches(lapsed);
}

const steady = (gap: number) => (random: Random, seconds: number) => poisson(random, seconds, () => gap);

const changing = (before: number, after: number) => (random: Random, seconds: number) =>
  poisson(random, seconds, (at) => (at < 1500 ? before : after));

const inBatches = (random: Random, seconds: number) => stays(random, seconds, 50, 30);

/** Buyers at first come every 2 s, half an hour later every 4 s, and so on down to every 20 s. */
const ebbing = (at: number): number => Math.min(20, 2 * 2 ** (at / 1800));

const usual = { observed: [30, 1500], waiting: 400, joinRate: 0.4, leaveRate: 0 } as const;

export const worlds: readonly World[] = [
  { ...usual, name: 'Poisson, 20 a minute', services: steady(3) },
  { ...usual, name: 'Poisson, 2 a minute', services: steady(30), observed: [120, 6000] },
  { ...usual, name: 'paced, 30 a minute', services: (_random, seconds) => paced(30, seconds) },
  { ...usual, name: 'paced, 90 a minute', services: (_random, seconds) => paced(90, seconds), joinRate: 1.4 },
  { ...usual, name: 'paced, 600 a minute', services: (_random, seconds) => paced(600, seconds), joinRate: 9.5 },
  { ...usual, name: 'stays, 50 inside', services: (random, seconds) => stays(random, seconds, 50, 0.25) },
  { ...usual, name: 'stays, a batch every 30 s', services: inBatches },
  {
    ...usual,
    name: 'holds that lapse',
    services: (random, seconds) => lapses(random, seconds, () => 3),
    observed: [330, 3000],
  },
  {
    ...usual,
    name: 'holds that lapse, the rush ebbs',
    services: (random, seconds) => lapses(random, seconds, ebbing),
    observed: [330, 3000],
  },
  { ...usual, name: 'the pace halves', services: changing(3, 6), observed: [30, 3000], waiting: 800 },
  { ...usual, name: 'the pace doubles', services: changing(6, 3), observed: [30, 3000], waiting: 800 },
  { ...usual, name: 'a third loses patience', services: steady(3), leaveRate: 1 / 1200 },
  { ...usual, name: 'batches, a quarter loses patience', services: inBatches, leaveRate: 1 / 1800 },
];
