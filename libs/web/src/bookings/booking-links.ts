const storageKey = 'usher.links';

/** Maximum number of links that this app stores in one browser. */
const linksMax = 50;

/** Link tokens by booking id. */
type Links = Readonly<Record<string, string>>;

/** Tokens that this page took from its address. They work even if the browser stores nothing. */
let tokensOfThisPage: Links = {};

/** Reads links from a stored text. Ignores everything that is not a link. */
export function parseLinks(stored: string | null): Links {
  try {
    const value: unknown = JSON.parse(stored ?? '{}');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return Object.fromEntries(entries.slice(-linksMax));
  } catch {
    return {};
  }
}

/** Returns the booking and the token of a link from an e-mail, or null for any other address. */
export function parseBookingLink({
  pathname,
  hash,
}: Pick<Location, 'pathname' | 'hash'>): { bookingId: string; token: string } | null {
  const [, bookingId] = /^\/bookings\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/i.exec(pathname) ?? [];
  const token = new URLSearchParams(hash.slice(1)).get('access');
  return bookingId !== undefined && token ? { bookingId: bookingId.toLowerCase(), token } : null;
}

/** Returns the token of the link that opened a booking in this browser, or null. */
export function getLinkToken(bookingId: string): string | null {
  return { ...readStoredLinks(), ...tokensOfThisPage }[bookingId] ?? null;
}

/**
 * Stores the token of a link from an e-mail and removes the token from the address bar. Users then do not copy the
 * token by accident, and the browser's history does not contain it.
 *
 * @returns true if the address had a token
 */
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
    // The browser does not let this page store anything.
    return {};
  }
}

function storeLinks(links: Links): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(parseLinks(JSON.stringify(links))));
  } catch {
    // The links still work until the page is closed.
  }
}
