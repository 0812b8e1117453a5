/* Opens the gate page from the files that the page has cached, so that it also opens without the network. */

/** If the network has not answered after this time, it counts as lost. */
const responseTimeoutMs = 4000;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && pathname === '/gate') event.respondWith(loadPage(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(loadAsset(request));
});

async function loadPage(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(responseTimeoutMs) });
  } catch (error) {
    const cached = await caches.match('/gate');
    if (cached) return cached;
    throw error;
  }
}

/**
 * Prefers the cache. The name of a file changes whenever its content changes, so a cached file is never out of date.
 */
const loadAsset = async (request) => (await caches.match(request)) ?? fetch(request);
