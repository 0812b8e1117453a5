import type { ReactNode } from 'react';
import { describeError } from './refusals.js';
import type { LoadState } from './use-load.js';

interface LoadViewProps<T> {
  readonly loaded: LoadState<T>;
  /** What is being read, e.g. "cities". */
  readonly what: string;
  readonly children: (value: T) => ReactNode;
}

/** Shows what was read, or that it is on its way, or why it failed with a button to try again. */
export function LoadView<T>({ loaded, what, children }: LoadViewProps<T>) {
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
        <strong>The {what} could not be read.</strong> {describeError(loaded.error).text}
      </p>
      <button type="button" className="button" onClick={loaded.retry}>
        Try again
      </button>
    </div>
  );
}
