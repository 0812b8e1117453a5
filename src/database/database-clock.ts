import { Injectable } from '@nestjs/common';

/**
 * Maximum age of the best sample. After this time, the next sample replaces it, so that the estimate follows a database
 * clock that drifted or was set back.
 */
const sampleLifeMs = 30_000;

/**
 * Estimates the time of the database's clock, which decides when a hold expires. The clock of the node does not matter.
 * A node whose clock is wrong by an hour serves the same times as the other nodes.
 */
@Injectable()
export class DatabaseClock {
  // Each sample is late by the travel time of its answer. So the sample that gives the latest time is the best.
  private offset = -Infinity;
  private sampledAt = -Infinity;

  /** Returns the database's time in whole ms since 1970. Before the first sample, it returns the node's time. */
  now(): number {
    return Number.isFinite(this.offset) ? Math.floor(performance.now() + this.offset) : Date.now();
  }

  /** Returns {@link now} as an ISO-8601 instant. */
  nowIso(): string {
    return new Date(this.now()).toISOString();
  }

  /** Adds a sample. @param databaseMs the database's time in ms since 1970, from an answer that has just arrived */
  observe(databaseMs: number): void {
    const at = performance.now();
    const offset = databaseMs - at;
    if (offset < this.offset && at - this.sampledAt < sampleLifeMs) return;
    this.offset = offset;
    this.sampledAt = at;
  }
}
