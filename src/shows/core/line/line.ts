import type { ChainKind, LineName } from '@usher/contract';
import { DueTimes } from '../collections/due-times.js';
import { chainHash, type ChainLink, chainStart } from './chain.js';
import { Pace } from './pace.js';
import { PlaceCounts } from '../collections/place-counts.js';
import { shuffledTickets } from './shuffle.js';
import { type PartyWish, type Waiter, wishKey } from '../model/waiter.js';

/** What the tables say of one line at one moment. */
export interface StoredLine {
  readonly lastTicket: number;
  /** How many things have happened to the line: the number of its chain's last entry. */
  readonly version: number;
  /** Of the chain's last entry. */
  readonly hash: string;
  /** What the lobby is shuffled by, lower-case hex; null where there is no lobby. A secret until the shuffle. */
  readonly seed: string | null;
  /** How many the shuffle placed; null before it. */
  readonly lobbySize: number | null;
  /** Those who wait, by ticket. */
  readonly waiters: readonly Waiter[];
  /** Receipts of all tickets that a lobby gave, in their order; none when no one of it waits for an entry any more. */
  readonly lobbyReceipts: readonly string[];
  /** The last services and departures, by the second, oldest first: what the pace is measured from. */
  readonly recent: readonly { readonly served: boolean; readonly at: number; readonly count: number }[];
}

/** A line on which nothing has happened. */
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

/** Parties with the same wish, in the order of their tickets. Those who are gone are passed over. */
export interface WishLine {
  readonly wish: PartyWish;
  tickets: number[];
  /** Tickets before this index are gone. */
  from: number;
  waiting: number;
}

/** One of a show's two lines, as it stands after some commit. Only the fold of the log changes it. */
export class Line {
  lastTicket: number;
  version: number;
  hash: string;
  lobbySize: number | null;
  readonly seed: string | null;
  readonly waiters = new Map<number, Waiter>();
  /** Who waits, by the end of their wait. */
  readonly due = new DueTimes<number>();
  readonly wishes = new Map<string, WishLine>();
  /** How fast it is served. An estimate: after it was read from the tables it knows less of the past. */
  readonly pace = new Pace();
  lobbyReceipts: string[];
  /** No waiter has a place below this one. */
  private firstPlace = 1;
  private readonly places = new PlaceCounts();
  /** The tickets of the lobby's places; later places are their tickets. */
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
    for (const waiter of stored.waiters) this.stand(waiter);
    // The tables have no places of a lobby: they are drawn again.
    if (stored.lobbySize !== null && stored.seed !== null && this.lobbyReceipts.length > 0) this.shuffle(stored.seed);
    for (const { served, at, count } of stored.recent) {
      if (served) this.pace.served(at, count);
      else this.pace.left(at, count);
    }
    const [first] = stored.waiters;
    if (first) this.pace.opened(first.joinedAt);
    this.passGone();
  }

  get waiting(): number {
    return this.waiters.size;
  }

  /** The highest place given so far. */
  get lastPlace(): number {
    return this.lobbyReceipts.length > 0 ? 0 : this.lastTicket;
  }

  /** The lowest place that waits; the one after the last where nobody does. */
  get head(): number {
    return this.firstPlace;
  }

  /** How many wait with a lower place. */
  below(place: number): number {
    return this.places.below(place);
  }

  /** Those who wait and have a place, the lowest first. */
  *inOrder(): Iterable<Waiter> {
    for (let place = this.firstPlace; place <= this.lastPlace; place++) {
      const waiter = this.waiters.get(this.ticketAt(place));
      if (waiter?.place === place) yield waiter;
    }
  }

  /** Takes a joiner. */
  join(waiter: Waiter): void {
    if (this.waiters.size === 0) this.pace.opened(waiter.joinedAt);
    this.lastTicket = waiter.ticket;
    if (waiter.place === null) this.lobbyReceipts.push(waiter.receipt);
    this.stand(waiter);
  }

  /** Takes a waiter out, if it still waits. */
  leave(ticket: number): Waiter | null {
    const waiter = this.waiters.get(ticket);
    if (!waiter) return null;
    this.waiters.delete(ticket);
    this.due.delete(ticket, waiter.expiresAt);
    if (waiter.place !== null) this.places.add(waiter.place, -1);
    this.passGone();
    const wish = this.wishes.get(wishKey(waiter));
    if (wish && --wish.waiting === 0) this.wishes.delete(wishKey(waiter));
    else if (wish) passGoneTickets(wish, this.waiters);
    return waiter;
  }

  /** Gives the lobby's members their places. @returns who waits among them, as they are after it */
  shuffle(seed: string): Waiter[] {
    const order = shuffledTickets(seed, this.lobbyReceipts);
    this.lobbySize = order.length;
    this.lobbyReceipts = [];
    const placed: Waiter[] = [];
    order.forEach((ticket, index) => {
      const waiter = this.waiters.get(ticket);
      if (waiter) placed.push({ ...waiter, place: index + 1 });
    });
    for (const waiter of placed) {
      this.waiters.set(waiter.ticket, waiter);
      this.takePlace(waiter);
    }
    this.passGone();
    return placed;
  }

  /** Adds a link to the chain. */
  record(link: ChainLink, at: number): void {
    this.hash = chainHash(this.hash, this.version + 1, at, link);
    this.version++;
    this.tellPace(link.kind, at);
  }

  private tellPace(kind: ChainKind, at: number): void {
    if (kind === 'offer' || kind === 'admit') this.pace.served(at);
    else if (kind === 'leave' || kind === 'expire') this.pace.left(at);
  }

  private stand(waiter: Waiter): void {
    const { ticket, expiresAt } = waiter;
    this.waiters.set(ticket, waiter);
    this.due.add(ticket, expiresAt);
    if (waiter.place !== null) this.takePlace(waiter);
    const key = wishKey(waiter);
    const same = this.wishes.get(key);
    if (same) {
      same.tickets.push(ticket);
      same.waiting++;
      return;
    }
    const { partySize, tiers, kind } = waiter;
    this.wishes.set(key, { wish: { partySize, tiers, kind }, tickets: [ticket], from: 0, waiting: 1 });
  }

  private takePlace({ place, ticket }: Waiter): void {
    if (place === null) return;
    this.places.add(place, 1);
    if (place !== ticket) this.lobbyTickets.set(place, ticket);
    else this.lobbyTickets.delete(place);
  }

  private ticketAt(place: number): number {
    if (place > (this.lobbySize ?? 0)) return place;
    return this.lobbyTickets.get(place) ?? place;
  }

  private passGone(): void {
    const { lastPlace } = this;
    while (
      this.firstPlace <= lastPlace &&
      this.waiters.get(this.ticketAt(this.firstPlace))?.place !== this.firstPlace
    ) {
      this.firstPlace++;
    }
  }
}

function passGoneTickets(wish: WishLine, waiters: ReadonlyMap<number, Waiter>): void {
  while (wish.from < wish.tickets.length && !waiters.has(wish.tickets[wish.from]!)) wish.from++;
  // Those who left from behind a waiting head too: whoever comes and goes must not make the list long.
  if (wish.tickets.length < 2 * wish.waiting + 1024) return;
  wish.tickets = wish.tickets.filter((ticket) => waiters.has(ticket));
  wish.from = 0;
}
