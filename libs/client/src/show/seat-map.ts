import {
  decodeSeats,
  type SeatChange,
  type SeatCounts,
  type SeatsChanged,
  SeatStatus,
  seatStatusNames,
  type ShowSynced,
} from '@usher/contract';

/** All seats of a show at one version. It is immutable. Every change creates a new map with a new `seats` array. */
export interface SeatMap {
  readonly version: number;
  readonly seatCount: number;
  /** One {@link SeatStatus} per seat. */
  readonly seats: Uint8Array;
  readonly counts: SeatCounts;
}

/** A snapshot from the answer to a join or a sync. */
export interface Snapshot {
  readonly version: number;
  readonly seatCount: number;
  /** Base64 of two bits per seat. */
  readonly seats: string;
}

/** A message and the time when it arrived. */
interface ReceivedMessage {
  readonly message: SeatsChanged;
  readonly at: number;
}

/**
 * Maximum number of messages that are kept until an earlier message arrives. A sync normally closes a gap long before.
 * If the list is full, the oldest message is dropped. The next sync then replaces it like any lost message.
 */
const maxPendingMessages = 256;
/**
 * The map rolls back only after the server has named a version below the client's at least this many times and for at
 * least this long.
 */
const minRollbackReports = 3;
const minRollbackMs = 4_000;

/**
 * The state machine of a show's seat map. It receives the server's messages and the times of their arrival, in
 * milliseconds on any monotonic clock. From these, it determines the map, since when a message has been missing, and
 * whether the server has rolled back to an older state because its database was restored. It sends nothing and has no
 * timers.
 *
 * `map` always equals the show at `map.version`, even if messages are lost, repeated or reordered.
 */
export class SeatMapState {
  /** The map, or null before the first snapshot. It is the same object until it changes. */
  map: SeatMap | null = null;

  /** Messages whose `from` is above the map's version. */
  private pending: ReceivedMessage[] = [];
  /** The highest version that a heartbeat has named, and since when the map has been behind the heartbeats. */
  private announcement: { version: number; at: number } | null = null;
  /**
   * Messages since the join was sent, or null if no join is in progress. The snapshot in the answer may be older than
   * these messages.
   */
  private sinceJoinSent: ReceivedMessage[] | null = null;
  /**
   * The map's version when the join was sent. Only an answer below this version shows that the server is behind,
   * because messages that came later may be newer than the answer.
   */
  private versionAtJoin = 0;
  /**
   * Set if the server names versions below the client's. Contains the map's version at the first such message, the time
   * of that message, and the number of such messages.
   */
  private rollback: { clientVersion: number; since: number; reports: number } | null = null;

  /** Call this before each `show:join` is sent. */
  onJoinSent(): void {
    this.sinceJoinSent = [];
    this.versionAtJoin = this.map?.version ?? 0;
  }

  /**
   * Applies the answer to `show:join`. If its snapshot is older than the map, the node has probably not caught up, so
   * the map does not change. Once {@link hasServerRolledBack} is true, even an older snapshot replaces the map.
   *
   * @returns true if this answer confirms the map. If false, the caller must sync now and join again later
   * @throws RangeError if the snapshot is malformed
   */
  applyJoin(snapshot: Snapshot, now: number): boolean {
    const received = this.sinceJoinSent ?? [];
    this.recordServerVersion(snapshot.version, this.versionAtJoin, now);
    const isOlder = this.map !== null && snapshot.version < this.map.version;
    if (isOlder && !this.hasServerRolledBack(now)) {
      this.sinceJoinSent = null;
      return this.rollback === null;
    }
    if (isOlder) this.forgetMessages();
    this.applySnapshot(snapshot);
    this.sinceJoinSent = null;
    for (const { message, at } of received) this.applyChange(message, at);
    return true;
  }

  /**
   * Applies `show:reset`. The snapshot replaces the map, even if its version is lower. The answer to a join in progress
   * is still applied when it arrives.
   *
   * @throws RangeError if the snapshot is malformed
   */
  applyReset(snapshot: Snapshot): void {
    this.forgetMessages();
    if (this.sinceJoinSent !== null) this.sinceJoinSent = [];
    this.versionAtJoin = 0;
    this.applySnapshot(snapshot);
  }

  /** Applies `seats:changed`. */
  applyChange(message: SeatsChanged, now: number): void {
    if (this.sinceJoinSent !== null) pushBounded(this.sinceJoinSent, { message, at: now });
    if (this.map === null || message.version <= this.map.version) return;
    if (message.from > this.map.version) pushBounded(this.pending, { message, at: now });
    else this.advance(message.version, [message]);
  }

