import type { ChainKind, LineName } from '@usher/contract';
import { DueTimes } from '../collections/due-times.js';
import { chainHash, type ChainLink, chainStart } from './chain.js';
import { Pace } from './pace.js';
import { PlaceCounts } from '../collections/place-counts.js';
import { shuffledTickets } from './shuffle.js';
import { type PartyRequest, type Waiter, requestKey } from '../model/waiter.js';

/** What the tables store about one line at one moment. */
export interface StoredLine {
  /** The last line ticket that was given out. */
  readonly lastTicket: number;
  /** The number of the last entry of the line's hash chain. */
  readonly version: number;
  /** The hash of the last entry of the chain. */
  readonly hash: string;
  /** The seed of the lobby's draw, in lower-case hex; null without a lobby. It is a secret until the draw. */
  readonly seed: string | null;
  /** The number of places that the draw gave out; null before the draw. */
  readonly lobbySize: number | null;
  /** The waiters in the order of their line tickets. */
  readonly waiters: readonly Waiter[];
  /**
   * The receipts of all line tickets of the lobby, in the order of the tickets. Empty if no member of the lobby waits
   * any more.
   */
  readonly lobbyReceipts: readonly string[];
  /**
   * Each entry counts the waiters who were served in one second, or those who left in it. The oldest entry is first.
   * The pace is measured from these counts.
   */
  readonly recent: readonly { readonly served: boolean; readonly at: number; readonly count: number }[];
}

/** The stored line that nobody has joined yet. */
export const emptyLine: StoredLine = {
  lastTicket: 0,
  version: 0,
  hash: chainStart,
  seed: null,
  lobbySize: null,
  waiters: [],
  lobbyReceipts: [],
  recent: [],
};

/**
 * The parties with the same request, in the order of their line tickets. `tickets` may still contain line tickets that
 * have left.
 */
export interface RequestGroup {
  readonly request: PartyRequest;
  tickets: number[];
  /** All line tickets before this index have left. */
  from: number;
  waiting: number;
}

/** One of the two lines of a show, as it is after a commit. Only `applyEntry` changes it. */
export class Line {
  lastTicket: number;
  version: number;
  hash: string;
  lobbySize: number | null;
  readonly seed: string | null;
  readonly waiters = new Map<number, Waiter>();
  /** The line tickets, indexed by the time at which their wait ends. */
  readonly due = new DueTimes<number>();
  readonly groups = new Map<string, RequestGroup>();
  /** An estimate of how fast the line is served. A pace that was read from the tables covers less of the past. */
  readonly pace = new Pace();
  lobbyReceipts: string[];
  /** The lowest place that may have a waiter. */
  private firstPlace = 1;
  private readonly places = new PlaceCounts();
  /**
   * The line ticket at each place of the lobby. Places whose line ticket has the same number are left out. All places
   * after the lobby are such places.
   */
  private readonly lobbyTickets = new Map<number, number>();

  constructor(
    readonly name: LineName,
    stored: StoredLine = emptyLine,
  ) {
    this.lastTicket = stored.lastTicket;
    this.version = stored.version;
    this.hash = stored.hash;
    this.seed = stored.seed;
    this.lobbySize = stored.lobbySize;
    this.lobbyReceipts = [...stored.lobbyReceipts];
    for (const waiter of stored.waiters) this.add(waiter);
    // The tables do not store the places of a lobby, so the same seed draws them again.
    if (stored.lobbySize !== null && stored.seed !== null && this.lobbyReceipts.length > 0) this.shuffle(stored.seed);
    for (const { served, at, count } of stored.recent) {
      if (served) this.pace.served(at, count);
      else this.pace.left(at, count);
    }
    const [first] = stored.waiters;
    if (first) this.pace.opened(first.joinedAt);
    this.skipEmptyPlaces();
  }

  get waiting(): number {
    return this.waiters.size;
  }

  /** The highest place that was given out. */
  get lastPlace(): number {
    return this.lobbyReceipts.length > 0 ? 0 : this.lastTicket;
  }

  /** The lowest place with a waiter; the place after the last one if nobody waits. */
  get head(): number {
    return this.firstPlace;
  }

  /** Returns the number of waiters at places lower than `place`. */
  below(place: number): number {
    return this.places.below(place);
  }

  /** Iterates over the waiters with a place, lowest place first. */
  *inOrder(): Iterable<Waiter> {
    for (let place = this.firstPlace; place <= this.lastPlace; place++) {
      const waiter = this.waiters.get(this.ticketAt(place));
      if (waiter?.place === place) yield waiter;
    }
  }

