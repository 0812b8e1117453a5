import Sequencer from '@jest/test-sequencer';

/** Tests that mostly wait: for holds and stays to end, and for servers to start. The longest ones are first. */
const waiting = [/test\/chaos/, /e2e\/operations/, /e2e\/lines/, /test\/cluster/];

const rank = ({ path }) => waiting.findIndex((pattern) => pattern.test(path));

/**
 * Starts test files that wait and test files that compute in turns, so that the cores are never idle. The slowest files start
 * first, because one core would be idle at the end if they started last.
 */
export default class WaitingAndComputing extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- this is a method of Jest, which returns a new array
    const sorted = super.sort(tests);
    const [others, waits] = [sorted.filter((test) => rank(test) < 0), sorted.filter((test) => rank(test) >= 0)];
    return mix(
      waits.toSorted((one, other) => rank(one) - rank(other)),
      others.toSorted((one, other) => Number(one.path.endsWith('.spec.ts')) - Number(other.path.endsWith('.spec.ts'))),
    );
  }
}

/** Mixes two lists evenly. Each list keeps its order. */
function mix(some, others) {
  const place = (list) => list.map((test, index) => ({ test, at: (index + 0.5) / list.length }));
  return [...place(some), ...place(others)].toSorted((one, other) => one.at - other.at).map(({ test }) => test);
}
