import type { Inside } from './inside.js';
import type { Shopper } from '../model/waiter.js';

/** Who is inside, in the middle of a batch: the committed state below, who came and went in the batch on top. */
export class InsideDraft {
  private readonly entered = new Map<string, Shopper>();
  private readonly gone = new Set<string>();
  /** When sessions were let in in this batch, also those who are gone again. */
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

  /** Whose stay is over by `now`. */
  dueBy(now: number): Shopper[] {
    const due = [...this.inside.due.endingBy(now)].flatMap((sessionId) => this.shopper(sessionId) ?? []);
    return due.filter(({ until }) => until <= now);
  }

  /** How many were let in after a moment. */
  admittedSince(moment: number): number {
    return this.inside.admittedSince(moment) + this.admissions.length;
  }

  /** When the last one was let in but `nth` others (0: the last); -Infinity: so many were not, or long ago. */
  lastButAt(nth: number): number {
    return this.admissions.at(-1 - nth) ?? this.inside.lastButAt(nth - this.admissions.length);
  }

  /** By when the first stay has ended; earlier if that one was ended in this batch. */
  get firstEndBy(): number {
    const untils = [...this.entered.values()].map(({ until }) => until);
    return Math.min(this.inside.due.firstEndBy, ...untils);
  }
}
