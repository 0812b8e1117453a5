/**
 * Returns a generator of integers from 0 to below a bound, and prints its seed. The same seed gives the same numbers.
 */
export function createRandom(seed: number): (bound: number) => number {
  process.stdout.write(`seed ${seed}\n`);
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
