/**
 * Counts events in a window that slides with the time. It keeps two numbers instead of all events: the count of the
 * current slot of time and the count of the slot before. The older slot counts less the longer ago it is, as if its
 * events were spread evenly. Slots begin at fixed times, so an additional event never lowers a later count.
 */
export class RollingCount {
  private slot = -Infinity;
  private current = 0;
  private previous = 0;

  constructor(private readonly windowMs: number) {}

  /** Adds events. @param now ms since 1970 */
  add(now: number, amount = 1): void {
    this.moveTo(now);
    this.current += amount;
  }

  /** Returns the number of events in the window that ends now. @param now ms since 1970 */
  at(now: number): number {
    this.moveTo(now);
    const age = Math.max(0, now / this.windowMs - this.slot);
    return this.current + this.previous * (1 - age);
  }

  private moveTo(now: number): void {
    const slot = Math.floor(now / this.windowMs);
    // The clock of the database can be set back by a few ms. The events then count for the newer slot.
    if (slot <= this.slot) return;
    this.previous = slot === this.slot + 1 ? this.current : 0;
    this.current = 0;
    this.slot = slot;
  }
}
