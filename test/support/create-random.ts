import { mulberry32 } from '../../src/catalog/demo/random.js';

/**
 * Returns a generator of integers from 0 to below a bound, and prints its seed. The same seed gives the same numbers.
 */
export function createRandom(seed: number): (bound: number) => number {
  process.stdout.write(`seed ${seed}\n`);
  const next = mulberry32(seed);
  return (bound) => Math.floor(next() * bound);
}
