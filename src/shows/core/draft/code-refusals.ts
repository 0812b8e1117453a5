import { type ErrorBody, createErrorBody } from '@usher/contract';
import type { SeatCommand } from '../commands/command.js';
import type { Draft } from './draft.js';

/** The text of the error for a session without an access code. */
export const codeRequiredDetail = 'This show needs an access code. Use one first; it counts for the whole session.';

/**
 * Returns `CODE_REQUIRED` if the show requires an access code and the session has none, else null. The answer is the same if
 * the uses of the session were read before the last erasure, because the session may be the erased one. Its paid bookings no
 * longer count, so the same codes would allow more seats.
 */
export function codeRequired(draft: Draft, { seatsAllowed = 0, codesReadSeq = 0 }: SeatCommand): ErrorBody | null {
  if (!draft.terms.protection?.codeRequired || seatsAllowed === null) return null;
  if (seatsAllowed > 0 && codesReadSeq >= draft.lastErasureSeq) return null;
  return createErrorBody('CODE_REQUIRED', codeRequiredDetail, {});
}

/**
 * Returns `HOLD_LIMIT` if the session would hold, own and wait for more seats than its access codes allow, else null.
 *
 * @param more the number of seats that the session asks for
 */
export function beyondCodes(
  draft: Draft,
  { sessionId, seatsAllowed = 0 }: SeatCommand,
  more: number,
): ErrorBody | null {
  // The bookings of the session are counted only for shows with codes, because the count takes time.
  if (!draft.terms.protection?.codeRequired || seatsAllowed === null) return null;
  const claimed = draft.seatsClaimedBy(sessionId);
  if (claimed + more <= seatsAllowed) return null;
  const detail = `The access codes of this session allow ${seatsAllowed} seats of this show; ${claimed} of them are used.`;
  return createErrorBody('HOLD_LIMIT', detail, { limit: seatsAllowed });
}

/**
 * Returns true if the seats of an ended hold could be more than the access codes of the session allow, because the session
 * has used the codes for other seats since. A buyer could otherwise begin many payments, release each hold, and pay for
 * all of them in the end.
 */
export const mayExceedCodes = (draft: Draft, sessionId: string): boolean =>
  draft.terms.protection?.codeRequired === true && draft.seatsClaimedBy(sessionId) > 0;
