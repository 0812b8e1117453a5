import { hash } from 'node:crypto';
import type { ChainKind, LineName } from '@usher/contract';
import type { Waiter } from '../../../src/shows/core/model/waiter.js';
import { lineText } from './digest.js';

/** The state of a line for one line ticket, at one version of the line. */
export interface LineMoment {
  readonly waiting: number;
  readonly lastTicket: number;
  readonly place: number | null;
  readonly ahead: number | null;
}

const requestTextOf = ({ partySize, tiers, kind }: Waiter): string =>
  JSON.stringify([partySize, kind, ...(tiers ?? [])]);

/**
 * Folds a line's events in the simplest way. It remembers everyone who joined, everyone who waits, and the history. It
 * computes every other fact from these when asked.
 */
export class ReferenceLine {
  /**
   * Everyone who ever joined, by line ticket from 1. After the shuffle, lobby members have the places that it gave
   * them.
   */
  readonly joined = new Map<number, Waiter>();
  readonly waiting = new Map<number, Waiter>();
  readonly history: { readonly kind: ChainKind; readonly lineTicket: number | null }[] = [];
  lobbySize: number | null = null;
  /** Line tickets that were given while the lobby was open. */
  private readonly lobby = new Set<number>();
  private hash = '0'.repeat(64);

  constructor(readonly name: LineName) {}

  get lastTicket(): number {
    return this.joined.size;
  }

  /** Everyone who joined while the lobby was open, in the order of their line tickets. */
  get lobbyMembers(): Waiter[] {
    return [...this.joined.values()].filter(({ lineTicket }) => this.lobby.has(lineTicket));
  }

  get lobbyReceipts(): string[] {
    const inLobby = [...this.joined.values()].filter(({ place }) => place === null && this.lobbySize === null);
    return inLobby.map(({ receipt }) => receipt);
  }

  join(waiter: Waiter): void {
    this.joined.set(waiter.lineTicket, waiter);
    this.waiting.set(waiter.lineTicket, waiter);
    if (waiter.place === null) this.lobby.add(waiter.lineTicket);
  }

  passChallenge(lineTicket: number): void {
    for (const waiters of [this.joined, this.waiting]) {
      const waiter = waiters.get(lineTicket);
      if (waiter) waiters.set(lineTicket, { ...waiter, hasPassedChallenge: true });
    }
  }

  shuffle(seed: string): void {
    const order = shuffleTickets(seed, this.lobbyReceipts);
    this.lobbySize = order.length;
    order.forEach((lineTicket, index) => {
      const waiter = this.joined.get(lineTicket);
      if (!waiter) return;
      const placed = { ...waiter, place: index + 1 };
      this.joined.set(lineTicket, placed);
      if (this.waiting.has(lineTicket)) this.waiting.set(lineTicket, placed);
    });
  }

  record(kind: ChainKind, lineTicket: number | null, at: number): void {
    this.history.push({ kind, lineTicket: lineTicket });
    const text = [this.hash, this.history.length, new Date(at).toISOString(), kind, lineTicket ?? ''].join('|');
    this.hash = hash('sha256', text);
  }

  /** Returns the waiters who have a place, lowest place first. */
  inOrder(): Waiter[] {
    const placed = [...this.waiting.values()].filter(({ place }) => place !== null);
    return placed.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0));
  }

  /** Returns the state of the line for one line ticket, at the time when the chain had `version` entries. */
  momentAt(version: number, lineTicket: number): LineMoment {
    const past = this.history.slice(0, version);
    const tickets = (matches: (kind: ChainKind) => boolean) =>
      past.flatMap(({ kind, lineTicket: of }) => (matches(kind) ? (of ?? []) : []));
    const left = new Set(tickets((kind) => kind !== 'join'));
    const joined = tickets((kind) => kind === 'join');
    const waiting = joined.filter((one) => !left.has(one));
    const isShuffled = past.some(({ kind }) => kind === 'shuffle');
    const placeOf = (of: number): number | null =>
      this.lobby.has(of) && !isShuffled ? null : (this.joined.get(of)?.place ?? null);
    const place = placeOf(lineTicket);
    const lower = waiting.filter((other) => (placeOf(other) ?? Infinity) < (place ?? 0));
    return { waiting: waiting.length, lastTicket: joined.length, place, ahead: place === null ? null : lower.length };
  }

  /** Returns the same texts as `digestOfLine` returns for the same line of the core. */
  digest(): string[] {
    const order = this.inOrder();
    const isOpen = this.lobbyReceipts.length > 0;
    const lastPlace = isOpen ? 0 : this.lastTicket;
    const head = order[0]?.place ?? lastPlace + 1;
    const requests = new Map<string, number[]>();
    for (const waiter of [...this.waiting.values()].toSorted((a, b) => a.lineTicket - b.lineTicket)) {
      requests.set(requestTextOf(waiter), [...(requests.get(requestTextOf(waiter)) ?? []), waiter.lineTicket]);
    }
    const below = Array.from({ length: this.lastTicket + 1 }, (_, at) => order.filter((one) => one.place! < at + 1));
    return lineText({
      name: this.name,
      numbers: [this.lastTicket, this.history.length, this.lobbySize, head, this.waiting.size, lastPlace],
      hash: this.hash,
      waiters: [...this.waiting.values()],
      order: order.map(({ lineTicket }) => lineTicket),
      below: below.map((lower) => lower.length),
      requests: [...requests].map(([key, tickets]) => [key, tickets, tickets.length]),
      due: [...this.waiting.keys()],
      receipts: this.lobbyReceipts,
    });
  }
}

/**
 * Draws a lobby with the shuffle that the contract defines. This implementation is independent of the service's.
 * Returns the line tickets in the order of their places.
 */
function shuffleTickets(seed: string, receipts: readonly string[]): number[] {
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
