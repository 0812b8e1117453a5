import type { CallOffCommand, CallOffOutcome } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import { endWaits } from '../waiting/line-times.js';
import { endAllHolds } from './holds.js';
import { refundCalledOff } from './refund.js';

/**
 * Calls the show off. This ends all holds and waits, and it refunds all paid bookings. A repeated command does not
 * replace the first reason.
 */
export function callOff(draft: Draft, { reason = null, by = null }: CallOffCommand): CallOffOutcome {
  const termsVersion = draft.terms.termsVersion + 1;
  if (!draft.calledOff) draft.record({ type: 'calledOff', termsVersion, reason, by });
  endAllHolds(draft);
  endWaits(draft);
  refundCalledOff(draft);
  return { type: 'done', booking: null };
}
