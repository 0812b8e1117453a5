import type { CallOffCommand, CallOffOutcome } from '../commands/command.js';
import type { Draft } from '../draft/draft.js';
import { endWaits } from '../waiting/line-times.js';
import { endAllHolds } from './holds.js';
import { refundCalledOff } from './refund.js';

/** Calls the show off: ends its holds and waits, and refunds its paid bookings. The first reason given is kept. */
export function callOff(draft: Draft, { reason = null, by = null }: CallOffCommand): CallOffOutcome {
  const termsVersion = draft.terms.termsVersion + 1;
  if (!draft.calledOff) draft.record({ type: 'calledOff', termsVersion, reason, by });
  endAllHolds(draft);
  endWaits(draft);
  refundCalledOff(draft);
  return { type: 'done', booking: null };
}
