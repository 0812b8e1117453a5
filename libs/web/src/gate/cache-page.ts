const cacheName = 'usher-gate';

/**
 * Caches this page and its files, so that the page opens without the network. This works only if the page came over
 * TLS.
 */
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
    // Deletes the files of earlier versions.
    const cached = await cache.keys();
    await Promise.all(cached.filter(({ url }) => !paths.has(new URL(url).pathname)).map((old) => cache.delete(old)));
  } catch {
    // The page that is open still works, and the cache keeps the files of an earlier visit.
  }
}
