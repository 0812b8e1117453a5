import { hash } from 'node:crypto';
import type { ErrorBody, LineName } from '@usher/contract';
import type {
  EnterCommand,
  EnterOutcome,
  JoinLineCommand,
  JoinLineOutcome,
  LeaveLineCommand,
  LeaveLineOutcome,
  PassChallengeCommand,
  PassChallengeOutcome,
} from '../commands/command.js';
import type { InLine, Refused } from '../commands/outcome.js';
import { beyondCodes, codeRequired } from '../draft/code-refusals.js';
import type { Draft } from '../draft/draft.js';
import { placeLimit, waitLimit } from '../draft/budget-refusals.js';
import { holdLimit, invalidRequest, keyReused, neverPossible, saleClosed, saleOver } from '../draft/refusals.js';
import { isSaleOver, type ShowTerms } from '../model/show-terms.js';
import type { CommandSource } from '../model/source.js';
import type { PartyRequest, Waiter } from '../model/waiter.js';
import { FreeCounts, type HallPlan } from '../seating/index.js';
import { endWait } from './end-wait.js';
import { admitWaiters } from './entry-line.js';
import { isLobby } from './lobby.js';
import { toSeatRequest } from './seat-line.js';
import { endStay, enterAtOnce } from './stays.js';

/** The party of a session that only asks for entry. The session may state a larger party later. */
const onePerson: PartyRequest = { partySize: 1, tiers: null, kind: null };

/**
 * Gives a session a place in the line for seats, or in the line for entry if it has not been admitted to the show. A
 * session that already has a place keeps it.
 */
export function joinLine(draft: Draft, command: JoinLineCommand): JoinLineOutcome {
  const { sessionId, usedKey } = command;
  if (!usedKey) return placeFor(draft, command);
  const before = draft.keyUse(sessionId, usedKey.key);
  if (before) {
    return before.bodyHash === usedKey.bodyHash && before.place !== null
      ? { type: 'repeatedPlace', ...before.place }
      : { type: 'refused', error: keyReused() };
  }
  const outcome = placeFor(draft, command);
  if (outcome.type !== 'inLine') return outcome;
  // The key is recorded even if the session already had the place. Otherwise the same key could get a new place later.
  const { waiter, at } = outcome;
  draft.record({ type: 'keyUsed', sessionId, usedKey, line: waiter.line, lineTicket: waiter.lineTicket, at });
  return outcome;
}

function placeFor(draft: Draft, command: JoinLineCommand): InLine | Refused {
  const { terms, now } = draft;
  const { sessionId, request } = command;
  const never = neverServed(terms, request);
  if (never) return { type: 'refused', error: never };
  const before = draft.waiterOf(sessionId);
  if (before) return inLine(draft, command.hasPassedChallenge ? recordPass(draft, before) : before);
  const over = saleOver(terms, draft.calledOff, now) ?? codeRequired(draft, command);
  if (over) return { type: 'refused', error: over };
  const entry = enterAtOnce(draft, command);
  if (entry !== 'inside' && entry !== 'outside') return { type: 'refused', error: entry };
  const held = draft.heldBy(sessionId);
  const notNow =
    entry === 'inside'
      ? (saleClosed(terms, draft.calledOff, now) ??
        holdLimit(terms, held, request.partySize) ??
        waitLimit(terms, draft.sources, command, request.partySize))
      : null;
  const refusal = notNow ?? beyondCodes(draft, command, request.partySize) ?? placeLimit(terms, draft.sources, command);
  if (refusal) return { type: 'refused', error: refusal };
  return inLine(draft, startWait(draft, entry === 'inside' ? 'seats' : 'entry', command, request));
}

/** Lets a session see the show: at once if there is room, otherwise after a wait in the line for entry. */
export function enter(draft: Draft, command: EnterCommand): EnterOutcome {
  const { sessionId } = command;
  const before = draft.waiterOf(sessionId);
  // A session that waits for seats cannot wait in the line for entry too, so it may see the show at once.
  const canLook = before?.line === 'seats' || isSaleOver(draft.terms, draft.calledOff, draft.now);
  const entry = canLook ? 'inside' : enterAtOnce(draft, command);
  if (entry === 'inside') return { type: 'entered' };
  if (before) return inLine(draft, before);
  const refusal = entry === 'outside' ? placeLimit(draft.terms, draft.sources, command) : entry;
  if (refusal) return { type: 'refused', error: refusal };
  const outcome = inLine(draft, startWait(draft, 'entry', command, onePerson));
  admitWaiters(draft);
  return draft.stays.stayOf(sessionId) ? { type: 'entered' } : outcome;
}

