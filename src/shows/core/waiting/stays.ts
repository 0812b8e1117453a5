import type { EndStaysCommand, EndStaysOutcome } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import type { Stay, Waiter } from '../model/waiter.js';
import type { WaitingRoom } from '../model/show-terms.js';
import { isLobby } from './lobby.js';

/**
 * Whether a session may buy. It may if it has a stay, if the show has no waiting room, or if no seat is left to sell.
 * If the waiting room currently admits sessions without a wait, the function starts a stay for the session.
 */
export function isInside(draft: Draft, sessionId: string): boolean {
  const { waitingRoom: room } = draft.terms;
  if (room === null || draft.unsoldCount === 0 || draft.stays.stayOf(sessionId)) return true;
  if (!hasRoomAtOnce(draft, room)) return false;
  startStay(draft, room, sessionId, null);
  return true;
}

/** Whether the waiting room currently admits a session without a wait. */
function hasRoomAtOnce({ terms, now, lines, stays }: Draft, room: WaitingRoom): boolean {
  if (room.mode === 'on' || isLobby(terms, now)) return false;
  return lines.entry.waiting === 0 && stays.size < room.maxShoppers;
}

/** Starts a stay. @param waiter the session's place in the line for entry; null if it did not wait */
export function startStay(draft: Draft, room: WaitingRoom, sessionId: string, waiter: Waiter | null): void {
  const { now } = draft;
  const stay = { sessionId, admittedAt: now, until: now + room.shopMs, lineTicket: waiter?.lineTicket ?? null };
  draft.record({ type: 'entered', stay: stay, place: waiter?.place ?? null });
}

/** Ends a stay. @param hasLapsed whether the session was admitted from the line but never connected */
export function endStay(
  draft: Draft,
  { sessionId, lineTicket }: Stay,
  { hasLapsed }: { readonly hasLapsed: boolean },
): void {
  draft.record({ type: 'stayEnded', sessionId });
  if (!hasLapsed || lineTicket === null) return;
  const lapse = { kind: 'lapse', reason: 'offerLapsed' } as const;
  draft.record({ type: 'left', line: 'entry', lineTicket, place: null, sessionId, ...lapse });
}

/** Ends the stays of sessions that have been disconnected for too long. */
export function endStays(draft: Draft, { sessions }: EndStaysCommand): EndStaysOutcome {
  for (const { sessionId, admittedAt, appeared } of sessions) {
    const stay = draft.stays.stayOf(sessionId);
    // A session that was admitted again in the meantime has a new stay, which must not end.
    if (stay?.admittedAt === admittedAt) endStay(draft, stay, { hasLapsed: !appeared });
  }
  return { type: 'done', booking: null };
}
