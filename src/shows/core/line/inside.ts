import { DueTimes } from '../collections/due-times.js';
import type { Shopper } from '../model/waiter.js';

/** For how long admissions are counted. */
export const paceWindowMs = 60_000;

/** Who is inside a show whose entry is metered, and when the last ones were let in. */
export class Inside {
  readonly shoppers = new Map<string, Shopper>();
  readonly due = new DueTimes<string>();
  /** When sessions were let in, oldest first; older than {@link paceWindowMs} may be forgotten. */
  admissions: number[];
  /** So many of the first of them are older. */
  private forgotten = 0;

  /** @param admissions times within the last {@link paceWindowMs}, oldest first */
  constructor(shoppers: readonly Shopper[] = [], admissions: readonly number[] = []) {
    for (const shopper of shoppers) this.stand(shopper);
    this.admissions = [...admissions];
  }

  enter(shopper: Shopper): void {
    this.stand(shopper);
    this.admissions.push(shopper.admittedAt);
    while (this.admissions[this.forgotten]! <= shopper.admittedAt - paceWindowMs) this.forgotten++;
    // Now and then, as it moves all that is kept.
    if (this.forgotten < 1024 || this.forgotten < this.admissions.length / 2) return;
    this.admissions = this.admissions.slice(this.forgotten);
    this.forgotten = 0;
  }

  leave(sessionId: string): void {
    const shopper = this.shoppers.get(sessionId);
    if (!shopper) return;
    this.shoppers.delete(sessionId);
    this.due.delete(sessionId, shopper.until);
  }

  /** How many were let in after a moment. */
  admittedSince(moment: number): number {
    const { admissions } = this;
    let from = admissions.length;
    while (from > 0 && admissions[from - 1]! > moment) from--;
    return admissions.length - from;
  }

  /** When the last one was let in but `nth` others (0: the last); -Infinity: so many were not, or long ago. */
  lastButAt(nth: number): number {
    return this.admissions.at(-1 - nth) ?? -Infinity;
  }

  private stand(shopper: Shopper): void {
    this.shoppers.set(shopper.sessionId, shopper);
    this.due.add(shopper.sessionId, shopper.until);
  }
}
