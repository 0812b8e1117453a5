const tickIntervalMs = 1_000;
/** If a tick is this late, the machine slept or the browser froze the page. */
const maxTickDelayMs = 5_000;

/** The callbacks of {@link watchForWake}. */
export interface WakeListener {
  /** Called about every second, unless the machine sleeps or the browser throttles the page. */
  onTick(): void;
  /**
   * Called after the machine or the page slept, or the network returned. The connection may be dead although it still
   * seems open.
   */
  onWake(): void;
}

// Browsers have both event targets, and Node has neither. This function uses no DOM types, because they do not exist
// when this file is compiled for Node.
function findEventTarget(name: 'document' | 'globalThis'): EventTarget | null {
  const candidate: unknown = name === 'globalThis' ? globalThis : Reflect.get(globalThis, name);
  return candidate instanceof EventTarget ? candidate : null;
}

/**
 * Watches for wake-ups of the machine and the page, and for the return of the network. Returns a function that stops
 * the watch.
 */
export function watchForWake(listener: WakeListener): () => void {
  const onOnline = (): void => listener.onWake();
  // Every page fires `pageshow` when it loads. If `persisted` is true, the page returned from the browser's cache.
  const onPageShow = (event: Event): void => {
    if (Reflect.get(event, 'persisted') === true) listener.onWake();
  };
  const onVisibilityChange = (): void => {
    const page: unknown = Reflect.get(globalThis, 'document');
    if (typeof page === 'object' && page !== null && Reflect.get(page, 'visibilityState') === 'visible') {
      listener.onWake();
    }
  };
  findEventTarget('document')?.addEventListener('visibilitychange', onVisibilityChange);
  findEventTarget('globalThis')?.addEventListener('online', onOnline);
  findEventTarget('globalThis')?.addEventListener('pageshow', onPageShow);
  // The monotonic clock stops during sleep in some browsers, and a user can set the wall clock. So the watch checks
  // both clocks, and treats a jump of either one as a sleep.
  let last = { wall: Date.now(), monotonic: performance.now() };
  const timer = setInterval(() => {
    const now = { wall: Date.now(), monotonic: performance.now() };
    const elapsedMs = Math.max(now.wall - last.wall, now.monotonic - last.monotonic);
    last = now;
    if (elapsedMs > tickIntervalMs + maxTickDelayMs) listener.onWake();
    listener.onTick();
  }, tickIntervalMs);
  return () => {
    clearInterval(timer);
    findEventTarget('document')?.removeEventListener('visibilitychange', onVisibilityChange);
    findEventTarget('globalThis')?.removeEventListener('online', onOnline);
    findEventTarget('globalThis')?.removeEventListener('pageshow', onPageShow);
  };
}
