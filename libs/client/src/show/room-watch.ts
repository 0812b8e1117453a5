/** The room receives a version at least every 5 s. After two missing versions and some grace, the client is not in it. */
const silenceTimeoutMs = 12_000;
/** Shortest time between two checks of the room because the machine woke up. */
const minWakeIntervalMs = 5_000;

/**
 * Decides when a client must check whether it still is in the room of a show, because the connection or the room may be lost
 * without a sign. Times are in milliseconds on the monotonic clock.
 */
export class RoomWatch {
  /** When the client last received a sign that it is in the room. Null while it is not. */
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

  /** Returns true if the room has been silent for too long. The time of silence then starts again. */
  isCheckDue(now: number): boolean {
    if (this.lastSignAt === null || now - this.lastSignAt <= silenceTimeoutMs) return false;
    this.lastSignAt = now;
    return true;
  }

  /** Returns true if the client must check the room after a sleep of the machine. Wake-ups in quick succession count once. */
  isWakeCheckDue(now: number): boolean {
    if (now - this.lastWakeAt < minWakeIntervalMs) return false;
    this.lastWakeAt = now;
    return true;
  }
}
