import type { LineMoment } from '../model/keyed-place.js';
import type { Line, RequestGroup } from './line.js';
import { type PartyRequest, type Waiter, requestKey } from '../model/waiter.js';

/** The parties that wait with the same request, in the order of their line tickets. */
export interface WaitingParties {
  readonly request: PartyRequest;
  readonly waiters: Iterator<Waiter>;
}

/**
 * A line in the middle of a batch: the committed line, changed by the waiters who joined or left in the batch. The
 * draft copies nothing, because a line may have 100,000 waiters.
 */
export class LineDraft {
  lastTicket: number;
  version: number;
  /** Whether the line may be an open lobby. A line can begin as a lobby, which ends when its places are drawn. */
  isGathering: boolean;
  /** Whether this batch drew the places of the lobby. The places become known only after the commit. */
  isBeingDrawn = false;
  /** The waiters who joined in the batch, by line ticket. */
  private readonly joined = new Map<number, Waiter>();
  /** The waiters who waited before the batch and passed the challenge in it, by line ticket. */
  private readonly passed = new Map<number, Waiter>();
  /** The line tickets that left in the batch. */
  private readonly left = new Set<number>();
  /** The waiters who joined in the batch, grouped by request. The map's keys come from `requestKey`. */
  private readonly joinedGroups = new Map<string, { readonly request: PartyRequest; readonly tickets: number[] }>();

  constructor(private readonly line: Line) {
    this.lastTicket = line.lastTicket;
    this.version = line.version;
    this.isGathering = line.lobbySize === null && line.lobbyReceipts.length === line.lastTicket;
  }

  get waiting(): number {
    return this.line.waiting + this.joined.size - this.left.size;
  }

  waiter(lineTicket: number): Waiter | undefined {
    if (this.left.has(lineTicket)) return undefined;
    return this.passed.get(lineTicket) ?? this.line.waiters.get(lineTicket) ?? this.joined.get(lineTicket);
  }

  /** Returns the line as one of its waiters sees it. */
  momentOf(waiter: Waiter): LineMoment {
    // If this batch draws the lobby, its members still see the line as it was before the draw. A separate message about
    // the draw tells them their places.
    const { version, waiting, lastTicket } = waiter.place === null && this.isBeingDrawn ? this.line : this;
    return { version, waiting, lastTicket, ahead: waiter.place === null ? null : this.ahead(waiter, waiter.place) };
  }

  join(waiter: Waiter): void {
    this.joined.set(waiter.lineTicket, waiter);
    this.lastTicket = waiter.lineTicket;
    const key = requestKey(waiter);
    const same = this.joinedGroups.get(key);
    if (same) same.tickets.push(waiter.lineTicket);
    else this.joinedGroups.set(key, { request: waiter, tickets: [waiter.lineTicket] });
  }

  /** Remembers that a waiter has passed the challenge. Returns the changed waiter, or null if nobody waits there. */
  passChallenge(lineTicket: number): Waiter | null {
    const waiter = this.waiter(lineTicket);
    if (!waiter) return null;
    const passed = { ...waiter, hasPassedChallenge: true };
    (this.joined.has(lineTicket) ? this.joined : this.passed).set(lineTicket, passed);
    return passed;
  }

  /** Removes a waiter and returns it. Returns null if no waiter with that line ticket waits. */
  leave(lineTicket: number): Waiter | null {
    const waiter = this.waiter(lineTicket);
    if (!waiter) return null;
    this.left.add(lineTicket);
    return waiter;
  }

  /** Ends the lobby. The draft does not know the drawn places. They are in the line after the commit. */
  shuffle(): void {
    this.isGathering = false;
    this.isBeingDrawn = this.line.lobbyReceipts.length > 0;
  }

  /** Counts one more entry in the line's hash chain. */
  record(): void {
    this.version++;
  }

  /** Iterates over the waiters with a place, lowest place first. It skips waiters who leave during the iteration. */
  *inOrder(): Iterable<Waiter> {
    for (const waiter of this.line.inOrder()) if (!this.left.has(waiter.lineTicket)) yield waiter;
    for (const waiter of this.joined.values()) {
      if (waiter.place !== null && !this.left.has(waiter.lineTicket)) yield waiter;
    }
  }

  /** Returns at most `max` waiters whose wait ends by `now`, in the order of their line tickets. */
  dueBy(now: number, max: number): Waiter[] {
    const due: Waiter[] = [];
    for (const lineTicket of this.line.due.endingBy(now)) {
      const waiter = this.waiter(lineTicket);
      if (waiter && waiter.expiresAt <= now) due.push(waiter);
      if (due.length === max) break;
    }
    return due.toSorted((a, b) => a.lineTicket - b.lineTicket);
  }

  /**
   * A time by which the first wait will have ended, in ms since 1970. It is too early if the batch has already ended
   * that wait.
   */
  get firstEndBy(): number {
    const ends = [...this.joined.values()].map(({ expiresAt }) => expiresAt);
    return Math.min(this.line.due.firstEndBy, ...ends);
  }

  /** Returns at most `max` waiters: those with the lowest line tickets, in that order. */
  firstWaiters(max: number): Waiter[] {
    const first: Waiter[] = [];
    for (const waiters of [this.line.waiters, this.joined]) {
      for (const waiter of waiters.values()) {
        if (first.length === max) return first;
        if (!this.left.has(waiter.lineTicket)) first.push(waiter);
      }
    }
    return first;
  }

  /** Returns the waiting parties, grouped by request. */
  parties(): WaitingParties[] {
    const keys = new Set([...this.line.groups.keys(), ...this.joinedGroups.keys()]);
    return [...keys].flatMap((key) => this.partiesWith(key) ?? []);
  }

  /** Returns the parties that wait with the same request as a waiter. */
  partiesLike(waiter: Waiter): WaitingParties[] {
    return [this.partiesWith(requestKey(waiter))].filter((parties) => parties !== null);
  }

  private partiesWith(key: string): WaitingParties | null {
    const before = this.line.groups.get(key);
    const here = this.joinedGroups.get(key);
    const request = (before ?? here)?.request;
    return request ? { request, waiters: this.waitersOf(before, here?.tickets ?? []) } : null;
  }

  private *waitersOf(before: RequestGroup | undefined, here: readonly number[]): Generator<Waiter> {
    const { tickets, from } = before ?? { tickets: [], from: 0 };
    for (let index = from; index < tickets.length; index++) {
      const waiter = this.waiter(tickets[index]!);
      if (waiter) yield waiter;
    }
    for (const lineTicket of here) {
      const waiter = this.waiter(lineTicket);
      if (waiter) yield waiter;
    }
  }

  private ahead({ lineTicket }: Waiter, place: number): number {
    if (place === this.lastTicket) return this.waiting - 1;
    const { waiters } = this.line;
    const wasAhead = (one: number) =>
      waiters.has(one) && (this.isBeingDrawn || (waiters.get(one)?.place ?? Infinity) < place);
    const before = this.isBeingDrawn ? waiters.size : this.line.below(place);
    const leftAhead = [...this.left].filter(wasAhead).length;
    let joined = 0;
    for (const one of this.joined.keys()) if (one < lineTicket && !this.left.has(one)) joined++;
    return before - leftAhead + joined;
  }
}
