import { hash } from 'node:crypto';
import type { ChainKind, LineName } from '@usher/contract';
import type { Waiter } from '../../../src/shows/core/line/waiter.js';

/** How a line was for one ticket after some of its events. */
export interface PlainMoment {
  readonly waiting: number;
  readonly lastTicket: number;
  readonly place: number | null;
  readonly ahead: number | null;
}

const wishOf = ({ partySize, tiers, kind }: Waiter): string => JSON.stringify([partySize, kind, ...(tiers ?? [])]);

/** A line folded in the plainest way: who ever joined, who waits, what happened. Whatever else is asked is counted anew. */
export class PlainLine {
  /** By ticket, from 1; with the places that the shuffle gave. */
  readonly joined = new Map<number, Waiter>();
  readonly waiting = new Map<number, Waiter>();
  readonly history: { readonly kind: ChainKind; readonly ticket: number | null }[] = [];
  lobbySize: number | null = null;
  /** Tickets that were given while the lobby was open. */
  private readonly lobby = new Set<number>();
  private hash = '0'.repeat(64);

  constructor(readonly name: LineName) {}

  get lastTicket(): number {
    return this.joined.size;
  }

  /** Everybody who joined while the lobby was open, in ticket order. */
  get lobbyMembers(): Waiter[] {
    return [...this.joined.values()].filter(({ ticket }) => this.lobby.has(ticket));
  }

  get lobbyReceipts(): string[] {
    const inLobby = [...this.joined.values()].filter(({ place }) => place === null && this.lobbySize === null);
    return inLobby.map(({ receipt }) => receipt);
  }

  join(waiter: Waiter): void {
    this.joined.set(waiter.ticket, waiter);
    this.waiting.set(waiter.ticket, waiter);
    if (waiter.place === null) this.lobby.add(waiter.ticket);
  }

  shuffle(seed: string): void {
    const order = shuffled(seed, this.lobbyReceipts);
    this.lobbySize = order.length;
    order.forEach((ticket, index) => {
      const waiter = this.joined.get(ticket);
      if (!waiter) return;
      const placed = { ...waiter, place: index + 1 };
      this.joined.set(ticket, placed);
      if (this.waiting.has(ticket)) this.waiting.set(ticket, placed);
    });
  }

  record(kind: ChainKind, ticket: number | null, at: number): void {
    this.history.push({ kind, ticket });
    const text = [this.hash, this.history.length, new Date(at).toISOString(), kind, ticket ?? ''].join('|');
    this.hash = hash('sha256', text);
  }

  /** Those who wait and have a place, the lowest first. */
  inOrder(): Waiter[] {
    const placed = [...this.waiting.values()].filter(({ place }) => place !== null);
    return placed.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0));
  }

  /** How the line was when its chain was as long as `version`. */
  momentAt(version: number, ticket: number): PlainMoment {
    const past = this.history.slice(0, version);
    const tickets = (kind: (one: ChainKind) => boolean) =>
      past.flatMap((one) => (kind(one.kind) ? (one.ticket ?? []) : []));
    const gone = new Set(tickets((kind) => kind !== 'join'));
    const came = tickets((kind) => kind === 'join');
    const waiting = came.filter((one) => !gone.has(one));
    const isShuffled = past.some(({ kind }) => kind === 'shuffle');
    const placeOf = (of: number): number | null =>
      this.lobby.has(of) && !isShuffled ? null : (this.joined.get(of)?.place ?? null);
    const place = placeOf(ticket);
    const lower = waiting.filter((other) => (placeOf(other) ?? Infinity) < (place ?? 0));
    return { waiting: waiting.length, lastTicket: came.length, place, ahead: place === null ? null : lower.length };
  }

  /** The text of `digestOf` for the same line. */
  digest(): string[] {
    const order = this.inOrder();
    const isOpen = this.lobbyReceipts.length > 0;
    const lastPlace = isOpen ? 0 : this.lastTicket;
    const head = order[0]?.place ?? lastPlace + 1;
    const wishes = new Map<string, number[]>();
    for (const waiter of [...this.waiting.values()].toSorted((a, b) => a.ticket - b.ticket)) {
      wishes.set(wishOf(waiter), [...(wishes.get(wishOf(waiter)) ?? []), waiter.ticket]);
    }
    const below = Array.from({ length: this.lastTicket + 1 }, (_, at) => order.filter((one) => one.place! < at + 1));
    return lineText({
      name: this.name,
      numbers: [this.lastTicket, this.history.length, this.lobbySize, head, this.waiting.size, lastPlace],
      hash: this.hash,
      waiters: [...this.waiting.values()],
      order: order.map(({ ticket }) => ticket),
      below: below.map((lower) => lower.length),
      wishes: [...wishes].map(([key, tickets]) => [key, tickets, tickets.length]),
      due: [...this.waiting.keys()],
      receipts: this.lobbyReceipts,
    });
  }
}

/** What two lines are compared by. */
export interface LineFacts {
  readonly name: LineName;
  /** Last ticket, version, lobby size, head, how many wait, last place. */
  readonly numbers: readonly (number | null)[];
  readonly hash: string;
  readonly waiters: readonly Waiter[];
  readonly order: readonly number[];
  /** For each place from 1 to the one after the last ticket. */
  readonly below: readonly number[];
  /** Wish, the tickets that wait with it, how many it is said to be. */
  readonly wishes: readonly (readonly [string, readonly number[], number])[];
  readonly due: readonly number[];
  readonly receipts: readonly string[];
}

/** The text that {@link PlainLine} and the line of the core are compared by. */
export function lineText({ name, numbers, hash: last, waiters, order, below, wishes, due, receipts }: LineFacts) {
  const texts = waiters
    .toSorted((a, b) => a.ticket - b.ticket)
    .map(({ line, ticket, place, sessionId, partySize, tiers, kind, ...waiter }) => {
      const { joinedAt, expiresAt, receipt } = waiter;
      return [line, ticket, place, sessionId, partySize, tiers, kind, joinedAt, expiresAt, receipt];
    });
  return [
    `line ${name} ${numbers.join(' ')} ${last}`,
    `waiters ${JSON.stringify(texts)}`,
    `order ${order.join(' ')}`,
    `below ${below.join(' ')}`,
    `wishes ${wishes
      .map((wish) => JSON.stringify(wish))
      .toSorted()
      .join(' ')}`,
    `due ${due.toSorted((a, b) => a - b).join(' ')}`,
    `receipts ${receipts.join(' ')}`,
  ];
}

/** The contract's shuffle, once more and in other words: tickets in the order of their places. */
function shuffled(seed: string, receipts: readonly string[]): number[] {
  const bytes = [Buffer.from(seed, 'hex'), ...receipts.map((receipt) => Buffer.from(receipt, 'base64url'))];
  const mixed = hash('sha256', Buffer.concat(bytes));
  const order = receipts.map((_, index) => index + 1);
  for (let i = order.length - 1; i > 0; i--) {
    const drawn = hash('sha256', Buffer.from(mixed + i.toString(16).padStart(16, '0'), 'hex')).slice(0, 16);
    const j = Number(BigInt(`0x${drawn}`) % BigInt(i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
