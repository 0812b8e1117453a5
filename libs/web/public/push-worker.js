/* Shows push messages from Usher, even if no page of Usher is open. A click on a message opens the show. */

const texts = {
  'queue:offer': { title: 'Seats were found for you', body: 'We hold them for a short time. Open the show now.' },
  'queue:admitted': { title: 'It is your turn', body: 'You can enter the hall. Open the show now.' },
  'show:moved': { title: 'A show has moved', body: 'Its time or place has changed. Open the show to see it.' },
  'show:changed': { title: 'A sale has changed', body: 'Its prices or times have changed. Open the show to see them.' },
  'show:calledOff': {
    title: 'A show was called off',
    body: 'You get your money back. Open the show to see the reason.',
  },
  'booking:updated': { title: 'Your booking has changed', body: 'Open the show to see your booking.' },
};

/**
 * Reads the payload of a message. Returns an empty object if the message is unreadable.
 *
 * @returns {{ type?: string, showId?: number, expiresAt?: string | null }}
 */
function readPayload(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

function describePayload({ type, expiresAt }) {
  const { body } = texts[type] ?? texts['booking:updated'];
  if (type !== 'queue:offer' || !expiresAt) return body;
  const until = new Date(expiresAt).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return `We hold them for you until ${until}. Open the show now.`;
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const payload = readPayload(event.data);
  const { title } = texts[payload.type] ?? texts['booking:updated'];
  const path = Number.isInteger(payload.showId) ? `/shows/${payload.showId}` : '/';
  // Shows a notification even if the message is unreadable, because browsers stop push messages for sites that do not
  // show them.
  event.waitUntil(
    self.registration.showNotification(title, {
      body: describePayload(payload),
      // A new message replaces the previous message about the same show, and it alerts the user again.
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
  event.waitUntil(openPage(path));
});

/** Focuses the page if it is already open. Otherwise opens it. */
async function openPage(path) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const openedPage = pages.find(({ url }) => new URL(url).pathname === path);
  return openedPage ? openedPage.focus() : self.clients.openWindow(path);
}
