import { mulberry32 } from '../../src/catalog/demo/random.js';

/**
 * A seeded random generator. The same seed and name always give the same numbers. Streams with different names are
 * independent of each other.
 */
export class Dice {
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  readonly next: () => number;

  constructor(
    private readonly seed: number,
    name: string,
  ) {
    let state = seed >>> 0;
    for (const letter of name) state = (Math.imul(state ^ letter.codePointAt(0)!, 0x9e3779b1) + 1) >>> 0;
    this.next = mulberry32(state);
  }

  /** Returns an independent stream of random numbers with the same seed and the given name. */
  stream(name: string): Dice {
    return new Dice(this.seed, name);
  }

  /** Returns an integer from 0 (inclusive) to the bound (exclusive). */
  integer(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Returns a number from `from` (inclusive) to `to` (exclusive). */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(items.length)];
    if (item === undefined) throw new RangeError('cannot pick from an empty list');
    return item;
  }

  shuffle<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.next() }));
    return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
  }
}
