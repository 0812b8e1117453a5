import type { Stay } from '../model/waiter.js';
import type { LinesCommit } from './show-commit.js';

/** Collects the rows of the stays that one commit writes. */
export class StayRows {
  /** The sessions whose stay began in an earlier commit and ends in this one. */
  readonly ended = new Set<string>();
  private readonly stays: { readonly stay: Stay; isInside: boolean }[] = [];
  /** The last stay that this commit begins, by session. */
  private readonly lastStays = new Map<string, { isInside: boolean }>();

  start(stay: Stay): void {
    const row = { stay, isInside: true };
    this.stays.push(row);
    this.lastStays.set(stay.sessionId, row);
  }

  end(sessionId: string): void {
    const last = this.lastStays.get(sessionId);
    if (last) last.isInside = false;
    else this.ended.add(sessionId);
    this.lastStays.delete(sessionId);
  }

  entered(): LinesCommit['newStays'][number][] {
    return this.stays.map(({ stay, isInside }) => ({ ...stay, isInside }));
  }
}
