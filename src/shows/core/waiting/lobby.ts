import { isSaleOver, type ShowTerms } from '../model/show-terms.js';
import type { ShowState } from '../state/show-state.js';

/** Whether the lobby is open. Until the sale opens, sessions gather in it and nobody is served. */
export const isLobby = (terms: ShowTerms, now: number): boolean =>
  terms.waitingRoom !== null && terms.saleOpensAt !== null && now < terms.saleOpensAt;

/**
 * Whether the places of the lobby must be drawn. The first batch after the sale opens draws them. It draws them even if
 * nobody came, so that the seed whose hash was published is always revealed.
 */
export function isShuffleDue({ lines: { entry }, calledOff }: ShowState, terms: ShowTerms, now: number): boolean {
  if (isSaleOver(terms, calledOff, now)) return false;
  const hadLobby = (terms.waitingRoom !== null && terms.saleOpensAt !== null) || entry.lobbyReceipts.length > 0;
  return (
    hadLobby && !isLobby(terms, now) && entry.lobbySize === null && entry.lobbyReceipts.length === entry.lastTicket
  );
}
