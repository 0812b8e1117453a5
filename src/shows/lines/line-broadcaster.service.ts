import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { LineName, Queue } from '@usher/contract';
import { filter, firstValueFrom, Subject } from 'rxjs';
import { CONFIG, type Config } from '../../config/config.js';
import { DatabaseClock } from '../../database/database-clock.js';
import { RealtimeGateway } from '../../realtime/index.js';
import type { Line } from '../core/line/line.js';
import type { ShowLane } from '../lane/show-lane.js';
import { reachOf } from './to-queue.js';

/** Of the time, at most this share goes into telling one line how it moved: in a line of 100,000 a message takes long. */
const tellingShare = 0.2;

/** What a line's waiters have not been told yet. */
interface Untold {
  readonly lane: ShowLane;
  readonly line: LineName;
  /** The version they were told of last; null: there is no telling what happened since. */
  from: number | null;
  left: number[];
}

/** A line that was told within the last tick, with what came since. */
interface Tick {
  timer: NodeJS.Timeout;
  untold: Untold | null;
}

const keyOf = (showId: number, line: LineName): string => `${showId} ${line}`;

/**
 * Tells those in a line how it moved: one message a tick and line, however many wait and however many left, from which
 * each client counts who is ahead of it. At once while the line is quiet.
 */
@Injectable()
export class LineBroadcaster implements OnModuleDestroy {
  /** A show one of whose lines moved, as its waiters are told. */
  readonly moves = new Subject<number>();
  private readonly ticks = new Map<string, Tick>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly realtime: RealtimeGateway,
    private readonly clock: DatabaseClock,
  ) {}

  /**
   * Takes what happened to a line.
   *
   * @param from the line's version before; null when it is not known what happened
   * @param left the places that are gone
   */
  moved(lane: ShowLane, line: LineName, from: number | null, left: readonly number[]): void {
    const key = keyOf(lane.terms.showId, line);
    const tick = this.ticks.get(key);
    if (!tick) {
      const timer = this.nextTick(key, this.send({ lane, line, from, left: [...left] }));
      this.ticks.set(key, { timer, untold: null });
      return;
    }
    const { untold } = tick;
    // A lane that was opened anew knows nothing of what its predecessor had not told yet.
    if (!untold || untold.lane !== lane) tick.untold = { lane, line, from: untold ? null : from, left: [...left] };
    else {
      untold.left = untold.left.concat(left);
      if (from === null) untold.from = null;
    }
  }

  /** Waits until those in line were told of all that happened so far: a tick at most. */
  told({ showId, line }: Pick<Queue, 'showId' | 'line'>): Promise<void> {
    return this.until(showId, () => !this.ticks.get(keyOf(showId, line))?.untold);
  }

  /**
   * Waits until those in line were told of everybody who left behind a place: who begins to count there now would count
   * these twice. For who just came, and is the last or nearly, no time at all.
   */
  toldBehind({ showId, line, place }: Pick<Queue, 'showId' | 'line' | 'place'>): Promise<void> {
    const isBehind = (left: number) => left > (place ?? 0);
    return this.until(showId, () => !this.ticks.get(keyOf(showId, line))?.untold?.left.some(isBehind));
  }

  onModuleDestroy(): void {
    for (const { timer } of this.ticks.values()) clearTimeout(timer);
    this.ticks.clear();
    this.moves.complete();
  }

  private async until(showId: number, isTold: () => boolean): Promise<void> {
    while (!isTold()) {
      const next = this.moves.pipe(filter((moved) => moved === showId));
      if ((await firstValueFrom(next, { defaultValue: null })) === null) return;
    }
  }

  private nextTick(key: string, spentMs: number): NodeJS.Timeout {
    return setTimeout(() => this.endTick(key), Math.max(this.config.tickMs, spentMs / tellingShare));
  }

  private endTick(key: string): void {
    const tick = this.ticks.get(key);
    if (!tick?.untold) {
      this.ticks.delete(key);
      return;
    }
    const spentMs = this.send(tick.untold);
    tick.untold = null;
    tick.timer = this.nextTick(key, spentMs);
  }

  /** @returns how many ms it took */
  private send({ lane, line: name, from, left }: Untold): number {
    const began = performance.now();
    const line: Line = lane.state.lines[name];
    const { version, head, waiting, lastPlace } = line;
    const now = this.clock.now();
    this.realtime.sendMoved({
      showId: lane.terms.showId,
      line: name,
      version,
      head,
      left: left.filter((place) => place >= head),
      waiting,
      etaSecondsPerPlace: line.pace.perPlace(waiting, now),
      // Above what anyone knows: whoever hears it asks.
      from: from ?? version,
      lastPlace,
      reach: reachOf(lane.terms, lane.state, line, now),
    });
    this.moves.next(lane.terms.showId);
    return performance.now() - began;
  }
}
