/**
 * A seeded random generator. The same seed and name give the same numbers. Streams with other names are independent.
 */
export class Dice {
  private state: number;

  constructor(
    private readonly seed: number,
    name: string,
  ) {
    this.state = seed >>> 0;
    for (const letter of name) this.state = (Math.imul(this.state ^ letter.codePointAt(0)!, 0x9e3779b1) + 1) >>> 0;
  }

  /** Returns another stream of the same seed. */
  stream(name: string): Dice {
    return new Dice(this.seed, name);
  }

  /** Returns a number from 0 (inclusive) to 1, by the algorithm mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
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
