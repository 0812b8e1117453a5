import { hash } from 'node:crypto';
import escapeHtml from 'escape-html';

/**
 * The script of a page that polls. It asks every second whether the payment was made, on this device or another. After
 * the payment, it leaves the page. Each poll starts only after the previous response.
 */
const pollScript = `
const { state, next } = document.body.dataset;
const poll = async () => {
  try {
    const { status } = await (await fetch(state, { cache: 'no-store' })).json();
    if (status === 'succeeded') return next ? location.assign(next) : location.reload();
    if (status === 'failed') return location.reload();
  } catch {
    // Without a response, the page polls again.
  }
  setTimeout(poll, 1000);
};
setTimeout(poll, 1000);
`;

/** Content-Security-Policy of the pages. It allows only the script above and inline styles, and nothing from other sites. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${hash('sha256', pollScript, 'base64')}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** How a page polls the payment's status. The page is left automatically when the payment is made. */
export interface PagePolling {
  /** URL that returns the payment's status as JSON. */
  readonly stateUrl: string;
  /** The page that follows after the payment. If null, the same page is loaded again. */
  readonly nextUrl: string | null;
}

/** Renders a page of the sandbox provider. @param main the content of the page, as HTML */
export function pageFrame(title: string, main: string, polling: PagePolling | null): string {
  const data = polling
    ? ` data-state="${escapeHtml(polling.stateUrl)}" data-next="${escapeHtml(polling.nextUrl ?? '')}"`
    : '';
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escapeHtml(title)} · Sandbox</title>
    <style>${styles}</style>
  </head>
  <body${data}>
    <header><strong>Sandbox Pay</strong> <span>a test: no money is taken</span></header>
    <main>${main}</main>
    ${polling ? `<script>${pollScript}</script>` : ''}
  </body>
</html>`;
}

const styles = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f4f6f5, #111613);
  --surface: light-dark(#ffffff, #1a211d);
  --line: light-dark(#d3dad6, #35403a);
  --control: light-dark(#6e7a73, #87958d);
  --text: light-dark(#17201b, #e9efeb);
  --quiet: light-dark(#53605a, #a5b3ab);
  --accent: light-dark(#14532d, #86efac);
  --on-accent: light-dark(#ffffff, #052e16);
  --bad: light-dark(#b42318, #ff9d92);
  font: 1rem/1.5 system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; min-width: 320px; background: var(--page); color: var(--text); }
header { padding: 0.75rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--surface); }
header span { color: var(--quiet); }
main { display: grid; gap: 1rem; max-width: 26rem; margin: 2rem auto; padding: 1.25rem; border: 1px solid var(--line);
  border-radius: 0.75rem; background: var(--surface); }
@media (max-width: 28rem) { main { margin: 0; border-width: 0 0 1px; border-radius: 0; } }
h1, h2, p, dl { margin: 0; }
h1 { font-size: 2.25rem; line-height: 1.1; font-variant-numeric: tabular-nums; }
h2 { font-size: 1.0625rem; }
form, label { display: grid; gap: 0.35rem; }
form { gap: 0.75rem; }
label { font-weight: 600; }
input, button { font: inherit; min-height: 2.75rem; padding: 0.5rem 0.75rem; border-radius: 0.5rem;
  border: 1px solid var(--control); background: var(--surface); color: inherit; }
input { font-variant-numeric: tabular-nums; }
button { cursor: pointer; font-weight: 600; background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
button.no { background: none; color: inherit; border-color: var(--control); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.message { padding: 0.75rem; border: 1px solid var(--accent); border-radius: 0.5rem; font-weight: 600; }
.message.bad { border-color: var(--bad); color: var(--bad); }
.phone { display: grid; gap: 0.5rem; justify-items: center; text-align: center; }
.phone svg { width: 13rem; height: 13rem; border-radius: 0.5rem; }
section { padding-top: 1rem; border-top: 1px solid var(--line); }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 0.75rem; font-size: 0.875rem; color: var(--quiet); }
dt { font-variant-numeric: tabular-nums; }
dd { margin: 0; }
summary { cursor: pointer; min-height: 1.75rem; color: var(--quiet); }
`;
