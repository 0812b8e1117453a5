/**
 * The server sends a version to the room at least every 5 s. After two missing versions and 2 s more, the client
 * assumes that it is no longer in the room.
 */
const silenceTimeoutMs = 12_000;
/** Shortest time between two checks of the room that wake-ups of the machine cause. */
const minWakeIntervalMs = 5_000;

/**
 * Decides when a client must check whether it is still in the room of a show. The client can lose its connection or its
 * membership in the room without noticing. Times are in milliseconds on the monotonic clock.
 */
export class RoomWatch {
  /** When the client last received a sign that it is in the room. Null if the client is not in the room. */
  private lastSignAt: number | null = null;
  private lastWakeAt = -Infinity;

  get isInRoom(): boolean {
    return this.lastSignAt !== null;
  }

  /** Call this after the answer to a join that put the client into the room or the line. */
  onJoined(now: number): void {
    this.lastSignAt = now;
  }

  /** Call this when the client has left the room, or has lost its connection. */
  onLeft(): void {
    this.lastSignAt = null;
  }

  /** Call this for each version that the room receives. */
  onVersion(now: number): void {
    if (this.lastSignAt !== null) this.lastSignAt = now;
  }

  /** Returns true if the room has been silent for too long. The measurement of the silence then starts again. */
  isCheckDue(now: number): boolean {
    if (this.lastSignAt === null || now - this.lastSignAt <= silenceTimeoutMs) return false;
    this.lastSignAt = now;
    return true;
  }

  /**
   * Returns true if the client must check the room after a sleep of the machine. Several wake-ups in quick succession
   * count as one.
   */
  isWakeCheckDue(now: number): boolean {
    if (now - this.lastWakeAt < minWakeIntervalMs) return false;
    this.lastWakeAt = now;
    return true;
  }
}
