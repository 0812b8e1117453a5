/**
 * Runs a task once for all callers that ask for the same key at the same time. A caller that asks during a run waits
 * for the next run, so that its result is never older than its request.
 */
export class SingleFlight<Key> {
  private readonly runs = new Map<Key, { readonly current: Promise<void>; next: Promise<void> | null }>();

  constructor(private readonly task: (key: Key) => Promise<void>) {}

  run(key: Key): Promise<void> {
    const run = this.runs.get(key);
    if (!run) return this.start(key);
    run.next ??= run.current.then(
      () => this.start(key),
      () => this.start(key),
    );
    return run.next;
  }

  private start(key: Key): Promise<void> {
    const current = this.task(key).finally(() => {
      if (this.runs.get(key)?.current === current) this.runs.delete(key);
    });
    this.runs.set(key, { current, next: null });
    return current;
  }
}
