import type { LineName } from '@usher/contract';
import { chainHash, chainLink } from '../core/line/chain.js';
import type { Line } from '../core/line/line.js';
import type { Shopper, Waiter } from '../core/model/waiter.js';
import { isLineChange, type LogEntry, type ShowChange } from '../core/changes/show-log.js';
import type { ShowState } from '../core/state/show-state.js';
import type { EndedWait, LineEventRow, LineKeyRow, LineRow, LinesCommit, PushRow, WaitOutcome } from './show-store.js';

/** What a log entry does to the rows of the lines, from the state before it. */
export function toLinesCommit(before: ShowState, { changes, at }: LogEntry, dueAt: number | null): LinesCommit {
  const lines = { seats: new LineAfter(before.lines.seats, at), entry: new LineAfter(before.lines.entry, at) };
  const stays = new StaysAfter();
  const bookings = new Map<string, number>();
  const pushes: PushRow[] = [];
  const keys: LineKeyRow[] = [];
  for (const change of changes) {
    if (change.type === 'reserved') bookings.set(change.booking.bookingId, change.booking.firstExpiresAt);
    if (!isLineChange(change)) continue;
    const link = chainLink(change);
    if (link) lines[link.line].record(link);
    switch (change.type) {
      case 'joined':
        lines[change.waiter.line].joined.set(change.waiter.ticket, change.waiter);
        break;
      case 'left':
        lines[change.line].leave(change.ticket, change.reason ?? 'left');
        break;
      case 'offered': {
        lines.seats.leave(change.ticket, 'offered');
        const { sessionId, bookingId } = change;
        pushes.push({ type: 'queue:offer', sessionId, bookingId, expiresAt: bookings.get(bookingId) ?? at });
        break;
      }
      case 'entered': {
        const { ticket, sessionId, until } = change.shopper;
        stays.enter(change.shopper);
        if (ticket === null) break;
        lines.entry.leave(ticket, 'admitted');
        pushes.push({ type: 'queue:admitted', sessionId, bookingId: null, expiresAt: until });
        break;
      }
      case 'shuffled':
        lines.entry.shuffle();
        break;
      case 'stayEnded':
        stays.leave(change.sessionId);
        break;
      case 'keyUsed': {
        const { sessionId, usedKey, line, ticket, at: moment } = change;
        keys.push({ sessionId, usedKey, line, ticket, at: moment });
        break;
      }
    }
  }
  const both = [lines.seats, lines.entry];
  return {
    changed: both.filter(({ events }) => events.length > 0).map((line) => line.row()),
    events: both.flatMap(({ events }) => events),
    joined: both.flatMap((line) => line.joinedRows()),
    gone: both.flatMap((line) => line.ended(line.gone)),
    lapsed: both.flatMap((line) => line.ended(line.lapsed)),
    keys,
    entered: stays.rows(),
    ended: [...stays.ended],
    pushes,
    calledOff: before.calledOff || changes.some((change: ShowChange) => change.type === 'calledOff'),
    dueAt,
  };
}

/** A line as the commit leaves it. */
class LineAfter {
  readonly events: LineEventRow[] = [];
  readonly joined = new Map<number, Waiter>();
  /** Tickets that waited before. */
  readonly gone = new Set<number>();
  /** Tickets that did not wait before, and have another outcome now. */
  readonly lapsed = new Set<number>();
  private readonly outcomes = new Map<number, WaitOutcome>();
  private version: number;
  private hash: string;
  private lobbySize: number | null;

  constructor(
    private readonly before: Line,
    private readonly at: number,
  ) {
    this.version = before.version;
    this.hash = before.hash;
    this.lobbySize = before.lobbySize;
  }

  get name(): LineName {
    return this.before.name;
  }

  record(link: Pick<LineEventRow, 'line' | 'kind' | 'ticket'>): void {
    this.hash = chainHash(this.hash, ++this.version, this.at, link);
    this.events.push({ ...link, n: this.version, hash: this.hash });
  }

  /** A wait ended, or the offer or the admission that ended it did. The last outcome of a commit stays. */
  leave(ticket: number, outcome: WaitOutcome): void {
    this.outcomes.set(ticket, outcome);
    if (this.before.waiters.has(ticket)) this.gone.add(ticket);
    else if (!this.joined.has(ticket)) this.lapsed.add(ticket);
  }

  ended(tickets: ReadonlySet<number>): EndedWait[] {
    return [...tickets].flatMap((ticket) => {
      const outcome = this.outcomes.get(ticket);
      return outcome ? { line: this.name, ticket, outcome } : [];
    });
  }

  /** The places are not written: seed and receipts give them again, and a hundred thousand rows take seconds. */
  shuffle(): void {
    this.lobbySize = this.before.lobbyReceipts.length;
  }

  row(): LineRow {
    const { name, version, hash, lobbySize } = this;
    const last = Math.max(this.before.lastTicket, ...this.joined.keys());
    return { line: name, lastTicket: last, version, hash, lobbySize };
  }

  joinedRows(): LinesCommit['joined'][number][] {
    return [...this.joined.values()].map((waiter) => {
      const outcome = this.outcomes.get(waiter.ticket) ?? null;
      return { ...waiter, waits: outcome === null, outcome };
    });
  }
}

/** Who is inside, as the commit leaves it. */
class StaysAfter {
  readonly ended = new Set<string>();
  private readonly stays: { readonly shopper: Shopper; isInside: boolean }[] = [];
  private readonly entered = new Map<string, { isInside: boolean }>();

  enter(shopper: Shopper): void {
    const stay = { shopper, isInside: true };
    this.stays.push(stay);
    this.entered.set(shopper.sessionId, stay);
  }

  leave(sessionId: string): void {
    const stay = this.entered.get(sessionId);
    if (stay) stay.isInside = false;
    else this.ended.add(sessionId);
    this.entered.delete(sessionId);
  }

  rows(): (Shopper & { isInside: boolean })[] {
    return this.stays.map(({ shopper, isInside }) => ({ ...shopper, isInside }));
  }
}
