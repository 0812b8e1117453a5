import type { ErrorBody } from '@usher/contract';
import type { EndStaysCommand, EndStaysOutcome } from '../commands/command.js';
import { placeLimit } from '../draft/budget-refusals.js';
import type { Draft } from '../draft/draft.js';
import type { CommandSource } from '../model/source.js';
import type { Stay, Waiter } from '../model/waiter.js';
import type { WaitingRoom } from '../model/show-terms.js';
import { isLobby } from './lobby.js';

/** A command of a session that wants to enter a show. */
type Entrant = CommandSource & { readonly sessionId: string };

/**
 * Lets a session enter if it need not wait. A session is inside if it has a stay, if the show has no waiting room, or if
 * no seat is left to sell. If the waiting room currently admits sessions without a wait, the function starts a stay.
 *
 * @returns an error if the budget of the source does not allow another stay
 */
export function enterAtOnce(draft: Draft, entrant: Entrant): 'inside' | 'outside' | ErrorBody {
  const { waitingRoom: room } = draft.terms;
  if (room === null || draft.unsoldCount === 0 || draft.stays.stayOf(entrant.sessionId)) return 'inside';
  if (!hasRoomAtOnce(draft, room)) return 'outside';
  const refusal = placeLimit(draft.terms, draft.sources, entrant);
  if (refusal) return refusal;
  startStay(draft, room, entrant, null);
  return 'inside';
}

/** Whether the waiting room currently admits a session without a wait. */
function hasRoomAtOnce({ terms, now, lines, stays }: Draft, room: WaitingRoom): boolean {
  if (room.mode === 'on' || isLobby(terms, now)) return false;
  return lines.entry.waiting === 0 && stays.size < room.maxShoppers;
}

/** Starts a stay. @param waiter the session's place in the line for entry; null if it did not wait */
export function startStay(
  draft: Draft,
  room: WaitingRoom,
  { sessionId, source }: Pick<Stay, 'sessionId' | 'source'>,
  waiter: Waiter | null,
): void {
  const { now } = draft;
  const stay = { sessionId, admittedAt: now, until: now + room.shopMs, lineTicket: waiter?.lineTicket ?? null, source };
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
