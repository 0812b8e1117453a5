import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import './styles.css';
import { connect, UsherProvider } from './usher.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <UsherProvider usher={connect()}>
      <App />
    </UsherProvider>
  </StrictMode>,
);
