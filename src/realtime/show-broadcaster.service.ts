import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { type SeatMapSnapshot, type SeatsChanged, type SeatStatus, seatStatusNames } from '@usher/contract';
import { CONFIG, type Config } from '../config/config.js';
import { showRoom } from './rooms.js';
import type { UsherServer, UsherSocket } from './socket.js';

/**
 * The seat changes of a show in the versions after `from` and up to `version`. The map has the present status of each
 * changed seat.
 */
interface SeatChanges {
  readonly from: number;
  readonly version: number;
  readonly statuses: ReadonlyMap<number, SeatStatus>;
}

/** Time within which a client must acknowledge that it replaced its map. */
const resetTimeoutMs = 1000;

/** A show for which this node sent a message within the last broadcast tick. */
interface BroadcastTick {
  timer: NodeJS.Timeout;
  /** The changes since that message. */
  pending: SeatChanges | null;
}

/**
 * Sends each show's seat changes to the viewers on this node. If a show has been quiet, a change is sent at once. After
 * that, changes are merged and sent at most once per `TICK_MS`. So a viewer gets at most one message per tick,
 * regardless of how many seats change.
 */
@Injectable()
export class ShowBroadcaster implements OnModuleDestroy {
  private readonly ticks = new Map<number, BroadcastTick>();
  private server: UsherServer | null = null;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Sets the server that sends the messages. Called once, before the server listens. */
  attach(server: UsherServer): void {
    this.server = server;
  }

  /** Sends a show's seat changes, now or at the end of the running tick. */
  broadcast(showId: number, changes: SeatChanges): void {
    if (changes.version === changes.from) return;
    const tick = this.ticks.get(showId);
    if (tick) {
      // Changes are not merged across a gap, because the merged message would tell viewers that they missed nothing.
      const isContinuation = tick.pending?.version === changes.from;
      if (tick.pending && !isContinuation) this.send(showId, tick.pending);
      tick.pending = tick.pending && isContinuation ? merge(tick.pending, changes) : changes;
      return;
    }
    this.send(showId, changes);
    this.ticks.set(showId, { timer: this.startTick(showId), pending: null });
  }

  /**
   * Replaces the map of every viewer on this node, regardless of the version that each viewer has. A client that does
   * not know `show:reset` does not acknowledge it. The node closes the connection of such a client, so that the client
   * reconnects and joins with a new snapshot. Otherwise the client would ignore changes with versions below its own.
   */
  reset(snapshot: SeatMapSnapshot): void {
    const tick = this.ticks.get(snapshot.showId);
    if (tick) tick.pending = null;
    if (!this.server) return;
    const { adapter, sockets } = this.server.of('/');
    for (const id of adapter.rooms.get(showRoom(snapshot.showId)) ?? []) {
      const socket = sockets.get(id);
      if (socket) void resetOrClose(socket, snapshot);
    }
  }

  /** Sends all pending changes, so that a draining node loses none of them. */
  onModuleDestroy(): void {
    for (const [showId, { timer, pending }] of this.ticks) {
      clearTimeout(timer);
      if (pending) this.send(showId, pending);
    }
    this.ticks.clear();
  }

  private startTick(showId: number): NodeJS.Timeout {
    return setTimeout(() => this.endTick(showId), this.config.tickMs);
  }

  private endTick(showId: number): void {
    const tick = this.ticks.get(showId);
    if (!tick?.pending) {
      this.ticks.delete(showId);
      return;
    }
    this.send(showId, tick.pending);
    tick.pending = null;
    tick.timer = this.startTick(showId);
  }

  private send(showId: number, { from, version, statuses }: SeatChanges): void {
    const message: SeatsChanged = { showId, from, version };
    for (const [seat, status] of statuses) (message[seatStatusNames[status]] ??= []).push(seat);
    this.server?.local.to(showRoom(showId)).emit('seats:changed', message);
  }
}

async function resetOrClose(socket: UsherSocket, snapshot: SeatMapSnapshot): Promise<void> {
  try {
    await socket.timeout(resetTimeoutMs).emitWithAck('show:reset', snapshot);
  } catch {
    // `disconnect` would stop the client from reconnecting.
    socket.conn.close();
  }
}

const merge = (earlier: SeatChanges, later: SeatChanges): SeatChanges => ({
  from: earlier.from,
  version: later.version,
  statuses: new Map([...earlier.statuses, ...later.statuses]),
});
