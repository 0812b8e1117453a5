/** The listeners of one event. */
export class Listeners<A extends unknown[]> {
  private readonly entries = new Set<{ listener: (...args: A) => void }>();

  /** Adds a listener. The same function may be added twice. Returns a function that removes this listener. */
  add(listener: (...args: A) => void): () => void {
    const entry = { listener };
    this.entries.add(entry);
    return () => void this.entries.delete(entry);
  }

  /** Calls every listener that was registered when this call started. */
  notify(...args: A): void {
    for (const { listener } of Array.from(this.entries)) {
      try {
        listener(...args);
      } catch (error) {
        // An error in one listener must not prevent the calls to the others. So the error is thrown later, and the
        // page's own error handler reports it.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
