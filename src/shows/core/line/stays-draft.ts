import type { Stays } from './stays.js';
import type { Stay } from '../model/waiter.js';

/** The stays in the middle of a batch: the committed stays, changed by the stays that the batch began or ended. */
export class StaysDraft {
  private readonly entered = new Map<string, Stay>();
  private readonly ended = new Set<string>();
  /** The times of the batch's admissions, including those whose stays the same batch has already ended. */
  private readonly admissions: number[] = [];

  constructor(private readonly committed: Stays) {}

  get size(): number {
    return this.committed.bySession.size - this.ended.size + this.entered.size;
  }

  stayOf(sessionId: string): Stay | undefined {
    return (
      this.entered.get(sessionId) ?? (this.ended.has(sessionId) ? undefined : this.committed.bySession.get(sessionId))
    );
  }

  enter(shopper: Stay): void {
    this.admissions.push(shopper.admittedAt);
    this.entered.set(shopper.sessionId, shopper);
  }

  /** Ends the stay of a session and returns the stay. Returns null if the session has none. */
  leave(sessionId: string): Stay | null {
    const stay = this.stayOf(sessionId) ?? null;
    if (!this.entered.delete(sessionId)) this.ended.add(sessionId);
    return stay;
  }

  /** Returns all stays. */
  *all(): Iterable<Stay> {
    for (const stay of this.committed.bySession.values()) if (!this.ended.has(stay.sessionId)) yield stay;
    yield* this.entered.values();
  }

  /** Returns the stays that are over by `now`. */
  dueBy(now: number): Stay[] {
    const due = [...this.committed.due.endingBy(now)].flatMap((sessionId) => this.stayOf(sessionId) ?? []);
    return due.filter(({ until }) => until <= now);
  }

  /** Returns the number of admissions after a moment. */
  admittedSince(moment: number): number {
    return this.committed.admittedSince(moment) + this.admissions.length;
  }

  /**
   * Returns the time of the admission `nth` places before the last one; -Infinity if that time is unknown or too old.
   */
  lastButAt(nth: number): number {
    return this.admissions.at(-1 - nth) ?? this.committed.lastButAt(nth - this.admissions.length);
  }

  /**
   * A time by which the first stay will have ended, in ms since 1970. It is too early if the batch has already ended
   * that stay.
   */
  get firstEndBy(): number {
    const untils = [...this.entered.values()].map(({ until }) => until);
    return Math.min(this.committed.due.firstEndBy, ...untils);
  }
}
