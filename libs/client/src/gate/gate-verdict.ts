import type { GateList, TicketCode } from '@usher/contract';
import type { GateAnswer } from './gate-types.js';

/** A ticket that a gate admitted while the server did not answer. */
export interface Admission {
  readonly code: string;
  readonly ticketId: string;
  readonly label: string;
  /** When the gate admitted the ticket: an ISO-8601 time on the gate's estimate of the server's clock. */
  readonly at: string;
  readonly gate: string;
  /** The idempotency key of the check-in. The server may already have received a request with this key. */
  readonly key: string;
}

/** The data that an offline gate uses for its decisions. */
export interface GateKnowledge {
  readonly list: GateList;
  /** Admissions since the list was made, by ticket id. */
  readonly admitted: ReadonlyMap<string, Pick<Admission, 'at' | 'gate'>>;
}

/** An offline gate's decision about a ticket. */
export type GateVerdict = Omit<GateAnswer, 'isOffline' | 'isRepaired'>;

/**
 * Finds a ticket by its id. Staff type this id by hand if a ticket's code cannot be scanned.
 *
 * @returns null if the list has no such ticket
 */
export function findTicketById({ showId, startsAt, tickets }: GateList, typedId: string): TicketCode | null {
  const listed = tickets.find(({ ticketId }) => ticketId === typedId.toLowerCase());
  return listed ? { ticketId: listed.ticketId, showId, seat: listed.seat, label: listed.label, startsAt } : null;
}

/**
 * Decides without the server whether to admit a ticket. It makes its checks in the same order as the server. A ticket
 * with a verified code that is not on the list is valid, because it was sold after the list was made.
 *
 * @param ticket the contents of the code, or null if none of the keys signed it
 * @param now milliseconds since the epoch
 */
export function decideOffline({ list, admitted }: GateKnowledge, ticket: TicketCode | null, now: number): GateVerdict {
  const isOfShow = ticket?.showId === list.showId;
  const listed = isOfShow ? list.tickets.find(({ ticketId }) => ticketId === ticket.ticketId) : undefined;
  if (!ticket || (listed && listed.seat !== ticket.seat)) {
    return { result: 'forged', label: null, usedAt: null, gate: null, isDisputed: false };
  }
  const { label, ticketId } = ticket;
  const isDisputed = listed?.disputed ?? false;
  const verdict = (result: GateVerdict['result']): GateVerdict => ({
    result,
    label,
    usedAt: null,
    gate: null,
    isDisputed,
  });
  if (!isOfShow) return verdict('wrongShow');
  if (listed?.status === 'used') return { ...verdict('used'), usedAt: listed.usedAt, gate: listed.gate };
  const earlier = admitted.get(ticketId);
  if (earlier) return { ...verdict('used'), usedAt: earlier.at, gate: earlier.gate };
  if (listed?.status === 'refunded') return verdict('refunded');
  const { from, until } = list.admits;
  return verdict(now >= Date.parse(from) && now <= Date.parse(until) ? 'admitted' : 'notToday');
}