/** Ends the session's wait in a line, or else its stay. Does nothing if the session has neither. */
export function leaveLine(draft: Draft, { sessionId }: LeaveLineCommand): LeaveLineOutcome {
  const waiter = draft.waiterOf(sessionId);
  const stay = draft.stays.stayOf(sessionId);
  if (waiter) endWait(draft, waiter, { kind: 'leave', reason: null });
  else if (stay) endStay(draft, stay, { hasLapsed: false });
  return { type: 'done', booking: null };
}

/** Remembers that a waiting session has passed the challenge. Does nothing if the session does not wait for seats. */
export function passChallenge(draft: Draft, { sessionId }: PassChallengeCommand): PassChallengeOutcome {
  const waiter = draft.waiterOf(sessionId);
  if (waiter) recordPass(draft, waiter);
  return { type: 'done', booking: null };
}

/** Records that a waiter has passed the challenge, if this matters for its offer. Returns the waiter after that. */
function recordPass(draft: Draft, waiter: Waiter): Waiter {
  const { line, lineTicket, sessionId, hasPassedChallenge } = waiter;
  if (line !== 'seats' || hasPassedChallenge) return waiter;
  draft.record({ type: 'challengePassed', lineTicket });
  return draft.waiterOf(sessionId) ?? waiter;
}

const inLine = (draft: Draft, waiter: Waiter): InLine => ({
  type: 'inLine',
  waiter,
  at: draft.lines[waiter.line].momentOf(waiter),
});

/** Returns the error for a party that could not be served even in an empty hall, or null. */
function neverServed(terms: ShowTerms, request: PartyRequest): ErrorBody | null {
  const unknown = request.tiers?.find((tier) => !Object.hasOwn(terms.prices, tier));
  if (unknown !== undefined) {
    return invalidRequest('tiers', `there is no tier ${unknown}; there are ${Object.keys(terms.prices).join(', ')}`);
  }
  const impossible = neverPossible(terms, { best: { count: request.partySize } });
  if (impossible) return impossible;
  const seats = emptyHall(terms.plan).fitting(toSeatRequest(request));
  return seats < request.partySize ? invalidRequest('partySize', `the hall has ${seats} such seats`) : null;
}

/** Puts a session at the end of a line. */
function startWait(
  draft: Draft,
  line: LineName,
  { sessionId, source, hasPassedChallenge }: CommandSource & { readonly sessionId: string },
  request: PartyRequest,
): Waiter {
  const { terms, now } = draft;
  const { showId, queueWaitMs, saleOpensAt } = terms;
  const lineTicket = draft.lines[line].lastTicket + 1;
  const isInLobby = line === 'entry' && isLobby(terms, now) && draft.lines.entry.isGathering;
  const joinedAt = new Date(now).toISOString();
  const text = ['usher-receipt-1', showId, line, lineTicket, joinedAt, hash('sha256', sessionId)].join('|');
  const waiter: Waiter = {
    line,
    lineTicket,
    place: isInLobby ? null : lineTicket,
    sessionId,
    ...request,
    joinedAt: now,
    // Before the sale opens, nobody is served. So in the lobby, the time of the wait counts from the opening of the
    // sale.
    expiresAt: (isInLobby && saleOpensAt !== null ? saleOpensAt : now) + queueWaitMs,
    receipt: terms.signReceipt(text),
    source,
    hasPassedChallenge,
  };
  draft.record({ type: 'joined', waiter });
  return waiter;
}

/**
 * The counts of seats of each empty hall. Counting them for each session that joins took half of the time of a join.
 */
const emptyHalls = new WeakMap<HallPlan, FreeCounts>();

function emptyHall(plan: HallPlan): FreeCounts {
  const known = emptyHalls.get(plan) ?? new FreeCounts(plan, new Uint8Array(plan.seatCount));
  emptyHalls.set(plan, known);
  return known;
}
