import { decodeSeats, type SeatChange, SeatsChanged, seatStatusNames } from '@usher/contract';
import { validate } from '../support/contract-shapes.js';
import type { Entry } from './history.js';
import { type Answer, Snapshot } from './messages.js';

/** A client's map of one show. */
export interface FollowedMap {
  readonly version: number;
  /** One status per seat. */
  readonly seats: Uint8Array;
}

interface MutableMap {
  version: number;
  seats: Uint8Array;
}

/** A show that one socket follows. It has no map while the socket is joining. */
interface FollowedShow {
  map: MutableMap | null;
  /** Diffs that arrived before the version on which they build, oldest first. */
  pending: SeatsChanged[];
}

/**
 * Follows the maps of one client by the contract's rule for `seats:changed`. It receives the entries of one socket in
 * order. The recorded socket uses it live, and the checker uses it again on the history.
 */
export class Follower {
  /** Messages that break a rule of the contract. */
  readonly anomalies: string[] = [];
  private readonly shows = new Map<number, FollowedShow>();
  private readonly requests = new Map<number, { readonly event: string; readonly showId: number }>();

  /** @param socket number of the socket to follow */
  constructor(readonly socket: number) {}

  /** Returns the map of a show, or null if the client is not in the show or still joining. */
  map(showId: number): FollowedMap | null {
    return this.shows.get(showId)?.map ?? null;
  }

  /** Returns whether a diff is missing, so that later diffs wait for it. */
  hasGap(showId: number): boolean {
    const followed = this.shows.get(showId);
    return followed?.map !== null && followed !== undefined && followed.pending.length > 0;
  }

  /** Takes the next entry. Returns the show whose map may have changed, or null. */
  feed(entry: Entry): number | null {
    if (entry.kind === 'call' && entry.socket === this.socket) return this.handleCall(entry);
    if (entry.kind === 'answer') return this.handleAnswer(entry);
    if (entry.kind === 'received' && entry.socket === this.socket) return this.handleEvent(entry);
    if (entry.kind === 'disconnected' && entry.socket === this.socket) this.shows.clear();
    return null;
  }

  private handleCall({ call, event, payload }: Extract<Entry, { kind: 'call' }>): null {
    const showId = Number(payload.showId);
    if (event === 'show:join') {
      // Diffs that arrive from now on may be newer than the snapshot, so the follower keeps them.
      if (!this.shows.has(showId)) this.shows.set(showId, { map: null, pending: [] });
      this.requests.set(call, { event, showId });
    } else if (event === 'show:sync') this.requests.set(call, { event, showId });
    else if (event === 'show:leave') this.shows.delete(showId);
    return null;
  }

  private handleAnswer({ call, answer }: Extract<Entry, { kind: 'answer' }>): number | null {
    const request = this.requests.get(call);
    this.requests.delete(call);
    const followed = request && this.shows.get(request.showId);
    if (!followed) return null;
    if (request.event === 'show:join') {
      if (!answer.ok || answer.access !== 'open') {
        this.shows.delete(request.showId);
        return null;
      }
      followed.map = toMap(validate(Snapshot, answer));
    } else if (answer.ok && followed.map) this.sync(followed.map, answer, request.showId);
    this.applyPending(followed);
    return request.showId;
  }

  private handleEvent({ event, payload }: Extract<Entry, { kind: 'received' }>): number | null {
    if (event === 'stay:ended') this.shows.delete(Number(payload.showId));
    if (event !== 'seats:changed') return null;
    const diff = validate(SeatsChanged, payload);
    const { showId } = diff;
    const followed = this.shows.get(showId);
    if (!followed) return null;
    followed.pending.push(diff);
    this.applyPending(followed);
    return showId;
  }

  private sync(map: MutableMap, answer: Answer & { ok: true }, showId: number): void {
    if (!answer.changes) {
      const fresh = toMap(validate(Snapshot, answer));
      // An older snapshot comes from a node that has not caught up yet. The client keeps its newer map.
      if (fresh.version >= map.version) Object.assign(map, fresh);
      return;
    }
    for (const change of answer.changes) {
      if (change.version <= map.version) continue;
      if (change.version !== map.version + 1) {
        this.anomalies.push(`show ${showId}: a sync goes from version ${map.version} to ${change.version}`);
      }
      apply(map, change);
    }
  }

  /** Applies the contract's rule: drops older diffs, applies diffs that build on the map, and keeps the others. */
  private applyPending(followed: FollowedShow): void {
    const { map } = followed;
    if (!map) return;
    for (;;) {
      followed.pending = followed.pending.filter(({ version }) => version > map.version);
      const next = followed.pending.find(({ from }) => from <= map.version);
      if (!next) return;
      apply(map, next);
    }
  }
}

const toMap = ({ version, seatCount, seats }: Snapshot): MutableMap => ({
  version,
  seats: decodeSeats(seats, seatCount),
});

function apply(map: MutableMap, change: SeatChange): void {
  for (const [status, name] of seatStatusNames.entries()) {
    for (const seat of change[name] ?? []) map.seats[seat] = status;
  }
  map.version = change.version;
}
