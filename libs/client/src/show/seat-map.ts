import {
  decodeSeats,
  type SeatChange,
  type SeatCounts,
  type SeatsChanged,
  SeatStatus,
  seatStatusNames,
  type ShowSynced,
} from '@usher/contract';

/** All seats at one version. Never changed; a change makes a new one, with new `seats`. */
export interface SeatMap {
  readonly version: number;
  readonly seatCount: number;
  /** One {@link SeatStatus} a seat. */
  readonly seats: Uint8Array;
  readonly counts: SeatCounts;
}

/** A snapshot as join and sync answer it. */
export interface Snapshot {
  readonly version: number;
  readonly seatCount: number;
  /** Base64 of two bits a seat. */
  readonly seats: string;
}

/** More than any gap that a sync closes; a message dropped beyond it is one more loss, which the next sync mends. */
const KEPT_MAX = 256;
/** How many times, over how long, the server must say a lower version than ours before we believe that it went back. */
const DOUBT_COUNT = 3;
const DOUBT_MS = 4_000;

/**
 * The version rules of a show's seat map, as a pure state machine: it is told what came from the server and when (any
 * monotonic clock, in milliseconds), and says what the map is, since when something is missing, and whether the server
 * seems to have lost its past. It never sends anything and has no timers.
 *
 * At every moment `map` is exactly the show at `map.version`, whatever was lost, doubled or came in another order.
 */
export class SeatMapState {
  /** The map, or null before the first snapshot. The same reference until it changes. */
  map: SeatMap | null = null;

  /** Messages whose `from` we have not reached, with when they came. */
  private kept: { message: SeatsChanged; at: number }[] = [];
  /** The highest version that the server spoke of beside a change, and since when we have been behind it. */
  private announcement: { version: number; at: number } | null = null;
  /** What came since the join was sent: its answer may be a snapshot from before them. */
  private heard: { message: SeatsChanged; at: number }[] | null = null;
  /** Our version when the join was sent; its answer may rightly be older than what came meanwhile. */
  private joinSince = 0;
  /** The server says it is behind us: our version when it first did, since when, how often. */
  private doubt: { floor: number; at: number; count: number } | null = null;

  /** Say this before each `show:join` is sent. */
  joinSent(): void {
    this.heard = [];
    this.joinSince = this.map?.version ?? 0;
  }

  /**
   * The answer to `show:join`. A snapshot older than the map leaves it as it is (a node that lags), unless the server
   * has kept saying so for long enough that it must have gone back (a restored database): then it is taken.
   *
   * @returns whether the map is now confirmed by this answer; false asks for a sync now and another join later
   * @throws RangeError when the snapshot is not one
   */
  joined(snapshot: Snapshot, now: number): boolean {
    const heard = this.heard ?? [];
    this.testify(snapshot.version, this.joinSince, now);
    const older = this.map !== null && snapshot.version < this.map.version;
    if (older && !this.isDoubtRipe(now)) {
      this.heard = null;
      return this.doubt === null;
    }
    if (older) this.forget();
    this.take(snapshot);
    this.heard = null;
    for (const { message, at } of heard) this.changed(message, at);
    return true;
  }

  /**
   * A `show:reset`: takes the snapshot whatever its version. The answer to a join that is under way is taken as well.
   *
   * @throws RangeError when the snapshot is not one
   */
  reset(snapshot: Snapshot): void {
    this.forget();
    if (this.heard !== null) this.heard = [];
    this.joinSince = 0;
    this.take(snapshot);
  }

  /** A `seats:changed`. */
  changed(message: SeatsChanged, now: number): void {
    if (this.heard !== null) keep(this.heard, { message, at: now });
    if (this.map === null || message.version <= this.map.version) return;
    if (message.from > this.map.version) keep(this.kept, { message, at: now });
    else this.advance(message.version, [message]);
  }

