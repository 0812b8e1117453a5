/** Who wants to hear of something. */
export class Listeners<A extends unknown[]> {
  private readonly all = new Set<{ call: (...args: A) => void }>();

  /** Adds one; the same function may be added twice. The answer removes it. */
  add(call: (...args: A) => void): () => void {
    const entry = { call };
    this.all.add(entry);
    return () => void this.all.delete(entry);
  }

  /** Tells everyone who was there when it began. */
  tell(...args: A): void {
    for (const { call } of Array.from(this.all)) {
      try {
        call(...args);
      } catch (error) {
        // A listener's defect is the page's to hear of, and must not keep the others from being told.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
