const storageKeyOf = (showId: number): string => `usher.accessCode.${showId}`;

/** Codes that this page took from its address, by show. They work even if the browser stores nothing. */
const codesOfThisPage = new Map<number, string>();

/** Returns the show and the access code of a link from an invitation, or null for any other address. */
export function parseInvitation({
  pathname,
  search,
}: Pick<Location, 'pathname' | 'search'>): { showId: number; code: string; search: string } | null {
  const [, showId] = /^\/shows\/([1-9][0-9]{0,14})\/?$/.exec(pathname) ?? [];
  const query = new URLSearchParams(search);
  const code = query.get('code')?.trim();
  if (showId === undefined || !code) return null;
  query.delete('code');
  const rest = query.toString();
  return { showId: Number(showId), code, search: rest === '' ? '' : `?${rest}` };
}

/**
 * Keeps the access code of a link from an invitation for this tab and removes the code from the address bar. Users then
 * do not share the code by accident, and the browser's history does not contain it.
 */
export function captureInvitedCode(): void {
  const invitation = parseInvitation(location);
  if (invitation === null) return;
  history.replaceState(history.state, '', location.pathname + invitation.search + location.hash);
  codesOfThisPage.set(invitation.showId, invitation.code);
  try {
    sessionStorage.setItem(storageKeyOf(invitation.showId), invitation.code);
  } catch {
    // The code still works until the page is closed.
  }
}

/** Returns the code of the invitation that opened the page of a show in this tab, or an empty text. */
export function getInvitedCode(showId: number): string {
  try {
    return codesOfThisPage.get(showId) ?? sessionStorage.getItem(storageKeyOf(showId)) ?? '';
  } catch {
    return codesOfThisPage.get(showId) ?? '';
  }
}
