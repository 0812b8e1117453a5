import { Injectable } from '@nestjs/common';

/** How long the best sample is kept: a database clock that drifts or is set back is followed after this. */
const sampleLifeMs = 30_000;

/**
 * An estimate of the database's clock, which decides when a hold ends. Wall clocks of nodes play no part: a node whose
 * own is an hour off serves the same times as the others.
 */
@Injectable()
export class DatabaseClock {
  // An answer is always old by the way back, so of several samples the one that shows the latest time is nearest.
  private offset = -Infinity;
  private sampledAt = -Infinity;

  /** The database's time, in whole ms since 1970. Before the first sample the node's own. */
  now(): number {
    return Number.isFinite(this.offset) ? Math.floor(performance.now() + this.offset) : Date.now();
  }

  /** The time of {@link now} as the wire has it. */
  nowIso(): string {
    return new Date(this.now()).toISOString();
  }

  /** A statement answered just now with the database's time, in ms since 1970. */
  observe(databaseMs: number): void {
    const at = performance.now();
    const offset = databaseMs - at;
    if (offset < this.offset && at - this.sampledAt < sampleLifeMs) return;
    this.offset = offset;
    this.sampledAt = at;
  }
}
