/**
 * Counts the waiters before a place, in logarithmic time (a Fenwick tree). In a line of 100,000 waiters, a linear count
 * would cost more than the rest of a join.
 */
export class PlaceCounts {
  private sums = new Int32Array(64);

  /** Adds 1 or -1 to the count at a place. The first place is 1. */
  add(place: number, more: number): void {
    if (place >= this.sums.length) this.grow(place);
    for (let at = place; at < this.sums.length; at += at & -at) this.sums[at]! += more;
  }

  /** Returns the number of waiters at places lower than `place`. */
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
    // The new nodes whose range covers old places get the sum of all old places. The old nodes keep their sums.
    const total = this.below(old.length);
    for (let at = old.length; at < size; at *= 2) sums[at] = total;
    this.sums = sums;
  }
}
