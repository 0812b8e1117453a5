import type { Inside } from './inside.js';
import type { Shopper } from '../model/waiter.js';

/**
 * The stays in the middle of a batch: the committed stays, and on top of them the stays that the batch began or ended.
 */
export class InsideDraft {
  private readonly entered = new Map<string, Shopper>();
  private readonly gone = new Set<string>();
  /** The times of the batch's admissions, also of stays that the batch ended again. */
  private readonly admissions: number[] = [];

  constructor(private readonly inside: Inside) {}

  get size(): number {
    return this.inside.shoppers.size - this.gone.size + this.entered.size;
  }

  shopper(sessionId: string): Shopper | undefined {
    return this.entered.get(sessionId) ?? (this.gone.has(sessionId) ? undefined : this.inside.shoppers.get(sessionId));
  }

  enter(shopper: Shopper): void {
    this.admissions.push(shopper.admittedAt);
    this.entered.set(shopper.sessionId, shopper);
  }

  leave(sessionId: string): void {
    if (!this.entered.delete(sessionId)) this.gone.add(sessionId);
  }

  /** Returns the stays that are over by `now`. */
  dueBy(now: number): Shopper[] {
    const due = [...this.inside.due.endingBy(now)].flatMap((sessionId) => this.shopper(sessionId) ?? []);
    return due.filter(({ until }) => until <= now);
  }

  /** Returns the number of admissions after a moment. */
  admittedSince(moment: number): number {
    return this.inside.admittedSince(moment) + this.admissions.length;
  }

  /** Returns the time of the nth admission before the last (0 is the last); -Infinity if it is unknown or too old. */
  lastButAt(nth: number): number {
    return this.admissions.at(-1 - nth) ?? this.inside.lastButAt(nth - this.admissions.length);
  }

  /** The time by which the first stay has ended. It is too early if the batch already ended that stay. */
  get firstEndBy(): number {
    const untils = [...this.entered.values()].map(({ until }) => until);
    return Math.min(this.inside.due.firstEndBy, ...untils);
  }
}
