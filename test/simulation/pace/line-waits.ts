import { type Random, seededRandom } from '../../../src/catalog/demo/random.js';
import { Pace, type WholeSeconds } from '../../../src/shows/core/line/pace.js';
import type { LineWorld } from './line-worlds.js';

/** A prediction that a waiter got, and how long the waiter then waited, in seconds. */
export interface PredictedWait extends WholeSeconds {
  readonly ahead: number;
  /** Infinity for a waiter who was never served. */
  readonly waited: number;
}

/**
 * Predicts the wait of a waiter with `ahead` others in front. Returns null if the pace does not yet allow a prediction.
 */
export type WaitPredictor = (pace: Pace, ahead: number, waiting: number, now: number) => WholeSeconds | null;

interface Waiter {
  servedAt: number;
  hasLeft: boolean;
}

interface Prediction {
  readonly waiter: Waiter;
  readonly at: number;
  readonly ahead: number;
  readonly ranges: readonly (WholeSeconds | null)[];
}

interface LineEvent {
  readonly at: number;
  readonly kind: 'served' | 'left' | 'joined' | 'asked';
  /** For `served`, the number of waiters. For `left`, the index in line of the waiter who leaves. */
  readonly count: number;
}

/** Seconds between two rounds of predictions for the waiters at {@link predictedPlaces}. */
const predictionIntervalS = 15;
const predictedPlaces = [0, 1, 2, 4, 8, 15, 30, 60, 120, 240];

const newWaiter = (): Waiter => ({ servedAt: Infinity, hasLeft: false });

function randomLineEvents(world: LineWorld, random: Random): LineEvent[] {
  const [first, last] = world.predictionPeriod;
  const end = 3 * last;
  const all: LineEvent[] = world.services(random, end).map((service) => ({ ...service, kind: 'served' }));
  const gap = (rate: number) => -Math.log(1 - random.fraction()) / rate;
  for (let at = gap(world.joinRate); at < end; at += gap(world.joinRate)) all.push({ at, kind: 'joined', count: 1 });
  // Departures are drawn for more places than a line ever has. Each departure hits a waiter or an empty place.
  const places = 4 * world.waiting;
  const leaveRate = places * world.leaveRate;
  for (let at = leaveRate > 0 ? gap(leaveRate) : Infinity; at < end; at += gap(leaveRate)) {
    all.push({ at, kind: 'left', count: random.integer(places) });
  }
  for (let at = first; at <= last; at += predictionIntervalS + random.fraction())
    all.push({ at, kind: 'asked', count: 0 });
  return all.toSorted((one, other) => one.at - other.at);
}

/** Simulates a line that measures its pace with the core's {@link Pace}. */
class SimulatedLine {
  readonly predictions: Prediction[] = [];
  private readonly pace = new Pace();
  private waiters: Waiter[];

  constructor(
    waiting: number,
    private readonly predictors: readonly WaitPredictor[],
  ) {
    this.waiters = Array.from({ length: waiting }, newWaiter);
  }

  apply({ at, kind, count }: LineEvent): void {
    const now = Math.round(at * 1000);
    if (kind === 'joined') this.join(now);
    else if (kind === 'left') this.leave(count, now);
    else if (kind === 'served') this.serve(count, at, now);
    else for (const ahead of predictedPlaces) this.ask(ahead, at, now);
  }

  private join(now: number): void {
    if (this.waiters.length === 0) this.pace.opened(now);
    this.waiters.push(newWaiter());
  }

  private leave(index: number, now: number): void {
    const [leaver] = this.waiters.splice(index, 1);
    if (!leaver) return;
    leaver.hasLeft = true;
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
    const ranges = this.predictors.map((predictor) => predictor(this.pace, ahead, this.waiters.length, now));
    this.predictions.push({ waiter, at, ahead, ranges });
  }
}

/**
 * Runs a line in a world. Lets each predictor predict waits and records how long the waiters then wait. Waiters who
 * leave do not count.
 *
 * @returns the predictions of each predictor
 */
export function runLine(world: LineWorld, seed: string, predictors: readonly WaitPredictor[]): PredictedWait[][] {
  const line = new SimulatedLine(world.waiting, predictors);
  for (const event of randomLineEvents(world, seededRandom(seed))) line.apply(event);
  return predictors.map((_predictor, index) =>
    line.predictions.flatMap(({ waiter, at, ahead, ranges }) => {
      const range = ranges[index];
      return range && !waiter.hasLeft ? [{ ...range, ahead, waited: waiter.servedAt - at }] : [];
    }),
  );
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;

/** Returns the share of predictions that contain the true wait. */
export const coverage = (predictions: readonly PredictedWait[]): number =>
  predictions.filter(({ from, to, waited }) => from <= waited && waited <= to).length / predictions.length;

/** Returns the median ratio of a prediction's width to the true wait. */
export const medianWidthToWait = (predictions: readonly PredictedWait[]): number =>
  median(predictions.map(({ from, to, waited }) => (to - from) / Math.max(1, waited)));

/** Returns the median of `to` divided by `from`, over the predictions that do not begin at 0. */
export const medianToToFrom = (predictions: readonly PredictedWait[]): number =>
  median(predictions.filter(({ from }) => from > 0).map(({ from, to }) => to / from));
