import { DueTimes } from '../collections/due-times.js';
import type { Stay } from '../model/waiter.js';

/** The window over which admissions are counted. */
export const paceWindowMs = 60_000;

/** The stays in a show whose entry is metered, and the times of the latest admissions. */
export class Stays {
  readonly bySession = new Map<string, Stay>();
  readonly due = new DueTimes<string>();
  /** The times of admissions, oldest first. Times older than {@link paceWindowMs} may be forgotten. */
  admissions: number[];
  /** How many times at the start of {@link admissions} are older than {@link paceWindowMs}. */
  private outdatedCount = 0;

  /** @param admissions the times of the admissions within the last {@link paceWindowMs}, oldest first */
  constructor(shoppers: readonly Stay[] = [], admissions: readonly number[] = []) {
    for (const shopper of shoppers) this.add(shopper);
    this.admissions = [...admissions];
  }

  enter(shopper: Stay): void {
    this.add(shopper);
    this.admissions.push(shopper.admittedAt);
    while (this.admissions[this.outdatedCount]! <= shopper.admittedAt - paceWindowMs) this.outdatedCount++;
    // Copying moves all remaining times, so the array is copied only when at least half of it is outdated.
    if (this.outdatedCount < 1024 || this.outdatedCount < this.admissions.length / 2) return;
    this.admissions = this.admissions.slice(this.outdatedCount);
    this.outdatedCount = 0;
  }

  /** Ends the stay of a session and returns the stay. Returns null if the session has none. */
  leave(sessionId: string): Stay | null {
    const shopper = this.bySession.get(sessionId);
    if (!shopper) return null;
    this.bySession.delete(sessionId);
    this.due.delete(sessionId, shopper.until);
    return shopper;
  }

  /** Returns the number of admissions after a moment. */
  admittedSince(moment: number): number {
    const { admissions } = this;
    let from = admissions.length;
    while (from > 0 && admissions[from - 1]! > moment) from--;
    return admissions.length - from;
  }

  /**
   * Returns the time of the admission `nth` places before the last one; -Infinity if that time is unknown or too old.
   */
  lastButAt(nth: number): number {
    return this.admissions.at(-1 - nth) ?? -Infinity;
  }

  private add(shopper: Stay): void {
    this.bySession.set(shopper.sessionId, shopper);
    this.due.add(shopper.sessionId, shopper.until);
  }
}
