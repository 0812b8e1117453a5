import type { ChainEntry, LineName } from '@usher/contract';
import type { LineFindings, LineTicketState } from './report.js';

/** Options of {@link replayChain}. */
export interface ReplayOptions {
  readonly chain: readonly ChainEntry[];
  readonly line: LineName;
  /** The line tickets in the order of their places, or null if the order is not known. */
  readonly order: readonly number[] | null;
  /** Whether the line has a lobby. If it has one, no session may be served before the shuffle. */
  readonly hasLobby: boolean;
  readonly findings: LineFindings;
}

/** The result of {@link replayChain}. */
export interface Replay {
  readonly states: ReadonlyMap<number, LineTicketState>;
  readonly offersOutOfOrder: number;
}

/** The events that may follow each state of a line ticket. */
const nextStates: Readonly<Record<LineTicketState, readonly LineTicketState[]>> = {
  join: ['leave', 'expire', 'admit', 'offer'],
  admit: ['lapse', 'leave'],
  offer: ['lapse', 'leave'],
  leave: [],
  expire: [],
  lapse: [],
};

/** The event that serves a waiting session, per line. */
const servingEvents: Readonly<Record<LineName, LineTicketState>> = { entry: 'admit', seats: 'offer' };

/**
 * Replays the events of the chain in order. Adds a finding for each impossible event and each admission that overtook a
 * waiting session.
 */
export function replayChain({ chain, line, order, hasLobby, findings }: ReplayOptions): Replay {
  const states = new Map<number, LineTicketState>();
  const waiting = new WaitingTickets(order ?? []);
  let isShuffled = false;
  let offersOutOfOrder = 0;

  const checkServing = (n: number, kind: LineTicketState, ticket: number): void => {
    if (kind !== servingEvents[line]) {
      findings.add('order', n, `Line ticket ${ticket} has a "${kind}" entry, which the ${line} line cannot have`);
    }
    if (hasLobby && !isShuffled) {
      findings.add('order', n, `Line ticket ${ticket} was served before the lobby was shuffled`);
      return;
    }
    const first = waiting.first;
    if (order === null || first === null || first === ticket) return;
    // In the line for seats, a party keeps its place if the seats do not fit it, and a later party receives the offer.
    // Such an offer is counted, but it is not a finding.
    if (line === 'seats') offersOutOfOrder++;
    else {
      findings.add(
        'order',
        n,
        `The admission went to ${waiting.describe(ticket)}, but ${waiting.describe(first)} was still waiting`,
      );
    }
  };

  for (const { n, kind, ticket } of chain) {
    if (kind === 'shuffle') isShuffled = true;
    if (kind === 'shuffle' || ticket === null) continue;
    const state = states.get(ticket);
    if (!canFollow(state, kind)) {
      const reason = state === undefined ? 'before its "join"' : `after its "${state}"`;
      findings.add('endings', n, `Line ticket ${ticket} has a "${kind}" entry ${reason}`);
      continue;
    }
    if (kind === 'admit' || kind === 'offer') checkServing(n, kind, ticket);
    if (kind === 'join') waiting.add(ticket);
    else waiting.delete(ticket);
    states.set(ticket, kind);
  }
  return { states, offersOutOfOrder };
}

const canFollow = (state: LineTicketState | undefined, kind: LineTicketState): boolean =>
  state === undefined ? kind === 'join' : nextStates[state].includes(kind);

/** The line tickets that are waiting at one moment of the replay. */
class WaitingTickets {
  private readonly places: ReadonlyMap<number, number>;
  private readonly waiting = new Set<number>();
  /**
   * Index in `order`. No line ticket before this index waits now or will wait later, because every later joiner has a
   * higher place. The index only advances when a line ticket is served. (A separate check finds line tickets that are
   * out of order.)
   */
  private head = 0;

  /** @param order the line tickets in the order of their places */
  constructor(private readonly order: readonly number[]) {
    this.places = new Map(order.map((ticket, index) => [ticket, index]));
  }

  add(ticket: number): void {
    this.waiting.add(ticket);
  }

  delete(ticket: number): void {
    this.waiting.delete(ticket);
  }

  /** The waiting line ticket with the lowest place, or null if no line ticket is waiting. */
  get first(): number | null {
    // The head never goes back, so all calls together visit each place about once.
    while (this.head < this.order.length) {
      const ticket = this.order[this.head];
      if (ticket !== undefined && this.waiting.has(ticket)) return ticket;
      this.head++;
    }
    return null;
  }

  /** Returns a text such as "line ticket 7 (place 3)". */
  describe(ticket: number): string {
    return `line ticket ${ticket} (place ${(this.places.get(ticket) ?? -1) + 1})`;
  }
}
