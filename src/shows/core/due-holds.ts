/**
 * The running holds by the second in which they end, so that each batch finds the due ones without looking at the
 * others: in a hall with 10,000 holds a scan would cost more than the rest of the decision.
 */
export class DueHolds {
  private readonly bySecond = new Map<number, Set<string>>();
  /** No hold ends in a second before this one. */
  private firstSecond = Infinity;

  add(bookingId: string, expiresAt: number): void {
    const second = Math.floor(expiresAt / 1000);
    const ending = this.bySecond.get(second);
    if (ending) ending.add(bookingId);
    else this.bySecond.set(second, new Set([bookingId]));
    this.firstSecond = Math.min(this.firstSecond, second);
  }

  delete(bookingId: string, expiresAt: number): void {
    const second = Math.floor(expiresAt / 1000);
    const ending = this.bySecond.get(second);
    if (!ending?.delete(bookingId) || ending.size > 0) return;
    this.bySecond.delete(second);
    if (second !== this.firstSecond) return;
    this.firstSecond = Infinity;
    for (const other of this.bySecond.keys()) this.firstSecond = Math.min(this.firstSecond, other);
  }

  /** The holds that end in the second of `now` or an earlier one: every due hold, and some that are not due yet. */
  *endingBy(now: number): Iterable<string> {
    const last = Math.floor(now / 1000);
    if (this.firstSecond > last) return;
    for (const [second, ending] of this.bySecond) {
      if (second <= last) yield* ending;
    }
  }
}
