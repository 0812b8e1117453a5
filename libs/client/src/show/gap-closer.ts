import type { Connection } from '../connection/connection.js';
import { toUsherError, type UsherError } from '../common/errors.js';
import { retryDelay } from '../common/retry.js';
import type { SeatMapState } from './seat-map.js';

/** How long a missing piece may take before it is asked for. */
const GAP_MS = 250;
const SYNC_MS = 2_000;
const SYNC_PAUSE_MAX_MS = 4_000;
/** After so many syncs that brought no more, the join is repeated. */
const SYNCS_MAX = 4;

/** What {@link GapCloser} needs of the show it works for. */
export interface GapSurroundings {
  readonly connection: Connection;
  /** The map as it is now; another one after a join from nothing. */
  map(): SeatMapState;
  /** Whether the show is in the room, so that a missing piece may still come by itself. */
  isListening(): boolean;
  /** Something was answered. */
  synced(): void;
  /** The server refused, for whatever reason. */
  refused(error: UsherError): void;
  /** Asking brings no more. */
  join(): void;
}

/** Asks for the changes of a show that are missing, once they are late. */
export class GapCloser {
  private isSyncing = false;
  private fruitlessSyncs = 0;
  private notBefore = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly showId: number,
    private readonly around: GapSurroundings,
  ) {}

  /** To be called after every piece of news. */
  watch(): void {
    this.rest();
    const missingSince = this.around.map().missingSince();
    if (missingSince === null) this.fruitlessSyncs = 0;
    if (missingSince === null || this.isSyncing || !this.around.isListening()) return;
    const due = Math.max(missingSince + GAP_MS, this.notBefore);
    this.timer = setTimeout(() => void this.sync(), Math.max(0, due - performance.now()));
  }

  /** Asks for nothing until the next {@link watch}. */
  rest(): void {
    clearTimeout(this.timer);
  }

  /** Asks for everything after the map's version, now. */
  async sync(): Promise<void> {
    const map = this.around.map();
    const since = map.map?.version;
    if (this.isSyncing || since === undefined) return;
    this.isSyncing = true;
    let pauseMs = 0;
    try {
      const emit = { showId: this.showId, since };
      const answer = await this.around.connection.send((socket) => socket.emitWithAck('show:sync', emit), SYNC_MS);
      map.synced(since, answer, performance.now());
    } catch (error) {
      const refusal = toUsherError(error);
      this.around.refused(refusal);
      if (refusal.code === 'TIMEOUT') this.fruitlessSyncs = SYNCS_MAX;
      pauseMs = retryDelay(refusal, 0) ?? 0;
    }
    this.isSyncing = false;
    // A node that is behind itself answers with less than we know of: it gets some time, then a join may land better.
    pauseMs = Math.max(pauseMs, Math.min(GAP_MS * 2 ** this.fruitlessSyncs, SYNC_PAUSE_MAX_MS));
    this.notBefore = performance.now() + pauseMs;
    if (map.missingSince() !== null && ++this.fruitlessSyncs >= SYNCS_MAX) {
      this.fruitlessSyncs = 0;
      this.around.join();
    }
    this.around.synced();
  }
}
