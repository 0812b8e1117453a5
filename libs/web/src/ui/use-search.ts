import { useEffect, useState } from 'react';

/** Nobody types on for so long without wanting an answer. */
const settleMs = 200;

/** What is found for what stands in a search field. */
export interface Found<T> {
  /** Of {@link text}; null before the first answer. It stays while the next one is on its way. */
  readonly answer: T | null;
  /** What was searched for; null where nothing is. */
  readonly text: string | null;
  /** The last search failed. */
  readonly isFailed: boolean;
}

const nothing: Found<never> = { answer: null, text: null, isFailed: false };

/**
 * Searches for a text as it is typed: once it rests, and only for the last one.
 *
 * @param text without spaces around it; empty: nothing is searched for
 * @param search give it through `useCallback`
 */
export function useSearch<T>(text: string, search: (text: string, signal: AbortSignal) => Promise<T>): Found<T> {
  const [found, setFound] = useState<Found<T>>(nothing);

  useEffect(() => {
    const gone = new AbortController();
    const settle = (next: (before: Found<T>) => Found<T>) => {
      if (!gone.signal.aborted) setFound(next);
    };
    if (text === '') return;
    const timer = setTimeout(() => {
      search(text, gone.signal).then(
        (answer) => settle(() => ({ answer, text, isFailed: false })),
        () => settle((before) => ({ ...before, isFailed: true })),
      );
    }, settleMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [text, search]);

  // A field that was emptied forgets: its next text does not begin with what was found for another.
  if (text === '' && found !== nothing) setFound(nothing);
  return text === '' ? nothing : found;
}
