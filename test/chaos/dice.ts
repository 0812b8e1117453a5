/** Chance from a seed: the same name and seed give the same throws, and streams of other names are independent of it. */
export class Dice {
  private state: number;

  constructor(
    private readonly seed: number,
    name: string,
  ) {
    this.state = seed >>> 0;
    for (const letter of name) this.state = (Math.imul(this.state ^ letter.codePointAt(0)!, 0x9e3779b1) + 1) >>> 0;
  }

  /** Another stream of the same seed. */
  stream(name: string): Dice {
    return new Dice(this.seed, name);
  }

  /** From 0 (inclusive) to 1; mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below a bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** A number between two. */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  shuffled<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => ({ item, key: this.next() }));
    return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
  }
}
