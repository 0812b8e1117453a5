/** Whole numbers from 0 to below a bound, the same for the same seed, which is printed. */
export function createRandom(seed: number): (bound: number) => number {
  process.stdout.write(`seed ${seed}\n`);
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