  /** A `show:version`. */
  announced(version: number, now: number): void {
    if (this.map === null) return;
    this.testify(version, this.map.version, now);
    if (version <= this.map.version) return;
    const waiting = this.announcement !== null && this.announcement.version > this.map.version;
    this.announcement = {
      version: Math.max(version, this.announcement?.version ?? 0),
      at: waiting && this.announcement ? this.announcement.at : now,
    };
  }

  /**
   * The answer to `show:sync { since }`. It is used as far as it is news and joins on to the map.
   *
   * @throws RangeError when the answer is a snapshot that is not one
   */
  synced(since: number, answer: ShowSynced, now: number): void {
    if (this.map === null) return;
    this.testify(answer.version, since, now);
    if (answer.version <= this.map.version) return;
    if ('seats' in answer) this.take(answer);
    else if (since <= this.map.version) this.advance(answer.version, answer.changes);
  }

  /** Since when something has been missing, on the clock that the messages were told with; null when nothing is. */
  missingSince(): number | null {
    if (this.map === null) return null;
    const since = this.kept.map(({ at }) => at);
    if (this.announcement !== null && this.announcement.version > this.map.version) since.push(this.announcement.at);
    return since.length === 0 ? null : Math.min(...since);
  }

  /** True when the server has kept saying a lower version than ours: the next join's snapshot will be taken. */
  isDoubtRipe(now: number): boolean {
    return this.doubt !== null && this.doubt.count >= DOUBT_COUNT && now - this.doubt.at >= DOUBT_MS;
  }

  // A beat can be overtaken by the changes after it, so one low version means nothing; and a node that merely lags
  // passes the version that we had when the doubt began, which a database that went back does not.
  private testify(version: number, ours: number, now: number): void {
    if (this.map === null || version >= (this.doubt?.floor ?? ours)) {
      this.doubt = null;
      return;
    }
    this.doubt ??= { floor: ours, at: now, count: 0 };
    this.doubt.count++;
  }

  private forget(): void {
    this.kept = [];
    this.announcement = null;
    this.doubt = null;
  }

  private take(snapshot: Snapshot): void {
    const seats = decodeSeats(snapshot.seats, snapshot.seatCount);
    const same =
      this.map?.version === snapshot.version &&
      this.map.seatCount === snapshot.seatCount &&
      this.map.seats.every((status, seat) => status === seats[seat]);
    if (!same) this.replace(snapshot.version, seats);
    this.drain();
  }

  /**
   * Applies changes, oldest first, that together reach from our version, or before it, to `version`. Those from before
   * do no harm: what they put back, a later one of them changes again.
   */
  private advance(version: number, changes: readonly SeatChange[]): void {
    if (this.map === null) return;
    const seats = this.map.seats.slice();
    for (const change of changes) write(seats, change);
    this.replace(version, seats);
    this.drain();
  }

  private drain(): void {
    if (this.map === null) return;
    const { version } = this.map;
    this.kept = this.kept.filter(({ message }) => message.version > version);
    const at = this.kept.findIndex(({ message }) => message.from <= version);
    const [next] = at < 0 ? [] : this.kept.splice(at, 1);
    if (next) this.advance(next.message.version, [next.message]);
  }

  private replace(version: number, seats: Uint8Array): void {
    this.map = { version, seatCount: seats.length, seats, counts: countSeats(seats) };
  }
}

/** How many seats have each status. */
export function countSeats(seats: Uint8Array): SeatCounts {
  const byStatus = [0, 0, 0, 0];
  for (const status of seats) byStatus[status]!++;
  const [free = 0, held = 0, sold = 0, blocked = 0] = byStatus;
  return { free, held, sold, blocked };
}

function write(seats: Uint8Array, change: SeatChange): void {
  for (const name of seatStatusNames) {
    for (const seat of change[name] ?? []) seats[seat] = SeatStatus[name];
  }
}

function keep<T>(list: T[], item: T): void {
  if (list.length >= KEPT_MAX) list.shift();
  list.push(item);
}
