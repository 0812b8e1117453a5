import { useEffect, useState } from 'react';

/** State of a read: running, done with a value, or failed. A failed read can be retried. */
export type LoadState<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T }
  | { readonly state: 'failed'; readonly error: unknown; readonly retry: () => void };

/** Calls `read` whenever `read` changes, so wrap `read` in `useCallback`. Answers to an earlier `read` are ignored. */
export function useLoad<T>(read: () => Promise<T>): LoadState<T> {
  const [attempt, setAttempt] = useState(0);
  const [answer, setAnswer] = useState<{ read: () => Promise<T>; attempt: number; load: LoadState<T> }>();

  useEffect(() => {
    let isWanted = true;
    const settle = (load: LoadState<T>) => {
      if (isWanted) setAnswer({ read, attempt, load });
    };
    read().then(
      (value) => settle({ state: 'ready', value }),
      (error: unknown) => settle({ state: 'failed', error, retry: () => setAttempt(attempt + 1) }),
    );
    return () => {
      isWanted = false;
    };
  }, [read, attempt]);

  // The answer to the previous read must not appear under the heading of the new one.
  return answer?.read === read && answer.attempt === attempt ? answer.load : { state: 'loading' };
}
