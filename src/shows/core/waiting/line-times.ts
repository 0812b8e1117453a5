import type { Draft } from '../draft/draft.js';
import { entryWaitsEndFrom, isSaleOver } from '../model/show-terms.js';
import type { ShowState } from '../state/show-state.js';
import { isShuffleDue } from './lobby.js';
import { endWait } from './end-wait.js';
import { endStay } from './stays.js';

/**
 * Maximum number of waits or stays that one batch ends. Ending more would keep the show's lock for longer than its time
 * limit.
 */
const endedMax = 5000;

/** Makes the time-driven changes to the lines: it ends stays and waits, and it draws the places of the lobby. */
export function doTimedLineWork(draft: Draft, state: ShowState): void {
  const { now, terms } = draft;
  for (const stay of draft.stays.dueBy(now).slice(0, endedMax)) endStay(draft, stay, { hasLapsed: false });
  endWaits(draft);
  const { seed } = state.lines.entry;
  if (seed !== null && isShuffleDue(state, terms, now)) draft.record({ type: 'shuffled', seed });
}

/** Ends the waits that are due, or all waits if the sale is over. At most {@link endedMax} waits end per line. */
export function endWaits(draft: Draft): void {
  const { terms, now } = draft;
  const isOver = isSaleOver(terms, draft.calledOff, now);
  for (const line of [draft.lines.seats, draft.lines.entry]) {
    if (line.waiting === 0) continue;
    if (!isOver && line === draft.lines.entry && now < entryWaitsEndFrom(terms)) continue;
    const reason = isOver ? 'saleClosed' : 'maxWait';
    const ended = isOver ? line.firstWaiters(endedMax) : line.dueBy(now, endedMax);
    for (const waiter of ended) endWait(draft, waiter, { kind: 'expire', reason });
    if (ended.length === endedMax) draft.hasMoreWork = true;
  }
}
