import { useEffect, useState } from 'react';

/** What became of a read: still on its way, here, or failed (and may be tried again). */
export type LoadState<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly error: unknown; readonly retry: () => void };

/**
 * Reads something whenever `read` changes (give it through `useCallback`) and forgets answers that come too late.
 */
export function useLoad<T>(read: () => Promise<T>): LoadState<T> {
  const [attempt, setAttempt] = useState(0);
  const [answer, setAnswer] = useState<{ of: () => Promise<T>; attempt: number; loaded: LoadState<T> }>();

  useEffect(() => {
    let isWanted = true;
    const settle = (loaded: LoadState<T>) => {
      if (isWanted) setAnswer({ of: read, attempt, loaded });
    };
    read().then(
      (value) => settle({ state: 'ready', value }),
      (error: unknown) => settle({ state: 'failed', error, retry: () => setAttempt(attempt + 1) }),
    );
    return () => {
      isWanted = false;
    };
  }, [read, attempt]);

  // An answer to the former question must not flash up under the new one's heading.
  return answer?.of === read && answer.attempt === attempt ? answer.loaded : { state: 'loading' };
}
