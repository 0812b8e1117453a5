import type { Draft } from '../draft/draft.js';
import type { ShowState } from '../state/show-state.js';
import { entryWaitsEndFrom, isSaleOver, type ShowTerms } from '../model/show-terms.js';
import { isShuffleDue } from './entry-line.js';

/** Waits and stays that one batch ends at most: more must not keep the lock past its time limits. */
const dueMax = 5000;

/** What time alone does to the lines: ends stays and waits, closes both lines with the sale, draws the lobby's places. */
export function endLineTimes(draft: Draft, state: ShowState, terms: ShowTerms, now: number): void {
  for (const shopper of draft.inside.dueBy(now).slice(0, dueMax)) draft.endStay(shopper, false);
  endWaits(draft, terms, now);
  const { seed } = state.lines.entry;
  if (seed !== null && isShuffleDue(state, terms, now)) draft.shuffle(seed);
}

/** Ends the waits whose time is up: everybody's when the sale is over. */
export function endWaits(draft: Draft, terms: ShowTerms, now: number): void {
  const isOver = isSaleOver(terms, draft.calledOff, now);
  for (const line of [draft.lines.seats, draft.lines.entry]) {
    if (line.waiting === 0) continue;
    if (!isOver && line === draft.lines.entry && now < entryWaitsEndFrom(terms)) continue;
    const reason = isOver ? 'saleClosed' : 'maxWait';
    const ended = isOver ? line.some(dueMax) : line.dueBy(now, dueMax);
    for (const waiter of ended) draft.leave(waiter, { kind: 'expire', reason });
    if (ended.length === dueMax) draft.isCut = true;
  }
}
