import type { Entry } from '../history.js';

/** Short names of the promises that the checker checks. */
export type PromiseName =
  | 'one booking per seat'
  | 'acknowledged bookings exist'
  | 'no booking without a request'
  | 'one effect per key'
  | 'versions without a gap'
  | 'maps are correct'
  | 'versions follow time'
  | 'holds expire on time'
  | 'held seats have a live booking'
  | 'lines serve in order'
  | 'line tickets keep their places'
  | 'every buyer recovers';

/** A promise that was broken. */
export interface Violation {
  readonly promise: PromiseName;
  /** Says how the promise was broken. */
  readonly description: string;
  /** Ids, socket numbers or call numbers. They identify the history entries that show the violation. */
  readonly about: readonly (string | number)[];
}

/** Maximum number of history entries in one excerpt. */
const excerptLengthMax = 12;

/** Returns the history entries that mention the most ids of a violation, one entry per line. */
export function excerpt(entries: readonly Entry[], { about }: Violation): string {
  const words = about.map(String);
  const scored = entries.flatMap((entry) => {
    const text = JSON.stringify(entry);
    const found = words.filter((word) => mentions(entry, text, word)).length;
    return found > 0 ? [{ t: entry.t, text, found }] : [];
  });
  const most = scored.toSorted((a, b) => b.found - a.found || b.t - a.t).slice(0, excerptLengthMax);
  return most
    .toSorted((a, b) => a.t - b.t)
    .map(({ text }) => shortened(text))
    .join('\n');
}

/** Maximum number of characters per line of an excerpt. */
const lineLengthMax = 500;

/** Shortens an entry. Removes prices, totals and receipts, because they never help to explain a violation. */
function shortened(text: string): string {
  const short = text
    .replaceAll(/,"tier":"[^"]*","price":\{[^}]*\}/g, '')
    .replaceAll(/"total":\{[^}]*\},|,"receipt":"[^"]*"/g, '');
  return short.length > lineLengthMax ? `${short.slice(0, lineLengthMax)}…` : short;
}

function mentions(entry: Entry, text: string, word: string): boolean {
  if (/^\d+$/.test(word)) {
    return ('call' in entry && String(entry.call) === word) || ('socket' in entry && String(entry.socket) === word);
  }
  return text.includes(word);
}
