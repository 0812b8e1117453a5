/**
 * An index of end times, grouped by second. A batch finds the ids that are due without a scan of all ids. In a hall
 * with 10,000 holds, or in a line of 100,000 waiters, a scan would cost more than the rest of the decision.
 */
export class DueTimes<Id> {
  private readonly bySecond = new Map<number, Set<Id>>();
  /** The earliest second in which an id ends. */
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

  /** The end of the second in which the first id ends, in ms; Infinity if there is no id. */
  get firstEndBy(): number {
    return (this.firstSecond + 1) * 1000;
  }

  /** Returns the ids that end in the second of `now` or earlier. Some of them may end later in that second. */
  *endingBy(now: number): Iterable<Id> {
    const last = Math.floor(now / 1000);
    if (this.firstSecond > last) return;
    for (const [second, ending] of this.bySecond) {
      if (second <= last) yield* ending;
    }
  }
}
