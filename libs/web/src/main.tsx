import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/controls.css';
import './ui/styles/panels.css';
import './ui/styles/status.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { captureInvitedCode } from './access-codes/invited-code.js';
import { App } from './app.js';
import { captureLinkToken, getLinkToken } from './bookings/booking-links.js';
import { connect, UsherProvider } from './service/usher-context.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html must have an element with the id root');

const reloadedAtKey = 'usher.reloadedAt';

/** Shortest time between two automatic reloads. It prevents an endless loop of reloads. */
const reloadIntervalMsMin = 10_000;

// This event means that the service runs a new release and no longer serves the files of this one. A reload loads the new
// release.
addEventListener('vite:preloadError', () => {
  if (Date.now() - Number(sessionStorage.getItem(reloadedAtKey)) < reloadIntervalMsMin) return;
  sessionStorage.setItem(reloadedAtKey, String(Date.now()));
  location.reload();
});

captureLinkToken();
captureInvitedCode();
// If the user opens a booking link while the page of the same booking is open, only the hash changes. The browser then
// loads nothing by itself.
addEventListener('hashchange', () => captureLinkToken() && location.reload());

createRoot(root).render(
  <StrictMode>
    <UsherProvider usher={connect(getLinkToken)}>
      <App />
    </UsherProvider>
  </StrictMode>,
);
