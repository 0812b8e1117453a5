import { toUsherError, type UsherError } from '../common/errors.js';
import { retryDelayMs } from '../common/retry.js';
import type { Connection } from '../connection/connection.js';
import type { SeatMapState } from './seat-map.js';

/**
 * How long the client waits for a missing message before it asks the server for the changes. The contract sets this
 * time.
 */
const missingMessageTimeoutMs = 250;
const syncTimeoutMs = 2_000;
const maxSyncDelayMs = 4_000;
/** After this number of syncs that did not close the gap, the client joins the room again. */
const maxFruitlessSyncs = 4;

/** The parts of a show's store that a {@link GapCloser} uses. */
export interface GapCloserContext {
  readonly connection: Connection;
  /**
   * Returns the current state of the seat map. The store replaces this object when the session is no longer inside the
   * show.
   */
  seatMap(): SeatMapState;
  /** Returns whether the client is in the show's room, so that a missing message may still arrive. */
  isInRoom(): boolean;
  /** Called after each sync, successful or not. */
  onSyncDone(): void;
  /** Called with the error of a failed sync. */
  onError(error: UsherError): void;
  /** Joins the room again, because syncs do not close the gap. */
  joinAgain(): void;
}

/** Asks the server for missing changes to a show's seat map when they are overdue. */
export class GapCloser {
  private isSyncing = false;
  private fruitlessSyncCount = 0;
  private earliestSyncAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly showId: number,
    private readonly context: GapCloserContext,
  ) {}

  /** Schedules a sync if changes are missing. Call it after every message about the show. */
  schedule(): void {
    this.cancel();
    const missingSince = this.context.seatMap().missingSince();
    if (missingSince === null) this.fruitlessSyncCount = 0;
    if (missingSince === null || this.isSyncing || !this.context.isInRoom()) return;
    const dueAt = Math.max(missingSince + missingMessageTimeoutMs, this.earliestSyncAt);
    this.timer = setTimeout(() => void this.sync(), Math.max(0, dueAt - performance.now()));
  }

  /** Cancels the scheduled sync. */
  cancel(): void {
    clearTimeout(this.timer);
  }

  /** Immediately asks the server for all changes after the map's version. */
  async sync(): Promise<void> {
    const seatMap = this.context.seatMap();
    const since = seatMap.map?.version;
    if (this.isSyncing || since === undefined) return;
    this.isSyncing = true;
    let delayMs = 0;
    try {
      const payload = { showId: this.showId, since };
      const answer = await this.context.connection.sendOnce(
        (socket) => socket.emitWithAck('show:sync', payload),
        syncTimeoutMs,
      );
      seatMap.applySync(since, answer, performance.now());
    } catch (thrown) {
      const error = toUsherError(thrown);
      this.context.onError(error);
      if (error.code === 'TIMEOUT') this.fruitlessSyncCount = maxFruitlessSyncs;
      delayMs = retryDelayMs(error, 0) ?? 0;
    }
    this.isSyncing = false;
    // A node that has not caught up answers with fewer changes than the client needs. So the client gives the node some
    // time before the next sync. If several syncs do not help, a join may give a newer answer.
    const growingDelayMs = Math.min(missingMessageTimeoutMs * 2 ** this.fruitlessSyncCount, maxSyncDelayMs);
    this.earliestSyncAt = performance.now() + Math.max(delayMs, growingDelayMs);
    if (seatMap.missingSince() !== null && ++this.fruitlessSyncCount >= maxFruitlessSyncs) {
      this.fruitlessSyncCount = 0;
      this.context.joinAgain();
    }
    this.context.onSyncDone();
  }
}
