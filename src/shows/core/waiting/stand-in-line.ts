import { hash } from 'node:crypto';
import type { ErrorBody, LineName } from '@usher/contract';
import type {
  EndStaysCommand,
  EndStaysOutcome,
  EnterCommand,
  EnterOutcome,
  JoinLineCommand,
  JoinLineOutcome,
  LeaveLineCommand,
  LeaveLineOutcome,
} from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import type { Done, InLine, Refused } from '../commands/outcome.js';
import { holdLimit, invalidRequest, keyReused, neverPossible, saleClosed, saleOver } from '../draft/refusals.js';
import { FreeCounts, type HallPlan } from '../seating/index.js';
import { isSaleOver, type ShowTerms } from '../model/show-terms.js';
import { admit, isLobby, letIn, letsIn } from './entry-line.js';
import { seatWish } from './seat-line.js';
import type { PartyWish, Waiter } from '../model/waiter.js';

/** Who asks to be let in is one person, until they say otherwise. */
const alone: PartyWish = { partySize: 1, tiers: null, kind: null };

/** A place in the seat line, or in the entry line for who is not inside; the one it has already, if it has one. */
export function joinLine(draft: Draft, terms: ShowTerms, command: JoinLineCommand, now: number): JoinLineOutcome {
  const { sessionId, usedKey } = command;
  if (!usedKey) return placeFor(draft, terms, command, now);
  const before = draft.keyUse(sessionId, usedKey.key);
  if (before) {
    return before.bodyHash === usedKey.bodyHash && before.place !== null
      ? { type: 'repeatedPlace', ...before.place }
      : { type: 'refused', error: keyReused() };
  }
  const outcome = placeFor(draft, terms, command, now);
  if (outcome.type !== 'inLine') return outcome;
  // Also for a place that the session had already: once it is gone, the same key must not get a new one.
  const { waiter, at } = outcome;
  draft.useKey(sessionId, usedKey, { line: waiter.line, ticket: waiter.ticket, at }, now);
  return outcome;
}

function placeFor(draft: Draft, terms: ShowTerms, { sessionId, wish }: JoinLineCommand, now: number): InLine | Refused {
  const never = neverServed(terms, wish);
  if (never) return { type: 'refused', error: never };
  const before = draft.waiterOf(sessionId);
  if (before) return inLine(draft, before);
  const over = saleOver(terms, draft.calledOff, now);
  if (over) return { type: 'refused', error: over };
  const line = isInside(draft, terms, sessionId, now) ? 'seats' : 'entry';
  const held = draft.heldBy(sessionId);
  const notNow =
    line === 'seats' && (saleClosed(terms, draft.calledOff, now) ?? holdLimit(terms, held, wish.partySize));
  if (notNow) return { type: 'refused', error: notNow };
  return inLine(draft, stand(draft, terms, line, sessionId, wish, now));
}

/** Into the show: at once where nobody is held up, else by standing in the entry line. */
export function enter(draft: Draft, terms: ShowTerms, { sessionId }: EnterCommand, now: number): EnterOutcome {
  const before = draft.waiterOf(sessionId);
  // Who waits for seats can have no place in the line for entry, and may look without.
  const mayLook = before?.line === 'seats' || isSaleOver(terms, draft.calledOff, now);
  if (!mayLook && !isInside(draft, terms, sessionId, now)) {
    if (before) return inLine(draft, before);
    const outcome = inLine(draft, stand(draft, terms, 'entry', sessionId, alone, now));
    admit(draft, terms, now);
    if (!draft.inside.shopper(sessionId)) return outcome;
  }
  return { type: 'entered' };
}

/** Whether a session is inside, or may as well be, as all seats are sold; lets it in where nobody is held up. */
export function isInside(draft: Draft, terms: ShowTerms, sessionId: string, now: number): boolean {
  const { waitingRoom: room } = terms;
  if (room === null || draft.unsold === 0 || draft.inside.shopper(sessionId)) return true;
  if (!letsIn(draft, terms, now)) return false;
  letIn(draft, room, sessionId, null, now);
  return true;
}

/** Out of the line, or out of the show where entry is metered. Who is in neither has nothing to leave. */
export function leaveLine(draft: Draft, { sessionId }: LeaveLineCommand): LeaveLineOutcome {
  const waiter = draft.waiterOf(sessionId);
  const shopper = draft.inside.shopper(sessionId);
  if (waiter) draft.leave(waiter, { kind: 'leave', reason: null });
  else if (shopper) draft.endStay(shopper, false);
  return done;
}

/** Out of the show, for those who have not been seen for too long. */
export function endStays(draft: Draft, { sessions }: EndStaysCommand): EndStaysOutcome {
  for (const { sessionId, admittedAt, appeared } of sessions) {
    const shopper = draft.inside.shopper(sessionId);
    // Who was let in anew meanwhile has another stay, which was not asked about.
    if (shopper?.admittedAt === admittedAt) draft.endStay(shopper, !appeared);
  }
  return done;
}

const done: Done = { type: 'done', booking: null };

const inLine = (draft: Draft, waiter: Waiter): InLine => ({
  type: 'inLine',
  waiter,
  at: draft.lines[waiter.line].momentOf(waiter),
});

/** Why no seats of the hall could ever serve a party, or null. */
function neverServed(terms: ShowTerms, wish: PartyWish): ErrorBody | null {
  const unknown = wish.tiers?.find((tier) => !Object.hasOwn(terms.prices, tier));
  if (unknown !== undefined) {
    return invalidRequest('tiers', `there is no tier ${unknown}; there are ${Object.keys(terms.prices).join(', ')}`);
  }
  const impossible = neverPossible(terms, { best: { count: wish.partySize } });
  if (impossible) return impossible;
  const seats = emptyHall(terms.plan).fitting(seatWish(wish));
  return seats < wish.partySize ? invalidRequest('partySize', `the hall has ${seats} such seats`) : null;
}

function stand(
  draft: Draft,
  terms: ShowTerms,
  line: LineName,
  sessionId: string,
  wish: PartyWish,
  now: number,
): Waiter {
  const { showId, queueWaitMs, saleOpensAt } = terms;
  const ticket = draft.lines[line].lastTicket + 1;
  const isGathered = line === 'entry' && isLobby(terms, now) && draft.lines.entry.isGathering;
  const joinedAt = new Date(now).toISOString();
  const text = ['usher-receipt-1', showId, line, ticket, joinedAt, hash('sha256', sessionId)].join('|');
  const waiter: Waiter = {
    line,
    ticket,
    place: isGathered ? null : ticket,
    sessionId,
    ...wish,
    joinedAt: now,
    // Nobody's wait ends in the lobby, before there is anything to wait for.
    expiresAt: (isGathered && saleOpensAt !== null ? saleOpensAt : now) + queueWaitMs,
    receipt: terms.signReceipt(text),
  };
  draft.join(waiter);
  return waiter;
}

/** The seats of halls in which nothing is taken, counted once a hall: for each joiner it took half of the time. */
const emptyHalls = new WeakMap<HallPlan, FreeCounts>();

function emptyHall(plan: HallPlan): FreeCounts {
  const known = emptyHalls.get(plan) ?? new FreeCounts(plan, new Uint8Array(plan.seatCount));
  emptyHalls.set(plan, known);
  return known;
}
