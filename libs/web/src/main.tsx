import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import './styles.css';
import { takeLink } from './booking/booking-links.js';
import { connect, UsherProvider } from './usher.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const reloadedAt = 'usher.reloadedAt';

// A page whose code is gone is of a release that is no longer served: the new one has it. Not again at once, lest it go in circles.
addEventListener('vite:preloadError', () => {
  if (Date.now() - Number(sessionStorage.getItem(reloadedAt)) < 10_000) return;
  sessionStorage.setItem(reloadedAt, String(Date.now()));
  location.reload();
});

takeLink();
// A link that is opened on the page of its booking changes the hash and loads nothing.
addEventListener('hashchange', () => takeLink() && location.reload());

createRoot(root).render(
  <StrictMode>
    <UsherProvider usher={connect()}>
      <App />
    </UsherProvider>
  </StrictMode>,
);
