/** Notifies waiting tests of changes. */
export class ChangeSignal {
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** Calls the listeners in the order in which they subscribed. */
  notify(): void {
    for (const listener of this.listeners) listener();
  }
}

interface WaitOptions {
  /** Registers a listener for changes. Returns a function that removes it. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly deadlineMs: number;
  /** Describes what is missing, for the error after the deadline. */
  readonly describe: () => string;
}

/**
 * Calls `read` now and after each change, until it returns a value.
 *
 * @throws the error that `read` throws, or an error with the description if the deadline passes
 */
export function waitForValue<T>(read: () => T | undefined, options: WaitOptions): Promise<T> {
  const { subscribe, deadlineMs, describe } = options;
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      unsubscribe();
    };
    const check = () => {
      try {
        const value = read();
        if (value === undefined) return;
        end();
        resolve(value);
      } catch (error) {
        end();
        reject(error);
      }
    };
    const unsubscribe = subscribe(check);
    const timer = setTimeout(() => {
      end();
      reject(new Error(`timed out after ${deadlineMs} ms: ${describe()}`));
    }, deadlineMs);
    timer.unref(); // a test may wait for the first of several events, so the other timers must not keep the process alive
    check();
  });
}
