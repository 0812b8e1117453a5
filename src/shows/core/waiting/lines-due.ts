import { Draft } from '../draft/draft.js';

import { entryWaitsEndFrom, type ShowTerms } from '../model/show-terms.js';
import type { ShowState } from '../state/show-state.js';
import { nextAdmissionAt } from './admission-pace.js';
import { isLobby } from './lobby.js';

/**
 * Returns when the next time-driven change to the lines is due if nothing else happens before, in ms since 1970; null
 * if there is none. The ends of waits and stays are known only to the second. The result may be late but is never
 * early, so that a batch at that time finds the change to be due.
 */
export function linesDueAt(draft: Draft): number | null {
  const { stays, terms, now } = draft;
  const { seats, entry } = draft.lines;
  if (draft.hasMoreWork || entry.isBeingDrawn) return now;
  const entryEndsAt = Math.max(entry.firstEndBy, entryWaitsEndFrom(terms));
  const due = Math.min(
    stays.firstEndBy,
    seats.waiting > 0 ? Math.min(seats.firstEndBy, terms.saleClosesAt) : Infinity,
    entry.waiting > 0 ? Math.min(entryEndsAt, terms.saleClosesAt, firstAdmissionAt(draft)) : Infinity,
  );
  return due === Infinity ? null : due;
}

/** Returns the same time as {@link linesDueAt}, but for a committed show. */
export const lineWorkAt = (state: ShowState, terms: ShowTerms, now: number): number | null =>
  linesDueAt(new Draft(state, terms, now));

/** Returns when the first waiter of the entry line can be admitted if no stay ends before that. */
function firstAdmissionAt({ stays, terms, now }: Draft): number {
  const { waitingRoom: room, saleOpensAt } = terms;
  if (room === null) return now;
  if (isLobby(terms, now)) return saleOpensAt ?? now;
  return stays.size < room.maxShoppers ? nextAdmissionAt(stays, room, now) : Infinity;
}
