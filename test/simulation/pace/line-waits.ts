import { type Random, seededRandom } from '../../../src/catalog/demo/random.js';
import { Pace, type WholeSeconds } from '../../../src/shows/core/line/pace.js';
import type { World } from './line-worlds.js';

/** A range that a waiter was told, and how long it then waited. Seconds. */
export interface Told extends WholeSeconds {
  readonly ahead: number;
  /** Infinite for who was never served. */
  readonly waited: number;
}

/** What the one with so many ahead is told by a pace; null: nothing. */
export type Teller = (pace: Pace, ahead: number, waiting: number, now: number) => WholeSeconds | null;

interface Waiter {
  servedAt: number;
  hasLeft: boolean;
}

interface Asked {
  readonly waiter: Waiter;
  readonly at: number;
  readonly ahead: number;
  readonly ranges: readonly (WholeSeconds | null)[];
}

interface Happening {
  readonly at: number;
  readonly kind: 'served' | 'left' | 'joined' | 'asked';
  /** How many are served; of `left`, the index in line of the one who leaves. */
  readonly count: number;
}

/** Seconds between two moments in which those at {@link askedPlaces} are told their ranges. */
const askedEvery = 15;
const askedPlaces = [0, 1, 2, 4, 8, 15, 30, 60, 120, 240];

const newWaiter = (): Waiter => ({ servedAt: Infinity, hasLeft: false });

function happenings(world: World, random: Random): Happening[] {
  const [first, last] = world.observed;
  const end = 3 * last;
  const all: Happening[] = world.services(random, end).map((service) => ({ ...service, kind: 'served' }));
  const gap = (rate: number) => -Math.log(1 - random.fraction()) / rate;
  for (let at = gap(world.joinRate); at < end; at += gap(world.joinRate)) all.push({ at, kind: 'joined', count: 1 });
  // Leaves are drawn for a line longer than any; each falls on a waiter or on an empty place.
  const places = 4 * world.waiting;
  const leaveRate = places * world.leaveRate;
  for (let at = leaveRate > 0 ? gap(leaveRate) : Infinity; at < end; at += gap(leaveRate)) {
    all.push({ at, kind: 'left', count: random.integer(places) });
  }
  for (let at = first; at <= last; at += askedEvery + random.fraction()) all.push({ at, kind: 'asked', count: 0 });
  return all.toSorted((one, other) => one.at - other.at);
}

/** A line and its pace. */
class SimulatedLine {
  readonly asked: Asked[] = [];
  private readonly pace = new Pace();
  private waiters: Waiter[];

  constructor(
    waiting: number,
    private readonly tellers: readonly Teller[],
  ) {
    this.waiters = Array.from({ length: waiting }, newWaiter);
  }

  happen({ at, kind, count }: Happening): void {
    const now = Math.round(at * 1000);
    if (kind === 'joined') this.join(now);
    else if (kind === 'left') this.leave(count, now);
    else if (kind === 'served') this.serve(count, at, now);
    else for (const ahead of askedPlaces) this.ask(ahead, at, now);
  }

  private join(now: number): void {
    if (this.waiters.length === 0) this.pace.opened(now);
    this.waiters.push(newWaiter());
  }

  private leave(index: number, now: number): void {
    const [gone] = this.waiters.splice(index, 1);
    if (!gone) return;
    gone.hasLeft = true;
    this.pace.left(now);
  }

  private serve(count: number, at: number, now: number): void {
    const served = this.waiters.slice(0, count);
    this.waiters = this.waiters.slice(count);
    for (const waiter of served) waiter.servedAt = at;
    if (served.length > 0) this.pace.served(now, served.length);
  }

  private ask(ahead: number, at: number, now: number): void {
    const waiter = this.waiters[ahead];
    if (!waiter) return;
    const ranges = this.tellers.map((teller) => teller(this.pace, ahead, this.waiters.length, now));
    this.asked.push({ waiter, at, ahead, ranges });
  }
}

/**
 * Runs a line in a world: tells waiters their ranges by each of the tellers, and sees how long they wait. Those who
 * leave count for nothing.
 *
 * @returns what was told, by teller
 */
export function tell(world: World, seed: string, tellers: readonly Teller[]): Told[][] {
  const line = new SimulatedLine(world.waiting, tellers);
  for (const happening of happenings(world, seededRandom(seed))) line.happen(happening);
  return tellers.map((_teller, index) =>
    line.asked.flatMap(({ waiter, at, ahead, ranges }) => {
      const range = ranges[index];
      return range && !waiter.hasLeft ? [{ ...range, ahead, waited: waiter.servedAt - at }] : [];
    }),
  );
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;

/** The share of ranges that held the true wait. */
export const coverage = (told: readonly Told[]): number =>
  told.filter(({ from, to, waited }) => from <= waited && waited <= to).length / told.length;

/** How wide the ranges are: the median of width to true wait. */
export const widthToWait = (told: readonly Told[]): number =>
  median(told.map(({ from, to, waited }) => (to - from) / Math.max(1, waited)));

/** The median of `to` to `from`, of ranges that do not begin at 0. */
export const toToFrom = (told: readonly Told[]): number =>
  median(told.filter(({ from }) => from > 0).map(({ from, to }) => to / from));
