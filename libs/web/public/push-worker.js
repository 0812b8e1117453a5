/* Shows what Usher pushes while its page is closed, and opens the show when that is pressed. */

const words = {
  'queue:offer': { title: 'Seats were found for you', body: 'They are held for you for a short time: open the show.' },
  'queue:admitted': { title: 'It is your turn', body: 'The hall is open to you: open the show now.' },
  'show:moved': { title: 'A show has moved', body: 'It plays at another time or place: open the show to see it.' },
  'show:changed': { title: 'A sale has changed', body: 'Its prices or times are new: open the show to see them.' },
  'show:calledOff': {
    title: 'A show was called off',
    body: 'What you paid goes back to you. Open the show for the reason.',
  },
  'booking:updated': { title: 'Your booking has changed', body: 'Open the show to see how it stands.' },
};

/** @returns {{ type?: string, showId?: number, expiresAt?: string | null }} what was pushed; nothing when unreadable */
function payloadOf(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

function bodyOf({ type, expiresAt }) {
  const { body } = words[type] ?? words['booking:updated'];
  if (type !== 'queue:offer' || !expiresAt) return body;
  const until = new Date(expiresAt).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return `They are held for you until ${until}: open the show.`;
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const payload = payloadOf(event.data);
  const { title } = words[payload.type] ?? words['booking:updated'];
  const path = Number.isInteger(payload.showId) ? `/shows/${payload.showId}` : '/';
  // Browsers take pushing away from pages that show nothing, so an unreadable message is shown too.
  event.waitUntil(
    self.registration.showNotification(title, {
      body: bodyOf(payload),
      // The newest word about a show takes the place of the last one, and rings again.
      tag: path,
      renotify: true,
      requireInteraction: payload.type !== 'booking:updated' && payload.type !== 'show:changed',
      lang: 'en',
      data: { path },
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { path } = event.notification.data;
  event.waitUntil(open(path));
});

/** Shows the page that is there already, or opens one. */
async function open(path) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = pages.find(({ url }) => new URL(url).pathname === path);
  return there ? there.focus() : self.clients.openWindow(path);
}
