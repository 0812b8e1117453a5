import type { Draft } from '../draft/draft.js';
import type { ShowState } from '../state/show-state.js';
import { entryWaitsEndFrom, isSaleOver, type ShowTerms, type WaitingRoom } from '../model/show-terms.js';
import { paceLeft } from './admission-pace.js';
import type { Waiter } from '../model/waiter.js';

/** Whether those who come are gathered and not served: before the sale opens. */
export const isLobby = (terms: ShowTerms, now: number): boolean =>
  terms.waitingRoom !== null && terms.saleOpensAt !== null && now < terms.saleOpensAt;

/** Whether a session that comes now is let in without standing in line. */
export function letsIn(draft: Draft, terms: ShowTerms, now: number): boolean {
  const { waitingRoom: room } = terms;
  if (room === null) return true;
  if (room.mode === 'on' || isLobby(terms, now)) return false;
  return draft.lines.entry.waiting === 0 && draft.inside.size < room.maxShoppers;
}

/** Lets a session in. @param waiter its place in line; null: it stood in none */
export function letIn(draft: Draft, room: WaitingRoom, sessionId: string, waiter: Waiter | null, now: number): void {
  const shopper = { sessionId, admittedAt: now, until: now + room.shopMs, ticket: waiter?.ticket ?? null };
  draft.enter(shopper, waiter?.place ?? null);
}

/** Those who still wait when a waiting room is switched off all come in, and stay as long as anybody. */
const openDoor: WaitingRoom = { mode: 'auto', maxShoppers: Infinity, admitPerMinute: null, shopMs: 600_000 };

/** Waiters that one batch lets in, or sends away, at most: 20,000 kept the lock for 2.4 s. */
const servedMax = 2000;

/**
 * Lets in as many of those who wait as there is room and pace for, first come first served. Parties that the seats which
 * are not sold cannot reach are told so, and hold up nobody.
 */
export function admit(draft: Draft, terms: ShowTerms, now: number): void {
  const room = terms.waitingRoom ?? openDoor;
  const { entry } = draft.lines;
  if (entry.waiting === 0 || entry.isBeingDrawn || draft.isCut || isLobby(terms, now)) return;
  if (isSaleOver(terms, draft.calledOff, now)) return;
  let more = Math.min(room.maxShoppers - draft.inside.size, paceLeft(draft.inside, room, now));
  let served = 0;
  for (const waiter of entry.inOrder()) {
    const isHopeless = waiter.partySize > draft.unsold;
    if (!isHopeless && more-- <= 0) return;
    if (served++ === servedMax) {
      draft.isCut = true;
      return;
    }
    if (isHopeless) draft.leave(waiter, { kind: 'expire', reason: 'cannotBeServed' });
    else letIn(draft, room, waiter.sessionId, waiter, now);
  }
}

/** Whether the waiting room is on now: always, or in an `auto` room while anybody waits. */
export function isMetered(state: ShowState, terms: ShowTerms, now: number): boolean {
  const { waitingRoom: room } = terms;
  if (room === null || isMoot(state, terms, now)) return false;
  return room.mode === 'on' || isLobby(terms, now) || state.lines.entry.waiting > 0;
}

/** Whether there is nothing left that entry could be metered for. */
const isMoot = ({ counts, calledOff }: ShowState, terms: ShowTerms, now: number): boolean =>
  isSaleOver(terms, calledOff, now) || counts.free + counts.held === 0;

/**
 * Whether a session may see the show where its waiting room is on: who is inside, and who waits for its seats, and so has
 * no place in the line for entry.
 */
export function maySee(state: ShowState, terms: ShowTerms, sessionId: string, now: number): boolean {
  if (terms.waitingRoom === null || isMoot(state, terms, now)) return true;
  return state.inside.shoppers.has(sessionId) || state.standing.get(sessionId)?.line === 'seats';
}

/**
 * Whether time alone gives a line something to do: a batch would change it. From memory, so it may be late. What a batch
 * left to the next one is not seen; the tables know of it.
 */
export function hasLineWork(state: ShowState, terms: ShowTerms, now: number): boolean {
  const { lines, inside } = state;
  const isDue = (ends: number | undefined) => ends !== undefined && ends <= now;
  for (const id of inside.due.endingBy(now)) if (isDue(inside.shoppers.get(id)?.until)) return true;
  for (const line of [lines.seats, lines.entry]) {
    if (line.waiting === 0) continue;
    if (isSaleOver(terms, state.calledOff, now)) return true;
    if (line === lines.entry && now < entryWaitsEndFrom(terms)) continue;
    for (const ticket of line.due.endingBy(now)) if (isDue(line.waiters.get(ticket)?.expiresAt)) return true;
  }
  return isShuffleDue(state, terms, now) || mayAdmit(state, terms, now);
}

/**
 * Whether the lobby's places are to be drawn: with the first batch after the sale opened, also of a lobby that nobody
 * came to, so that the seed which was committed to is always shown.
 */
export function isShuffleDue({ lines: { entry }, calledOff }: ShowState, terms: ShowTerms, now: number): boolean {
  if (isSaleOver(terms, calledOff, now)) return false;
  const hadLobby = (terms.waitingRoom !== null && terms.saleOpensAt !== null) || entry.lobbyReceipts.length > 0;
  return (
    hadLobby && !isLobby(terms, now) && entry.lobbySize === null && entry.lobbyReceipts.length === entry.lastTicket
  );
}

function mayAdmit({ lines: { entry }, inside, counts }: ShowState, terms: ShowTerms, now: number): boolean {
  const room = terms.waitingRoom ?? openDoor;
  if (entry.waiting === 0 || isLobby(terms, now)) return false;
  if (counts.free + counts.held === 0) return true;
  return inside.shoppers.size < room.maxShoppers && paceLeft(inside, room, now) > 0;
}
