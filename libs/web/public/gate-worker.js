/* Opens the gate's page when the network is lost, from what the page has kept of itself. */

/** A network that says nothing for so long counts as lost. */
const pageMsMax = 4000;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate' && pathname === '/gate') event.respondWith(page(request));
  else if (pathname.startsWith('/assets/')) event.respondWith(file(request));
});

async function page(request) {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(pageMsMax) });
  } catch (error) {
    const kept = await caches.match('/gate');
    if (kept) return kept;
    throw error;
  }
}

/** The name of a file changes with its content: what is kept is what would be fetched. */
const file = async (request) => (await caches.match(request)) ?? fetch(request);
