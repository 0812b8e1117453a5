import type { GateList, TicketCode } from '@usher/contract';
import type { GateAnswer } from './gate-types.js';

/** Somebody whom a gate let in while the server did not answer. */
export interface Admission {
  readonly code: string;
  readonly ticketId: string;
  readonly label: string;
  /** ISO-8601, by the server's clock as far as it is known. */
  readonly at: string;
  readonly gate: string;
  /** The idempotency key that the server was, or would have been, asked with. */
  readonly key: string;
}

/** What a gate knows without the network. */
export interface GateKnowledge {
  readonly list: GateList;
  /** Who went in since, by ticket. */
  readonly entered: ReadonlyMap<string, Pick<Admission, 'at' | 'gate'>>;
}

type Verdict = Omit<GateAnswer, 'isOffline' | 'isRepaired'>;

/** The ticket of a number, which staff type off a ticket whose code cannot be read; null: the list has none. */
export function ticketOfNumber({ showId, startsAt, tickets }: GateList, number: string): TicketCode | null {
  const listed = tickets.find(({ ticketId }) => ticketId === number.toLowerCase());
  return listed ? { ticketId: listed.ticketId, showId, seat: listed.seat, label: listed.label, startsAt } : null;
}

/**
 * What is to be said of a code by a list alone, in the server's order. A ticket that verifies and is not on the list was
 * sold after it was made, and is good.
 *
 * @param said what the code says, null where no key signed it
 * @param now milliseconds since 1970
 */
export function judge({ list, entered }: GateKnowledge, said: TicketCode | null, now: number): Verdict {
  const isOfShow = said?.showId === list.showId;
  const listed = isOfShow ? list.tickets.find(({ ticketId }) => ticketId === said.ticketId) : undefined;
  if (!said || (listed && listed.seat !== said.seat)) {
    return { result: 'forged', label: null, usedAt: null, gate: null, isDisputed: false };
  }
  const { label, ticketId } = said;
  const isDisputed = listed?.disputed ?? false;
  const verdict = (result: Verdict['result']): Verdict => ({ result, label, usedAt: null, gate: null, isDisputed });
  if (!isOfShow) return verdict('wrongShow');
  if (listed?.status === 'used') return { ...verdict('used'), usedAt: listed.usedAt, gate: listed.gate };
  const before = entered.get(ticketId);
  if (before) return { ...verdict('used'), usedAt: before.at, gate: before.gate };
  if (listed?.status === 'refunded') return verdict('refunded');
  const { from, until } = list.admits;
  return verdict(now >= Date.parse(from) && now <= Date.parse(until) ? 'admitted' : 'notToday');
}
