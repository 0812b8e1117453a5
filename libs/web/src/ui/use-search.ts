import { useEffect, useState } from 'react';

/** Nobody types on for so long without wanting an answer. */
const debounceMs = 200;

/** What is found for what stands in a search field. */
export interface SearchResult<T> {
  /** Of {@link text}; null before the first answer. It stays while the next one is on its way. */
  readonly answer: T | null;
  /** What was searched for; null where nothing is. */
  readonly text: string | null;
  /** The last search failed. */
  readonly isFailed: boolean;
}

const emptyResult: SearchResult<never> = { answer: null, text: null, isFailed: false };

/**
 * Searches for a text as it is typed: once it rests, and only for the last one.
 *
 * @param text without spaces around it; empty: nothing is searched for
 * @param search give it through `useCallback`
 */
export function useSearch<T>(text: string, search: (text: string, signal: AbortSignal) => Promise<T>): SearchResult<T> {
  const [found, setFound] = useState<SearchResult<T>>(emptyResult);

  useEffect(() => {
    const gone = new AbortController();
    const settle = (next: (before: SearchResult<T>) => SearchResult<T>) => {
      if (!gone.signal.aborted) setFound(next);
    };
    if (text === '') return;
    const timer = setTimeout(() => {
      search(text, gone.signal).then(
        (answer) => settle(() => ({ answer, text, isFailed: false })),
        () => settle((before) => ({ ...before, isFailed: true })),
      );
    }, debounceMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [text, search]);

  // A field that was emptied forgets: its next text does not begin with what was found for another.
  if (text === '' && found !== emptyResult) setFound(emptyResult);
  return text === '' ? emptyResult : found;
}
