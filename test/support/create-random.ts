import { mulberry32 } from '../../src/catalog/demo/random.js';

/**
 * Prints the seed and returns a function that generates integers from 0 up to, but not including, a bound. The same
 * seed gives the same numbers.
 */
export function createRandom(seed: number): (bound: number) => number {
  process.stdout.write(`seed ${seed}\n`);
  const next = mulberry32(seed);
  return (bound) => Math.floor(next() * bound);
}
