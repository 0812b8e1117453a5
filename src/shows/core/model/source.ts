/**
 * The caller of a command that takes seats or places. Budgets limit what all callers of one source have of a show at the
 * same time.
 */
export interface CommandSource {
  /** Names the network address or the API key of the caller (see `Buyer`); null for callers without a budget. */
  readonly source: string | null;
  /** Whether the session has passed the challenge of the show. */
  readonly hasPassedChallenge: boolean;
}

/**
 * Whether a source is an API key or an operator that sells. Its budgets are wider, and it is never asked to pass the challenge. The
 * digest of an address never contains a colon (see `BuyerSources`).
 */
export const isSellerSource = (source: string): boolean => source.includes(':');

/** Maximum number of sources that {@link internSource} remembers. */
const internedMax = 50_000;

const interned = new Map<string, string>();

/**
 * Returns one and the same string object for equal sources. Rows and log entries contain the text of the source again
 * and again, so without this function each of a million waiters of a line would keep a copy of 32 bytes.
 */
export function internSource(source: string | null): string | null {
  if (source === null) return null;
  const known = interned.get(source);
  if (known !== undefined) return known;
  if (interned.size >= internedMax) interned.clear();
  interned.set(source, source);
  return source;
}
