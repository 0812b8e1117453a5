/**
 * How many stand at places below any place, in logarithmic time (a Fenwick tree): in a line of 100,000, counting those
 * ahead one by one would cost a joiner more than everything else.
 */
export class PlaceCounts {
  private sums = new Int32Array(64);

  /** Adds `more` (1 or -1) at a place, from 1. */
  add(place: number, more: number): void {
    if (place >= this.sums.length) this.grow(place);
    for (let at = place; at < this.sums.length; at += at & -at) this.sums[at]! += more;
  }

  /** How many stand at places lower than `place`. */
  below(place: number): number {
    let sum = 0;
    for (let at = Math.min(place, this.sums.length) - 1; at > 0; at -= at & -at) sum += this.sums[at]!;
    return sum;
  }

  private grow(place: number): void {
    const old = this.sums;
    const size = Math.max(old.length * 2, 2 ** Math.ceil(Math.log2(place + 1)));
    const sums = new Int32Array(size);
    sums.set(old);
    // Sums of the new upper nodes that cover old places; the old ones keep theirs.
    const total = this.below(old.length);
    for (let at = old.length; at < size; at *= 2) sums[at] = total;
    this.sums = sums;
  }
}
