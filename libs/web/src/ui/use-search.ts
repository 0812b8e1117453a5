import { useEffect, useState } from 'react';

/** The search starts when the user has typed nothing for this long. */
const debounceMs = 200;

/** Result of a search field. */
export interface SearchResult<T> {
  /** Answer for {@link text}. It is kept until the next answer arrives. Null before the first answer. */
  readonly answer: T | null;
  /** The searched text, or null if the field is empty. */
  readonly text: string | null;
  /** True if the last search failed. */
  readonly hasFailed: boolean;
}

const emptyResult: SearchResult<never> = { answer: null, text: null, hasFailed: false };

/**
 * Searches for a text while the user types. It waits until the user pauses, and it ignores answers to earlier texts.
 *
 * @param text the trimmed text; if it is empty, there is no search
 * @param search wrap it in `useCallback`
 */
export function useSearch<T>(text: string, search: (text: string, signal: AbortSignal) => Promise<T>): SearchResult<T> {
  const [found, setFound] = useState<SearchResult<T>>(emptyResult);

  useEffect(() => {
    const abort = new AbortController();
    const settle = (next: (before: SearchResult<T>) => SearchResult<T>) => {
      if (!abort.signal.aborted) setFound(next);
    };
    if (text === '') return;
    const timer = setTimeout(() => {
      search(text, abort.signal).then(
        (answer) => settle(() => ({ answer, text, hasFailed: false })),
        () => settle((before) => ({ ...before, hasFailed: true })),
      );
    }, debounceMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, search]);

  // If the field is empty, the last result is dropped. Otherwise the next text would first show the result of an
  // earlier text.
  if (text === '' && found !== emptyResult) setFound(emptyResult);
  return text === '' ? emptyResult : found;
}