  /** Adds a waiter. */
  join(waiter: Waiter): void {
    if (this.waiters.size === 0) this.pace.opened(waiter.joinedAt);
    this.lastTicket = waiter.lineTicket;
    if (waiter.place === null) this.lobbyReceipts.push(waiter.receipt);
    this.add(waiter);
  }

  /** Remembers that a waiter has passed the challenge. Returns the changed waiter, or null if nobody waits there. */
  passChallenge(lineTicket: number): Waiter | null {
    const waiter = this.waiters.get(lineTicket);
    if (!waiter) return null;
    const passed = { ...waiter, hasPassedChallenge: true };
    this.waiters.set(lineTicket, passed);
    return passed;
  }

  /** Removes a waiter and returns it. Returns null if no waiter with that line ticket waits. */
  leave(lineTicket: number): Waiter | null {
    const waiter = this.waiters.get(lineTicket);
    if (!waiter) return null;
    this.waiters.delete(lineTicket);
    this.due.delete(lineTicket, waiter.expiresAt);
    if (waiter.place !== null) this.places.add(waiter.place, -1);
    this.skipEmptyPlaces();
    const request = this.groups.get(requestKey(waiter));
    if (request && --request.waiting === 0) this.groups.delete(requestKey(waiter));
    else if (request) skipLeftTickets(request, this.waiters);
    return waiter;
  }

  /** Draws the places of the lobby. Returns the members who still wait, with their places. */
  shuffle(seed: string): Waiter[] {
    const order = shuffledTickets(seed, this.lobbyReceipts);
    this.lobbySize = order.length;
    this.lobbyReceipts = [];
    const placed: Waiter[] = [];
    order.forEach((lineTicket, index) => {
      const waiter = this.waiters.get(lineTicket);
      if (waiter) placed.push({ ...waiter, place: index + 1 });
    });
    for (const waiter of placed) {
      this.waiters.set(waiter.lineTicket, waiter);
      this.takePlace(waiter);
    }
    this.skipEmptyPlaces();
    return placed;
  }

  /** Adds an entry to the hash chain. */
  record(link: ChainLink, at: number): void {
    this.hash = chainHash(this.hash, this.version + 1, at, link);
    this.version++;
    this.updatePace(link.kind, at);
  }

  private updatePace(kind: ChainKind, at: number): void {
    if (kind === 'offer' || kind === 'admit') this.pace.served(at);
    else if (kind === 'leave' || kind === 'expire') this.pace.left(at);
  }

  private add(waiter: Waiter): void {
    const { lineTicket, expiresAt } = waiter;
    this.waiters.set(lineTicket, waiter);
    this.due.add(lineTicket, expiresAt);
    if (waiter.place !== null) this.takePlace(waiter);
    const key = requestKey(waiter);
    const same = this.groups.get(key);
    if (same) {
      same.tickets.push(lineTicket);
      same.waiting++;
      return;
    }
    const { partySize, tiers, kind } = waiter;
    this.groups.set(key, { request: { partySize, tiers, kind }, tickets: [lineTicket], from: 0, waiting: 1 });
  }

  private takePlace({ place, lineTicket }: Waiter): void {
    if (place === null) return;
    this.places.add(place, 1);
    if (place !== lineTicket) this.lobbyTickets.set(place, lineTicket);
    else this.lobbyTickets.delete(place);
  }

  private ticketAt(place: number): number {
    if (place > (this.lobbySize ?? 0)) return place;
    return this.lobbyTickets.get(place) ?? place;
  }

  private skipEmptyPlaces(): void {
    const { lastPlace } = this;
    while (
      this.firstPlace <= lastPlace &&
      this.waiters.get(this.ticketAt(this.firstPlace))?.place !== this.firstPlace
    ) {
      this.firstPlace++;
    }
  }
}

function skipLeftTickets(request: RequestGroup, waiters: ReadonlyMap<number, Waiter>): void {
  while (request.from < request.tickets.length && !waiters.has(request.tickets[request.from]!)) request.from++;
  // Line tickets that left while an earlier one waits are still in the list. They are removed, because otherwise the
  // list would grow as sessions come and go.
  if (request.tickets.length < 2 * request.waiting + 1024) return;
  request.tickets = request.tickets.filter((lineTicket) => waiters.has(lineTicket));
  request.from = 0;
}
