import type { ReactNode } from 'react';
import { describeError } from './refusals.js';
import type { LoadState } from './use-load.js';

interface LoadViewProps<T> {
  readonly load: LoadState<T>;
  /** Name of the content, for example "cities". */
  readonly what: string;
  readonly children: (value: T) => ReactNode;
}

/** Shows the loaded content. Until then it shows that the content is loading, or an error with a button to retry. */
export function LoadView<T>({ load, what, children }: LoadViewProps<T>) {
  if (load.state === 'ready') return children(load.value);
  if (load.state === 'loading') {
    return (
      <p className="loading" role="status">
        Loading {what} …
      </p>
    );
  }
  return (
    <div className="notice notice-bad" role="alert">
      <p>
        <strong>Could not load the {what}.</strong> {describeError(load.error).text}
      </p>
      <button type="button" className="button" onClick={load.retry}>
        Try again
      </button>
    </div>
  );
}
