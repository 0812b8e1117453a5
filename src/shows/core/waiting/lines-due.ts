import { Draft } from '../draft/draft.js';
import type { ShowState } from '../state/show-state.js';
import { entryWaitsEndFrom, type ShowTerms } from '../model/show-terms.js';
import { paceLeftAt } from './admission-pace.js';
import { isLobby } from './entry-line.js';

/**
 * When time alone gives the lines something to do next if nothing happens before, in ms since 1970; null: never. What ends
 * is known to the second, and told late rather than early: who looks then finds it done, or does it.
 */
export function linesDueAt(draft: Draft, terms: ShowTerms, now: number): number | null {
  const { inside, isCut } = draft;
  const { seats, entry } = draft.lines;
  if (isCut || entry.isBeingDrawn) return now;
  const entryEndsAt = Math.max(entry.firstEndBy, entryWaitsEndFrom(terms));
  const due = Math.min(
    inside.firstEndBy,
    seats.waiting > 0 ? Math.min(seats.firstEndBy, terms.saleClosesAt) : Infinity,
    entry.waiting > 0 ? Math.min(entryEndsAt, terms.saleClosesAt, admissionAt(draft, terms, now)) : Infinity,
  );
  return due === Infinity ? null : due;
}

/** {@link linesDueAt} of what is committed. */
export const lineWorkAt = (state: ShowState, terms: ShowTerms, now: number): number | null =>
  linesDueAt(new Draft(state, terms.rules.strictLine), terms, now);

/** When the first of those who wait may be let in, if nobody inside leaves before. */
function admissionAt({ inside }: Draft, terms: ShowTerms, now: number): number {
  const { waitingRoom: room, saleOpensAt } = terms;
  if (room === null) return now;
  if (isLobby(terms, now)) return saleOpensAt ?? now;
  return inside.size < room.maxShoppers ? paceLeftAt(inside, room, now) : Infinity;
}
