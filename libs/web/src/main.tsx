import './ui/styles/tokens.css';
import './ui/styles/base.css';
import './ui/styles/controls.css';
import './ui/styles/panels.css';
import './ui/styles/status.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { captureLinkToken, getLinkToken } from './bookings/booking-links.js';
import { connect, UsherProvider } from './service/usher-context.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const reloadedAt = 'usher.reloadedAt';

// A page whose code is gone is of a release that is no longer served: the new one has it. Not again at once, lest it go in circles.
addEventListener('vite:preloadError', () => {
  if (Date.now() - Number(sessionStorage.getItem(reloadedAt)) < 10_000) return;
  sessionStorage.setItem(reloadedAt, String(Date.now()));
  location.reload();
});

captureLinkToken();
// A link that is opened on the page of its booking changes the hash and loads nothing.
addEventListener('hashchange', () => captureLinkToken() && location.reload());

createRoot(root).render(
  <StrictMode>
    <UsherProvider usher={connect(getLinkToken)}>
      <App />
    </UsherProvider>
  </StrictMode>,
);
