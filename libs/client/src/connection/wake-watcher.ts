const TICK_MS = 1_000;
/** A tick this late means that the machine slept, or the page was frozen. */
const JUMP_MS = 5_000;

/** What {@link watch} reports. */
export interface Watcher {
  /** About every second, as long as the machine is awake and the page not throttled. */
  tick(): void;
  /** The machine or the page was asleep, or the network came back: what was connected may be dead without a sign. */
  woke(): void;
}

// Browsers have both, Node has neither; the DOM's types are not there where this is compiled for Node.
function eventTarget(name: 'document' | 'globalThis'): EventTarget | null {
  const candidate: unknown = name === 'globalThis' ? globalThis : Reflect.get(globalThis, name);
  return candidate instanceof EventTarget ? candidate : null;
}

/** Watches for sleep and waking. The answer ends it. */
export function watch(watcher: Watcher): () => void {
  const woke = (): void => watcher.woke();
  // A page that comes back out of the browser's cache; every page is "shown" once when it loads.
  const restored = (event: Event): void => {
    if (Reflect.get(event, 'persisted') === true) woke();
  };
  const shown = (): void => {
    const page: unknown = Reflect.get(globalThis, 'document');
    if (typeof page === 'object' && page !== null && Reflect.get(page, 'visibilityState') === 'visible') woke();
  };
  eventTarget('document')?.addEventListener('visibilitychange', shown);
  eventTarget('globalThis')?.addEventListener('online', woke);
  eventTarget('globalThis')?.addEventListener('pageshow', restored);
  // In some browsers the monotonic clock stands still in sleep, and the wall clock can be set: either jumping counts.
  let last = { wall: Date.now(), monotonic: performance.now() };
  const timer = setInterval(() => {
    const now = { wall: Date.now(), monotonic: performance.now() };
    const jumped = Math.max(now.wall - last.wall, now.monotonic - last.monotonic) > TICK_MS + JUMP_MS;
    last = now;
    if (jumped) watcher.woke();
    watcher.tick();
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    eventTarget('document')?.removeEventListener('visibilitychange', shown);
    eventTarget('globalThis')?.removeEventListener('online', woke);
    eventTarget('globalThis')?.removeEventListener('pageshow', restored);
  };
}
