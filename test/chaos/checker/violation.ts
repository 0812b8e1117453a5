import type { Entry } from '../history.js';

/** The promises that a history is held against, by a short name. */
export type Promise_ =
  | 'one booking a seat'
  | 'acknowledged is there'
  | 'nothing unasked for'
  | 'one effect a key'
  | 'versions without a gap'
  | 'maps are right'
  | 'order of time'
  | 'holds end in time'
  | 'held means a live booking'
  | 'lines in order'
  | 'places are kept'
  | 'everybody comes back';

/** A promise that was broken. */
export interface Violation {
  readonly promise: Promise_;
  /** What happened, in words. */
  readonly what: string;
  /** Ids, sockets or numbers of calls that entries of the history which tell of it contain. */
  readonly about: readonly (string | number)[];
}

/** Lines of the history at most in one excerpt. */
const excerptMax = 12;

/** The shortest part of a history that tells of a violation, one entry a line: what names all or most of what it is about. */
export function excerpt(entries: readonly Entry[], { about }: Violation): string {
  const words = about.map(String);
  const scored = entries.flatMap((entry) => {
    const text = JSON.stringify(entry);
    const found = words.filter((word) => mentions(entry, text, word)).length;
    return found > 0 ? [{ t: entry.t, text, found }] : [];
  });
  const most = scored.toSorted((a, b) => b.found - a.found || b.t - a.t).slice(0, excerptMax);
  return most
    .toSorted((a, b) => a.t - b.t)
    .map(({ text }) => shortened(text))
    .join('\n');
}

/** Characters of one line at most. */
const lineMax = 500;

/** Without what tells nothing of a violation: prices, totals, receipts. */
function shortened(text: string): string {
  const told = text
    .replaceAll(/,"tier":"[^"]*","price":\{[^}]*\}/g, '')
    .replaceAll(/"total":\{[^}]*\},|,"receipt":"[^"]*"/g, '');
  return told.length > lineMax ? `${told.slice(0, lineMax)}…` : told;
}

function mentions(entry: Entry, text: string, word: string): boolean {
  if (/^\d+$/.test(word)) {
    return ('call' in entry && String(entry.call) === word) || ('socket' in entry && String(entry.socket) === word);
  }
  return text.includes(word);
}
