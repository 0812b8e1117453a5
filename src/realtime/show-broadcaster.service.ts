import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type SeatMapSnapshot, type SeatsChanged, type SeatStatus, seatStatusNames } from '@usher/contract';
import { CONFIG, type Config } from '../config/config.js';
import { showRoom } from './rooms.js';
import type { UsherServer, UsherSocket } from './socket.js';

/** Seat changes of a show: the versions after `from` up to `version`, and the status each touched seat has now. */
interface Changes {
  readonly from: number;
  readonly version: number;
  readonly statuses: ReadonlyMap<number, SeatStatus>;
}

/** Time for a viewer to acknowledge that it replaced its map. */
const resetMsMax = 1000;

/** A show that was sent to within the last tick, with what came since. */
interface Tick {
  timer: NodeJS.Timeout;
  waiting: Changes | null;
}

/**
 * Sends each show's seat changes to its viewers on this node: at once while the show is quiet, else merged and no more often than
 * every `TICK_MS`. A viewer costs a message a tick, however many seats change in it.
 */
@Injectable()
export class ShowBroadcaster implements OnModuleDestroy {
  private readonly ticks = new Map<number, Tick>();
  private server: UsherServer | null = null;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** The server to send through; called once, before it listens. */
  attach(server: UsherServer): void {
    this.server = server;
  }

  /** Takes a show's changes for its room. */
  changed(showId: number, changes: Changes): void {
    if (changes.version === changes.from) return;
    const tick = this.ticks.get(showId);
    if (tick) {
      // Across a gap nothing is merged: one message over it would tell viewers that they missed nothing.
      const follows = tick.waiting?.version === changes.from;
      if (tick.waiting && !follows) this.send(showId, tick.waiting);
      tick.waiting = tick.waiting && follows ? merged(tick.waiting, changes) : changes;
      return;
    }
    this.send(showId, changes);
    this.ticks.set(showId, { timer: this.nextTick(showId), waiting: null });
  }

  /**
   * Replaces the map of every viewer of this node, whatever version each has. A client that does not know `show:reset`
   * acknowledges nothing. Its connection is closed, so that it connects again and joins with a new snapshot: by the rules
   * of versions alone it would drop the changes of a history that is behind its own.
   */
  reset(snapshot: SeatMapSnapshot): void {
    const tick = this.ticks.get(snapshot.showId);
    if (tick) tick.waiting = null;
    if (!this.server) return;
    const { adapter, sockets } = this.server.of('/');
    for (const id of adapter.rooms.get(showRoom(snapshot.showId)) ?? []) {
      const socket = sockets.get(id);
      if (socket) void resetOrClose(socket, snapshot);
    }
  }

  /** Sends what waits for its tick: a node that leaves leaves nothing unsaid. */
  onModuleDestroy(): void {
    for (const [showId, { timer, waiting }] of this.ticks) {
      clearTimeout(timer);
      if (waiting) this.send(showId, waiting);
    }
    this.ticks.clear();
  }

  private nextTick(showId: number): NodeJS.Timeout {
    return setTimeout(() => this.endTick(showId), this.config.tickMs);
  }

  private endTick(showId: number): void {
    const tick = this.ticks.get(showId);
    if (!tick?.waiting) {
      this.ticks.delete(showId);
      return;
    }
    this.send(showId, tick.waiting);
    tick.waiting = null;
    tick.timer = this.nextTick(showId);
  }

  private send(showId: number, { from, version, statuses }: Changes): void {
    const message: SeatsChanged = { showId, from, version };
    for (const [seat, status] of statuses) (message[seatStatusNames[status]] ??= []).push(seat);
    this.server?.local.to(showRoom(showId)).emit('seats:changed', message);
  }
}

async function resetOrClose(socket: UsherSocket, snapshot: SeatMapSnapshot): Promise<void> {
  try {
    await socket.timeout(resetMsMax).emitWithAck('show:reset', snapshot);
  } catch {
    // Not `disconnect`: Socket.IO's clients do not come back from that.
    socket.conn.close();
  }
}

const merged = (earlier: Changes, later: Changes): Changes => ({
  from: earlier.from,
  version: later.version,
  statuses: new Map([...earlier.statuses, ...later.statuses]),
});
