import { mulberry32 } from '../../src/catalog/demo/random.js';

/**
 * A seeded random generator. The same seed and name give the same numbers. Streams with other names are independent.
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

  /** Returns another stream of the same seed. */
  stream(name: string): Dice {
    return new Dice(this.seed, name);
  }

  /** Returns an integer from 0 to below a bound. */
  integer(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** Returns a number between two others. */
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