  /** Applies `show:version`. */
  applyVersion(version: number, now: number): void {
    if (this.map === null) return;
    this.recordServerVersion(version, this.map.version, now);
    if (version <= this.map.version) return;
    const wasBehind = this.announcement !== null && this.announcement.version > this.map.version;
    this.announcement = {
      version: Math.max(version, this.announcement?.version ?? 0),
      at: wasBehind && this.announcement ? this.announcement.at : now,
    };
  }

  /**
   * Applies the answer to `show:sync`. Ignores the answer if the map already has its version or a newer one, or if
   * changes are missing between the map and the answer.
   *
   * @param since the version that the request named
   * @throws RangeError if the answer is a malformed snapshot
   */
  applySync(since: number, answer: ShowSynced, now: number): void {
    if (this.map === null) return;
    this.recordServerVersion(answer.version, since, now);
    if (answer.version <= this.map.version) return;
    if ('seats' in answer) this.applySnapshot(answer);
    else if (since <= this.map.version) this.advance(answer.version, answer.changes);
  }

  /** Returns since when a message has been missing, on the caller's clock, or null if no message is missing. */
  missingSince(): number | null {
    if (this.map === null) return null;
    const since = this.pending.map(({ at }) => at);
    if (this.announcement !== null && this.announcement.version > this.map.version) since.push(this.announcement.at);
    return since.length === 0 ? null : Math.min(...since);
  }

  /**
   * Returns whether the server has named a version below the client's so often that its database must have been restored.
   * The next join's snapshot will then replace the map.
   */
  hasServerRolledBack(now: number): boolean {
    return (
      this.rollback !== null &&
      this.rollback.reports >= minRollbackReports &&
      now - this.rollback.since >= minRollbackMs
    );
  }

  // One low version proves nothing, because a change can overtake a heartbeat. A node that has not caught up will soon
  // reach the version that the client had at the first low version. A node with a restored database will not.
  private recordServerVersion(version: number, clientVersion: number, now: number): void {
    if (this.map === null || version >= (this.rollback?.clientVersion ?? clientVersion)) {
      this.rollback = null;
      return;
    }
    this.rollback ??= { clientVersion, since: now, reports: 0 };
    this.rollback.reports++;
  }

  private forgetMessages(): void {
    this.pending = [];
    this.announcement = null;
    this.rollback = null;
  }

  private applySnapshot(snapshot: Snapshot): void {
    const seats = decodeSeats(snapshot.seats, snapshot.seatCount);
    const isSame =
      this.map?.version === snapshot.version &&
      this.map.seatCount === snapshot.seatCount &&
      this.map.seats.every((status, seat) => status === seats[seat]);
    if (!isSame) this.replaceMap(snapshot.version, seats);
    this.applyPending();
  }

  /**
   * Applies changes, oldest first, that lead to `version` without a gap. They start at the map's version or before it. A
   * change from before the map's version is harmless, because a later change in the list sets the same seats again.
   */
  private advance(version: number, changes: readonly SeatChange[]): void {
    if (this.map === null) return;
    const seats = this.map.seats.slice();
    for (const change of changes) writeChange(seats, change);
    this.replaceMap(version, seats);
    this.applyPending();
  }

  private applyPending(): void {
    if (this.map === null) return;
    const { version } = this.map;
    this.pending = this.pending.filter(({ message }) => message.version > version);
    const index = this.pending.findIndex(({ message }) => message.from <= version);
    const [next] = index < 0 ? [] : this.pending.splice(index, 1);
    if (next) this.advance(next.message.version, [next.message]);
  }

  private replaceMap(version: number, seats: Uint8Array): void {
    this.map = { version, seatCount: seats.length, seats, counts: countSeats(seats) };
  }
}

/** Counts the seats by status. */
export function countSeats(seats: Uint8Array): SeatCounts {
  const countByStatus = [0, 0, 0, 0];
  for (const status of seats) countByStatus[status]!++;
  const [free = 0, held = 0, sold = 0, blocked = 0] = countByStatus;
  return { free, held, sold, blocked };
}

function writeChange(seats: Uint8Array, change: SeatChange): void {
  for (const name of seatStatusNames) {
    for (const seat of change[name] ?? []) seats[seat] = SeatStatus[name];
  }
}

function pushBounded<T>(list: T[], item: T): void {
  if (list.length >= maxPendingMessages) list.shift();
  list.push(item);
}
