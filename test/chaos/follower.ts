import { decodeSeats, type SeatChange, type SeatsChanged, SeatStatus } from '@usher/contract';
import type { Entry } from './history.js';

/** One show's map in a client's hands. */
export interface FollowedMap {
  readonly version: number;
  /** One status a seat. */
  readonly seats: Uint8Array;
}

interface Map_ {
  version: number;
  seats: Uint8Array;
}

/** A show as one socket follows it: no map yet while it is joining. */
interface Followed {
  map: Map_ | null;
  /** Messages that came before what they build on, oldest first. */
  kept: SeatsChanged[];
}

type Snapshot = { readonly version: number; readonly seatCount: number; readonly seats: string };

/**
 * What a plain client has of its shows, by the contract's rule for `seats:changed` and nothing else: fed with a socket's
 * entries in their order, live by the driver and again by the checker.
 */
export class Follower {
  /** What no rule of the contract has a place for. */
  readonly anomalies: string[] = [];
  private readonly shows = new Map<number, Followed>();
  private readonly asked = new Map<number, { readonly event: string; readonly showId: number }>();

  /** @param socket whose entries to follow */
  constructor(readonly socket: number) {}

  /** The map of a show; null: not in it, or not yet. */
  map(showId: number): FollowedMap | null {
    return this.shows.get(showId)?.map ?? null;
  }

  /** Whether something was missed: messages wait for one that did not come. */
  hasGap(showId: number): boolean {
    const followed = this.shows.get(showId);
    return followed?.map !== null && followed !== undefined && followed.kept.length > 0;
  }

  /** Takes the next entry. @returns the show whose map it may have changed, or null */
  feed(entry: Entry): number | null {
    if (entry.kind === 'call' && entry.socket === this.socket) return this.called(entry);
    if (entry.kind === 'answer') return this.answered(entry);
    if (entry.kind === 'heard' && entry.socket === this.socket) return this.heard(entry);
    if (entry.kind === 'disconnected' && entry.socket === this.socket) this.shows.clear();
    return null;
  }

  private called({ call, event, payload }: Extract<Entry, { kind: 'call' }>): null {
    const showId = Number(payload.showId);
    if (event === 'show:join') {
      // What is heard from now on may be newer than the snapshot that is on its way.
      if (!this.shows.has(showId)) this.shows.set(showId, { map: null, kept: [] });
      this.asked.set(call, { event, showId });
    } else if (event === 'show:sync') this.asked.set(call, { event, showId });
    else if (event === 'show:leave') this.shows.delete(showId);
    return null;
  }

  private answered({ call, answer }: Extract<Entry, { kind: 'answer' }>): number | null {
    const asked = this.asked.get(call);
    this.asked.delete(call);
    const followed = asked && this.shows.get(asked.showId);
    if (!followed) return null;
    if (asked.event === 'show:join') {
      if (!answer.ok || answer.access !== 'open') {
        this.shows.delete(asked.showId);
        return null;
      }
      followed.map = toMap(answer as unknown as Snapshot);
    } else if (answer.ok && followed.map) this.sync(followed.map, answer, asked.showId);
    this.applyKept(followed);
    return asked.showId;
  }

  private heard({ event, payload }: Extract<Entry, { kind: 'heard' }>): number | null {
    const { showId } = payload as { showId: number };
    if (event === 'stay:ended') this.shows.delete(showId);
    if (event !== 'seats:changed') return null;
    const followed = this.shows.get(showId);
    if (!followed) return null;
    followed.kept.push(payload as SeatsChanged);
    this.applyKept(followed);
    return showId;
  }

  private sync(map: Map_, answer: Record<string, unknown>, showId: number): void {
    if (!('changes' in answer)) {
      const fresh = toMap(answer as unknown as Snapshot);
      // An older one is of a node that has not read on: what is known already is no worse.
      if (fresh.version >= map.version) Object.assign(map, fresh);
      return;
    }
    for (const change of answer.changes as SeatChange[]) {
      if (change.version <= map.version) continue;
      if (change.version !== map.version + 1) {
        this.anomalies.push(`show ${showId}: a sync goes from version ${map.version} to ${change.version}`);
      }
      apply(map, change);
    }
  }

  /** The rule: older ones are dropped, those that build on what is known are applied, the others wait. */
  private applyKept(followed: Followed): void {
    const { map } = followed;
    if (!map) return;
    for (;;) {
      followed.kept = followed.kept.filter(({ version }) => version > map.version);
      const next = followed.kept.find(({ from }) => from <= map.version);
      if (!next) return;
      apply(map, next);
    }
  }
}

const toMap = ({ version, seatCount, seats }: Snapshot): Map_ => ({ version, seats: decodeSeats(seats, seatCount) });

function apply(map: Map_, change: SeatChange): void {
  for (const [name, status] of Object.entries(SeatStatus)) {
    for (const seat of change[name as keyof typeof SeatStatus] ?? []) map.seats[seat] = status;
  }
  map.version = change.version;
}
