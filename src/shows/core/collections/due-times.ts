/**
 * Times at which things end, by the second: each batch finds the due ones without looking at the others. In a hall with
 * 10,000 holds, or a line of 100,000, a scan would cost more than the rest of the decision.
 */
export class DueTimes<Id> {
  private readonly bySecond = new Map<number, Set<Id>>();
  /** Nothing ends in a second before this one. */
  private firstSecond = Infinity;

  add(id: Id, endsAt: number): void {
    const second = Math.floor(endsAt / 1000);
    const ending = this.bySecond.get(second);
    if (ending) ending.add(id);
    else this.bySecond.set(second, new Set([id]));
    this.firstSecond = Math.min(this.firstSecond, second);
  }

  delete(id: Id, endsAt: number): void {
    const second = Math.floor(endsAt / 1000);
    const ending = this.bySecond.get(second);
    if (!ending?.delete(id) || ending.size > 0) return;
    this.bySecond.delete(second);
    if (second !== this.firstSecond) return;
    this.firstSecond = Infinity;
    for (const other of this.bySecond.keys()) this.firstSecond = Math.min(this.firstSecond, other);
  }

  /** By when the first of them has ended: its second is over then; Infinity: there is none. */
  get firstEndBy(): number {
    return (this.firstSecond + 1) * 1000;
  }

  /** What ends in the second of `now` or an earlier one: all that is due, and some that is not due yet. */
  *endingBy(now: number): Iterable<Id> {
    const last = Math.floor(now / 1000);
    if (this.firstSecond > last) return;
    for (const [second, ending] of this.bySecond) {
      if (second <= last) yield* ending;
    }
  }
}
