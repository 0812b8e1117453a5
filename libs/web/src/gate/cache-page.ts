const cacheName = 'usher-gate';

/** Keeps this page with its files, so that it opens without the network. Only pages served over TLS may. */
export async function cacheGatePage(): Promise<void> {
  if (!('serviceWorker' in navigator) || !('caches' in window)) return;
  try {
    await navigator.serviceWorker.register('/gate-worker.js', { scope: '/gate' });
    const files = performance.getEntriesByType('resource').map(({ name }) => new URL(name));
    const assets = files.filter(
      ({ origin, pathname }) => origin === location.origin && pathname.startsWith('/assets/'),
    );
    const paths = new Set(['/gate', ...assets.map(({ pathname }) => pathname)]);
    const cache = await caches.open(cacheName);
    await cache.addAll([...paths]);
    // What versions before this one were made of.
    const kept = await cache.keys();
    await Promise.all(kept.filter(({ url }) => !paths.has(new URL(url).pathname)).map((old) => cache.delete(old)));
  } catch {
    // It works as long as it is open, and what was kept before is still there.
  }
}
