const storageKey = 'usher.links';

/** Links that one browser keeps. */
const linksMax = 50;

type Links = Readonly<Record<string, string>>;

let tokensOfThisPage: Links = {};

/** The kept links, whatever else may stand in the storage. */
export function parseLinks(kept: string | null): Links {
  try {
    const value: unknown = JSON.parse(kept ?? '{}');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return Object.fromEntries(entries.slice(-linksMax));
  } catch {
    return {};
  }
}

/** The booking and the token of an address as mails have it; null for any other address. */
export function parseBookingLink({
  pathname,
  hash,
}: Pick<Location, 'pathname' | 'hash'>): { bookingId: string; token: string } | null {
  const [, bookingId] = /^\/bookings\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/i.exec(pathname) ?? [];
  const token = new URLSearchParams(hash.slice(1)).get('access');
  return bookingId !== undefined && token ? { bookingId: bookingId.toLowerCase(), token } : null;
}

/** The token of the link by which this browser came to a booking, or null. */
export function getLinkToken(bookingId: string): string | null {
  return { ...readStoredLinks(), ...tokensOfThisPage }[bookingId] ?? null;
}

/** Takes the token of a mailed link out of the address bar, so that it is neither copied nor kept in the history. */
export function captureLinkToken(): boolean {
  const link = parseBookingLink(location);
  if (link === null) return false;
  history.replaceState(history.state, '', location.pathname + location.search);
  tokensOfThisPage = { ...tokensOfThisPage, [link.bookingId]: link.token };
  storeLinks({ ...readStoredLinks(), ...tokensOfThisPage });
  return true;
}

function readStoredLinks(): Links {
  try {
    return parseLinks(localStorage.getItem(storageKey));
  } catch {
    // The browser keeps nothing for this page.
    return {};
  }
}

function storeLinks(links: Links): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(parseLinks(JSON.stringify(links))));
  } catch {
    // Then the links are known for as long as the page is open.
  }
}
