import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { LineName, Queue } from '@usher/contract';
import { filter, firstValueFrom, Subject } from 'rxjs';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseClock } from '../database/database-clock.js';
import { RealtimeGateway } from '../realtime/index.js';
import type { OpenShow } from '../shows/index.js';

/**
 * Maximum share of the time that one line's broadcasts may take. One broadcast to a line of 100,000 sessions takes
 * long.
 */
const broadcastTimeShareMax = 0.2;

/** Moves of a line that its waiters have not received yet. */
interface UnsentMoves {
  readonly lane: OpenShow;
  readonly line: LineName;
  /** The last version of the line that its waiters received. Null if the moves since then are unknown. */
  from: number | null;
  /** The places whose waiters have left. */
  left: number[];
}

/** The pause after a broadcast, and the moves since that broadcast. */
interface Tick {
  timer: NodeJS.Timeout;
  unsent: UnsentMoves | null;
}

const keyOf = (showId: number, line: LineName): string => `${showId} ${line}`;

/**
 * Broadcasts the moves of lines to their waiters on this node. A line sends at most one message per tick, regardless of
 * how many sessions wait or leave. From this message, each client counts how many waiters are ahead of it. If no tick
 * is running, a move is sent at once.
 */
@Injectable()
export class LineBroadcaster implements OnModuleDestroy {
  /** Emits a show's id after each broadcast to one of its lines. */
  readonly broadcasts = new Subject<number>();
  private readonly ticks = new Map<string, Tick>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly realtime: RealtimeGateway,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Adds a move of a line to the next broadcast.
   *
   * @param from the line's version before the move; null if the move is unknown
   * @param left the places whose waiters have left
   */
  addMove(lane: OpenShow, line: LineName, from: number | null, left: readonly number[]): void {
    const key = keyOf(lane.showId, line);
    const tick = this.ticks.get(key);
    if (!tick) {
      const timer = this.startTick(key, this.send({ lane, line, from, left: [...left] }));
      this.ticks.set(key, { timer, unsent: null });
      return;
    }
    const { unsent } = tick;
    // A reopened lane does not know the unsent moves of its predecessor.
    if (!unsent || unsent.lane !== lane) tick.unsent = { lane, line, from: unsent ? null : from, left: [...left] };
    else {
      unsent.left = unsent.left.concat(left);
      if (from === null) unsent.from = null;
    }
  }

  /** Waits until the waiters of a line have received all moves. That takes at most one tick. */
  allSent({ showId, line }: Pick<Queue, 'showId' | 'line'>): Promise<void> {
    return this.waitUntil(showId, () => !this.ticks.get(keyOf(showId, line))?.unsent);
  }

  /**
   * Waits until every departure of a waiter behind a place has been sent to the line. A client that starts to count at
   * that place would count an unsent departure twice. For a new place at the end of the line, there is nothing to wait
   * for.
   */
  departuresBehindSent({ showId, line, place }: Pick<Queue, 'showId' | 'line' | 'place'>): Promise<void> {
    const isBehind = (left: number) => left > (place ?? 0);
    return this.waitUntil(showId, () => !this.ticks.get(keyOf(showId, line))?.unsent?.left.some(isBehind));
  }

  onModuleDestroy(): void {
    for (const { timer } of this.ticks.values()) clearTimeout(timer);
    this.ticks.clear();
    this.broadcasts.complete();
  }

  private async waitUntil(showId: number, isSent: () => boolean): Promise<void> {
    while (!isSent()) {
      const next = this.broadcasts.pipe(filter((broadcast) => broadcast === showId));
      if ((await firstValueFrom(next, { defaultValue: null })) === null) return;
    }
  }

  private startTick(key: string, spentMs: number): NodeJS.Timeout {
    return setTimeout(() => this.endTick(key), Math.max(this.config.tickMs, spentMs / broadcastTimeShareMax));
  }

  private endTick(key: string): void {
    const tick = this.ticks.get(key);
    if (!tick?.unsent) {
      this.ticks.delete(key);
      return;
    }
    const spentMs = this.send(tick.unsent);
    tick.unsent = null;
    tick.timer = this.startTick(key, spentMs);
  }

  /** @returns the duration in ms */
  private send({ lane, line, from, left }: UnsentMoves): number {
    const startedAt = performance.now();
    const { showId } = lane;
    const { version, head, waiting, lastPlace, secondsPerPlace, reach } = lane.statusOfLine(line, this.clock.now());
    this.realtime.sendMoved({
      showId,
      line,
      version,
      head,
      left: left.filter((place) => place >= head),
      waiting,
      etaSecondsPerPlace: secondsPerPlace,
      // If the moves are unknown, `from` is the new version. No client has this version yet, so each client asks for
      // its place.
      from: from ?? version,
      lastPlace,
      reach,
    });
    this.broadcasts.next(showId);
    return performance.now() - startedAt;
  }
}
