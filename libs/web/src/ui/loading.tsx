import type { ReactNode } from 'react';
import { explain } from '../booking/refusals.js';
import type { Loaded } from './load.js';

interface LoadingProps<T> {
  readonly loaded: Loaded<T>;
  /** What is being read, e.g. "cities". */
  readonly what: string;
  readonly children: (value: T) => ReactNode;
}

/** Shows what was read, or that it is on its way, or why it failed with a button to try again. */
export function Loading<T>({ loaded, what, children }: LoadingProps<T>) {
  if (loaded.state === 'ready') return children(loaded.value);
  if (loaded.state === 'loading') {
    return (
      <p className="loading" role="status">
        Loading {what} …
      </p>
    );
  }
  return (
    <div className="notice notice-bad" role="alert">
      <p>
        <strong>The {what} could not be read.</strong> {explain(loaded.error).text}
      </p>
      <button type="button" className="button" onClick={loaded.retry}>
        Try again
      </button>
    </div>
  );
}
