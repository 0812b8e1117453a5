import type { ChainEntry, LineName } from '@usher/contract';
import type { LineFindings, TicketState } from './report.js';

/** What {@link walkLine} needs. */
export interface WalkOptions {
  readonly chain: readonly ChainEntry[];
  readonly line: LineName;
  /** The tickets by place, or null where that is not known. */
  readonly order: readonly number[] | null;
  /** Whether the line has a lobby, so that nobody may be served before the shuffle. */
  readonly hasLobby: boolean;
  readonly findings: LineFindings;
}

/** What {@link walkLine} saw. */
export interface Walk {
  readonly states: ReadonlyMap<number, TicketState>;
  readonly offersOutOfOrder: number;
}

/** What may happen to a ticket in each state. */
const next: Readonly<Record<TicketState, readonly TicketState[]>> = {
  join: ['leave', 'expire', 'admit', 'offer'],
  admit: ['lapse', 'leave'],
  offer: ['lapse', 'leave'],
  leave: [],
  expire: [],
  lapse: [],
};

/** How a waiter of each line is served. */
const served: Readonly<Record<LineName, TicketState>> = { entry: 'admit', seats: 'offer' };

/** Goes through the chain as it happened, and finds what could not happen and who was overtaken. */
export function walkLine({ chain, line, order, hasLobby, findings }: WalkOptions): Walk {
  const states = new Map<number, TicketState>();
  const waiting = new Waiting(order ?? []);
  let isShuffled = false;
  let offersOutOfOrder = 0;

  const serve = (n: number, kind: TicketState, ticket: number): void => {
    if (kind !== served[line]) {
      findings.add('order', n, `Ticket ${ticket}: the ${line} line has no entry of the kind "${kind}"`);
    }
    if (hasLobby && !isShuffled) {
      findings.add('order', n, `Ticket ${ticket} was served before the lobby was shuffled`);
      return;
    }
    const first = waiting.first;
    if (order === null || first === null || first === ticket) return;
    // In the seat line a party that does not fit is passed over and keeps its place: counted, but no finding.
    if (line === 'seats') offersOutOfOrder++;
    else findings.add('order', n, `${waiting.name(ticket)} was admitted while ${waiting.name(first)} still waited`);
  };

  for (const { n, kind, ticket } of chain) {
    if (kind === 'shuffle') isShuffled = true;
    if (kind === 'shuffle' || ticket === null) continue;
    const state = states.get(ticket);
    if (!mayFollow(state, kind)) {
      const before = state === undefined ? 'which has not joined' : `after its "${state}"`;
      findings.add('endings', n, `"${kind}" of ticket ${ticket}, ${before}`);
      continue;
    }
    if (kind === 'admit' || kind === 'offer') serve(n, kind, ticket);
    if (kind === 'join') waiting.add(ticket);
    else waiting.delete(ticket);
    states.set(ticket, kind);
  }
  return { states, offersOutOfOrder };
}

const mayFollow = (state: TicketState | undefined, kind: TicketState): boolean =>
  state === undefined ? kind === 'join' : next[state].includes(kind);

/** Those who wait, and the first of them. */
class Waiting {
  private readonly places: ReadonlyMap<number, number>;
  private readonly waiting = new Set<number>();
  /**
   * Nobody before this place waits, or will: it goes up to a ticket that is being served, and whoever joins after that
   * stands further back. (Tickets out of order are a finding of their own.)
   */
  private head = 0;

  /** @param order the tickets by place */
  constructor(private readonly order: readonly number[]) {
    this.places = new Map(order.map((ticket, index) => [ticket, index]));
  }

  add(ticket: number): void {
    this.waiting.add(ticket);
  }

  delete(ticket: number): void {
    this.waiting.delete(ticket);
  }

  /** The ticket with the lowest place of all that wait; null when nobody waits. */
  get first(): number | null {
    // The head only goes on past those who are gone, so all calls together look at each place about once.
    while (this.head < this.order.length) {
      const ticket = this.order[this.head];
      if (ticket !== undefined && this.waiting.has(ticket)) return ticket;
      this.head++;
    }
    return null;
  }

  /** "ticket 7 (place 3)". */
  name(ticket: number): string {
    return `ticket ${ticket} (place ${(this.places.get(ticket) ?? -1) + 1})`;
  }
}
