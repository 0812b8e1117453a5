/**
 * Does a thing once for all who ask for it at the same time. Whoever asks while it is being done waits for the next time:
 * each answer is of a moment after it was asked for.
 */
export class Coalescing<Key> {
  private readonly running = new Map<Key, { readonly done: Promise<void>; next: Promise<void> | null }>();

  constructor(private readonly task: (key: Key) => Promise<void>) {}

  run(key: Key): Promise<void> {
    const running = this.running.get(key);
    if (!running) return this.start(key);
    running.next ??= running.done.then(
      () => this.start(key),
      () => this.start(key),
    );
    return running.next;
  }

  private start(key: Key): Promise<void> {
    const done = this.task(key).finally(() => {
      if (this.running.get(key)?.done === done) this.running.delete(key);
    });
    this.running.set(key, { done, next: null });
    return done;
  }
}
