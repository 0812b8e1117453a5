import type { Draft } from '../draft/draft.js';
import { entryWaitsEndFrom, isSaleOver, type ShowTerms, type WaitingRoom } from '../model/show-terms.js';
import type { ShowState } from '../state/show-state.js';
import { admissionsLeft } from './admission-pace.js';
import { isLobby, isShuffleDue } from './lobby.js';
import { startStay } from './stays.js';
import { endWait } from './end-wait.js';

/** The rules that apply after the waiting room is switched off: all sessions that still wait are admitted at once. */
const openDoor: WaitingRoom = { mode: 'auto', maxShoppers: Infinity, admitPerMinute: null, shopMs: 600_000 };

/** Maximum number of waiters that one batch admits or removes. A batch of 20,000 held the show's lock for 2.4 s. */
const servedMax = 2000;

/**
 * Admits waiters of the entry line in the order of their places, as far as the limits of the waiting room allow. A
 * party that is larger than the number of unsold seats cannot be served. Its wait ends, so that it does not block the
 * parties behind it.
 */
export function admitWaiters(draft: Draft): void {
  const { terms, now } = draft;
  const room = terms.waitingRoom ?? openDoor;
  const { entry } = draft.lines;
  if (entry.waiting === 0 || entry.isBeingDrawn || draft.hasMoreWork || isLobby(terms, now)) return;
  if (isSaleOver(terms, draft.calledOff, now)) return;
  let admissions = Math.min(room.maxShoppers - draft.stays.size, admissionsLeft(draft.stays, room, now));
  let servedCount = 0;
  for (const waiter of entry.inOrder()) {
    const isHopeless = waiter.partySize > draft.unsoldCount;
    if (!isHopeless && admissions-- <= 0) return;
    if (servedCount++ === servedMax) {
      draft.hasMoreWork = true;
      return;
    }
    if (isHopeless) endWait(draft, waiter, { kind: 'expire', reason: 'cannotBeServed' });
    else startStay(draft, room, waiter, waiter);
  }
}

/**
 * Whether the show's entry is metered at this moment. It never is if nothing is left to sell. Otherwise, it always is
 * in mode `on`. In mode `auto`, it is if a session waits or the lobby is open.
 */
export function isMetered(state: ShowState, terms: ShowTerms, now: number): boolean {
  const { waitingRoom: room } = terms;
  if (room === null || hasNothingToSell(state, terms, now)) return false;
  return room.mode === 'on' || isLobby(terms, now) || state.lines.entry.waiting > 0;
}

/** Whether the show has nothing left to sell, so that metering its entry would be pointless. */
const hasNothingToSell = ({ counts, calledOff }: ShowState, terms: ShowTerms, now: number): boolean =>
  isSaleOver(terms, calledOff, now) || counts.free + counts.held === 0;

/**
 * Whether a session may see a show. If the show has a waiting room and something left to sell, the session needs a stay
 * or a place in the line for seats. A session that waits for seats cannot have a place in the line for entry too,
 * because a session has at most one place.
 */
export function maySee(state: ShowState, terms: ShowTerms, sessionId: string, now: number): boolean {
  if (terms.waitingRoom === null || hasNothingToSell(state, terms, now)) return true;
  return state.stays.bySession.has(sessionId) || state.waitersBySession.get(sessionId)?.line === 'seats';
}

/**
 * Whether a time-driven change to the lines is due, so that a batch would make it. The answer comes from memory and may
 * be late. It does not cover changes that one batch left to the next one. For those, the ledger has the column
 * `lines_due_at`.
 */
export function hasLineWork(state: ShowState, terms: ShowTerms, now: number): boolean {
  const { lines, stays } = state;
  const isDue = (endsAt: number | undefined) => endsAt !== undefined && endsAt <= now;
  for (const id of stays.due.endingBy(now)) if (isDue(stays.bySession.get(id)?.until)) return true;
  for (const line of [lines.seats, lines.entry]) {
    if (line.waiting === 0) continue;
    if (isSaleOver(terms, state.calledOff, now)) return true;
    if (line === lines.entry && now < entryWaitsEndFrom(terms)) continue;
    for (const lineTicket of line.due.endingBy(now)) if (isDue(line.waiters.get(lineTicket)?.expiresAt)) return true;
  }
  return isShuffleDue(state, terms, now) || canAdmit(state, terms, now);
}

function canAdmit({ lines: { entry }, stays, counts }: ShowState, terms: ShowTerms, now: number): boolean {
  const room = terms.waitingRoom ?? openDoor;
  if (entry.waiting === 0 || isLobby(terms, now)) return false;
  if (counts.free + counts.held === 0) return true;
  return stays.bySession.size < room.maxShoppers && admissionsLeft(stays, room, now) > 0;
}
