import type { Left } from '../changes/left.js';
import type { Draft } from '../draft/draft.js';
import type { Waiter } from '../model/waiter.js';

/** Ends the wait of a session that gets neither an offer nor an admission. */
export function endWait(draft: Draft, waiter: Waiter, end: Pick<Left, 'kind' | 'reason'>): void {
  const { line, lineTicket, place, sessionId } = waiter;
  draft.record({ type: 'left', line, lineTicket, place, sessionId, ...end });
}
