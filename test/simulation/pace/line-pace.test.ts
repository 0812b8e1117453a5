import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testRuns } from '../../support/plain/test-runs.js';
import { etaFromPerPlace } from '../../../src/shows/core/line/pace.js';
import {
  coverage,
  runLine,
  type WaitPredictor,
  type PredictedWait,
  medianToToFrom,
  medianWidthToWait,
} from './line-waits.js';
import { type LineWorld, lineWorlds } from './line-worlds.js';

const seeds = Array.from({ length: testRuns({ short: 8, long: 16 }) }, (_, run) => `pace-${run}`);

/** Minimum share of predictions that must contain the true wait, in every world. */
const coverageMin = 0.8;
/** The same minimum for two groups: the waiters near the head of the line, and the waiters far from it. */
const groupCoverageMin = 0.7;

const byEta: WaitPredictor = (pace, ahead, waiting, now) => pace.eta(ahead, waiting, now);

const byBroadcast: WaitPredictor = (pace, ahead, waiting, now) => {
  const perPlace = pace.perPlace(waiting, now);
  return perPlace && etaFromPerPlace(ahead, perPlace);
};

/** Narrows a prediction to its mean plus or minus a fifth, like a line that ignores how uncertain its prediction is. */
const narrowToMean = ({ from, to, ...rest }: PredictedWait): PredictedWait => ({
  ...rest,
  from: 0.4 * (from + to),
  to: 0.6 * (from + to),
});

type PredictorName = 'eta' | 'broadcast' | 'mean';
const names: readonly PredictorName[] = ['eta', 'broadcast', 'mean'];

const near = ({ ahead }: PredictedWait): boolean => ahead <= 8;
const far = ({ ahead }: PredictedWait): boolean => ahead >= 30;

function row(world: LineWorld, name: PredictorName, predictions: readonly PredictedWait[]): string {
  const figures = [coverage(predictions), coverage(predictions.filter(near)), coverage(predictions.filter(far))].map(
    (one) => one.toFixed(3),
  );
  const widths = [medianWidthToWait(predictions), medianToToFrom(predictions)].map((one) => one.toFixed(2));
  const cells = [String(predictions.length), ...figures, ...widths].map((cell) => cell.padStart(9));
  return [world.name.padEnd(36), name.padEnd(9), ...cells].join('');
}

describe('the range that a line predicts for a wait', () => {
  const results = new Map<string, Readonly<Record<PredictorName, readonly PredictedWait[]>>>();
  const predictionsIn = (world: LineWorld, name: PredictorName): readonly PredictedWait[] =>
    results.get(world.name)?.[name] ?? [];

  beforeAll(() => {
    for (const world of lineWorlds) {
      const runs = seeds.map((seed) => runLine(world, seed, [byEta, byBroadcast]));
      const [eta = [], broadcast = []] = [0, 1].map((index) => runs.flatMap((run) => run[index] ?? []));
      results.set(world.name, { eta, broadcast, mean: eta.map(narrowToMean) });
    }
  }, 300_000);

  afterAll(() => {
    const heads = ['count', 'coverage', 'near', 'far', 'width', 'to/from'].map((head) => head.padStart(9));
    const rows = lineWorlds.flatMap((world) => names.map((name) => row(world, name, predictionsIn(world, name))));
    console.log([['world'.padEnd(36), 'by'.padEnd(9), ...heads].join(''), ...rows].join('\n'));
  });

  describe.each(lineWorlds)('$name', (world) => {
    it.each(['eta', 'broadcast'] as const)('contains the true wait in at least four of five cases: %s', (name) => {
      const predictions = predictionsIn(world, name);
      expect(predictions.length).toBeGreaterThan(2000);
      expect(coverage(predictions)).toBeGreaterThanOrEqual(coverageMin);
      expect(coverage(predictions.filter(near))).toBeGreaterThanOrEqual(groupCoverageMin);
      expect(coverage(predictions.filter(far))).toBeGreaterThanOrEqual(groupCoverageMin);
    });

    it('is usually less than twice as wide as the true wait is long, so that it is useful', () => {
      expect(medianWidthToWait(predictionsIn(world, 'eta'))).toBeLessThan(2);
      expect(medianWidthToWait(predictionsIn(world, 'eta').filter(far))).toBeLessThan(1.3);
    });
  });

  it('misses too many waits if it is narrowed to the mean plus or minus a fifth', () => {
    const passed = lineWorlds.filter((world) => coverage(predictionsIn(world, 'mean')) >= coverageMin);
    expect(passed.map(({ name }) => name)).toEqual([]);
  });

  it('is available early, so that more than nine of ten requests get a prediction', () => {
    const always: WaitPredictor = () => ({ from: 0, to: 0 });
    for (const world of lineWorlds) {
      const [predictions = [], requests = []] = runLine(world, 'pace-0', [byEta, always]);
      expect(predictions.length / requests.length).toBeGreaterThan(0.9);
    }
  });

  it('is the same for the same seed', () => {
    const world = lineWorlds[0]!;
    expect(runLine(world, 'again', [byEta])).toEqual(runLine(world, 'again', [byEta]));
  });
});
