/**
 * Maximum number of holds that are remembered per session and show. It must be more than a session can hold and give back
 * within the wait: by default five changes of ten seats each. Otherwise, holds of single seats would hide an earlier hold.
 */
const holdsMax = 64;

interface EndedHold {
  readonly seats: readonly number[];
  /** Until when the session may not hold the same seats again, in ms since 1970. */
  readonly until: number;
}

/** The seats that a session held in a show and did not pay. It may not hold the same seats again at once. */
export class EndedHolds {
  private holds: EndedHold[] = [];

  /** @param waitMs 0 turns this rule off */
  constructor(private readonly waitMs: number) {}

  record(now: number, seats: readonly number[]): void {
    if (this.waitMs === 0) return;
    this.holds = [...this.holds.filter(({ until }) => until > now), { seats, until: now + this.waitMs }].slice(
      -holdsMax,
    );
  }

  /**
   * Returns the ms until the session may hold these seats; 0 if it may hold them now. A request with another seat, or
   * with fewer seats than before, is a new choice and must not wait.
   */
  waitMsFor(now: number, seats: readonly number[]): number {
    const recent = this.holds.filter((hold) => hold.until > now && hold.seats.some((seat) => seats.includes(seat)));
    const isNewChoice =
      seats.some((seat) => !recent.some((hold) => hold.seats.includes(seat))) ||
      recent.every((hold) => hold.seats.length > seats.length);
    return isNewChoice ? 0 : Math.ceil(Math.max(...recent.map(({ until }) => until)) - now);
  }
}
