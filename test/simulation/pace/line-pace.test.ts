import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { etaFromPerPlace } from '../../../src/shows/core/line/pace.js';
import { coverage, tell, type Teller, type Told, toToFrom, widthToWait } from './line-waits.js';
import { type World, worlds } from './line-worlds.js';

const seeds = Array.from({ length: 8 }, (_, run) => `pace-${run}`);

/** What the issue asks for, of every world; and what waiters near to and far from the head may be sure of in each. */
const promised = 0.8;
const promisedToSome = 0.7;

const byEta: Teller = (pace, ahead, waiting, now) => pace.eta(ahead, waiting, now);

const byBroadcast: Teller = (pace, ahead, waiting, now) => {
  const perPlace = pace.perPlace(waiting, now);
  return perPlace && etaFromPerPlace(ahead, perPlace);
};

/** The mean, give or take a fifth: what a line says that does not know how unsure it is. */
const byMean: Teller = (pace, ahead, waiting, now) => {
  const eta = pace.eta(ahead, waiting, now);
  return eta && { from: 0.4 * (eta.from + eta.to), to: 0.6 * (eta.from + eta.to) };
};

const tellers = { eta: byEta, broadcast: byBroadcast, mean: byMean };
type TellerName = keyof typeof tellers;
const names: readonly TellerName[] = ['eta', 'broadcast', 'mean'];

const near = ({ ahead }: Told): boolean => ahead <= 8;
const far = ({ ahead }: Told): boolean => ahead >= 30;

function row(world: World, name: TellerName, told: readonly Told[]): string {
  const figures = [coverage(told), coverage(told.filter(near)), coverage(told.filter(far))].map((one) =>
    one.toFixed(3),
  );
  const widths = [widthToWait(told), toToFrom(told)].map((one) => one.toFixed(2));
  const cells = [String(told.length), ...figures, ...widths].map((cell) => cell.padStart(9));
  return [world.name.padEnd(36), name.padEnd(9), ...cells].join('');
}

describe('the wait that a line tells', () => {
  const results = new Map<string, Readonly<Record<TellerName, readonly Told[]>>>();
  const toldIn = (world: World, name: TellerName): readonly Told[] => results.get(world.name)?.[name] ?? [];

  beforeAll(() => {
    for (const world of worlds) {
      const runs = seeds.map((seed) => tell(world, seed, Object.values(tellers)));
      const [eta = [], broadcast = [], mean = []] = names.map((_, index) => runs.flatMap((run) => run[index] ?? []));
      results.set(world.name, { eta, broadcast, mean });
    }
  });

  afterAll(() => {
    const heads = ['told', 'coverage', 'near', 'far', 'width', 'to/from'].map((head) => head.padStart(9));
    const rows = worlds.flatMap((world) => names.map((name) => row(world, name, toldIn(world, name))));
    console.log([['world'.padEnd(36), 'by'.padEnd(9), ...heads].join(''), ...rows].join('\n'));
  });

  describe.each(worlds)('$name', (world) => {
    it.each(['eta', 'broadcast'] as const)('holds the true wait in four of five cases: %s', (name) => {
      const told = toldIn(world, name);
      expect(told.length).toBeGreaterThan(2000);
      expect(coverage(told)).toBeGreaterThanOrEqual(promised);
      expect(coverage(told.filter(near))).toBeGreaterThanOrEqual(promisedToSome);
      expect(coverage(told.filter(far))).toBeGreaterThanOrEqual(promisedToSome);
    });

    it('is a range that helps: not much wider than the wait is long', () => {
      expect(widthToWait(toldIn(world, 'eta'))).toBeLessThan(2);
      expect(widthToWait(toldIn(world, 'eta').filter(far))).toBeLessThan(1.3);
    });
  });

  it('would not pass with the mean, give or take a fifth', () => {
    const passed = worlds.filter((world) => coverage(toldIn(world, 'mean')) >= promised);
    expect(passed.map(({ name }) => name)).toEqual([]);
  });

  it('is told soon: of those who asked, more than nine of ten were told something', () => {
    const always: Teller = () => ({ from: 0, to: 0 });
    for (const world of worlds) {
      const [told = [], asked = []] = tell(world, 'pace-0', [byEta, always]);
      expect(told.length / asked.length).toBeGreaterThan(0.9);
    }
  });

  it('is the same for the same seed', () => {
    const world = worlds[0]!;
    expect(tell(world, 'again', [byEta])).toEqual(tell(world, 'again', [byEta]));
  });
});
