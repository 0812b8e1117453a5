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

/** A show that one socket follows. It has no map until the answer to the join arrives. */
interface FollowedShow {
  map: MutableMap | null;
  /** Diffs that cannot be applied yet because the map or an earlier diff is missing. In the order of arrival. */
  pending: SeatsChanged[];
}

/**
 * Keeps the maps of one client up to date by the contract's rule for `seats:changed`. It is fed the history's entries
 * in order. The recorded socket uses it during the run, and the checker uses it afterwards on the history.
 */
export class Follower {
  /** Descriptions of messages that break a rule of the contract. */
  readonly anomalies: string[] = [];
  private readonly shows = new Map<number, FollowedShow>();
  private readonly requests = new Map<number, { readonly event: string; readonly showId: number }>();

  /** @param socket number of the socket to follow */
  constructor(readonly socket: number) {}

  /** Returns the map of a show. Returns null if the client is not in the show or is still joining it. */
  map(showId: number): FollowedMap | null {
    return this.shows.get(showId)?.map ?? null;
  }

  /** Returns true if later diffs wait for a diff that has not arrived. */
  hasGap(showId: number): boolean {
    const followed = this.shows.get(showId);
    return followed?.map !== null && followed !== undefined && followed.pending.length > 0;
  }

  /** Processes the next entry. Returns the id of the show whose map may have changed, or null. */
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
      // Diffs that arrive before the answer may be newer than its snapshot, so the follower keeps them.
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
      // An older snapshot comes from a node that has not caught up yet, so the client keeps its newer map.
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

  /**
   * Applies the contract's rule: drops diffs that are not newer than the map, applies diffs that build on it, and keeps
   * the others for later.
   */
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
