import escapeHtml from 'escape-html';
import { type Json, object } from './json-schemas.js';

/** The style sheet of the page. It is a file, because the page's security policy forbids inline styles. */
export const eventsPageStyle = `:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid; }
`;

/** Renders `GET /docs/events`: the socket events as a plain HTML page without scripts. */
export function eventsPage(document: Json): string {
  const channels = object(document['channels']);
  const operations = Object.entries(object(document['operations'])).map(([id, operation]) => {
    const channel = object(channels[id]);
    return { ...object(operation), address: text(channel['address']), about: channel['description'], channel };
  });
  const clientEvents = operations.filter((operation) => 'reply' in operation);
  const serverEvents = operations.filter((operation) => !('reply' in operation));
  const schemas = Object.entries(object(object(document['components'])['schemas']));
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Usher socket events</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/events.css" />
  </head>
  <body>
    <main>
      <h1>Socket events</h1>
      <p>${text(object(document['info'])['description']).replaceAll(/`([^`]+)`/g, '<code>$1</code>')}</p>
      <p>See also: the same events <a href="/asyncapi.json">as AsyncAPI</a>; <a href="/docs">REST endpoints</a>.</p>
      <h2>Clients send</h2>
      ${clientEvents.map(section).join('')}
      <h2>The service sends</h2>
      ${serverEvents.map(section).join('')}
      <h2>Shapes</h2>
      ${schemas.map(([name, schema]) => `<h3 id="${text(name)}">${text(name)}</h3>${json(schema)}`).join('')}
    </main>
  </body>
</html>
`;
}

function section(operation: { address: string; about: unknown; channel: Json } & Json): string {
  const messages = Object.entries(object(operation.channel['messages']));
  const about = operation.about === undefined ? '' : `<p>${text(operation.about)}.</p>`;
  const shapes = messages.map(([kind, message]) => {
    const { payload } = object(message);
    return `<details><summary>${kind === 'answer' ? 'Acknowledged with' : 'Payload'}</summary>${json(payload)}</details>`;
  });
  return `<h3><code>${operation.address}</code></h3><p>${text(operation['summary'])}.</p>${about}${shapes.join('')}`;
}

/** Renders a schema. Its references become links to the schemas at the end of the page. */
const json = (schema: unknown): string =>
  `<pre tabindex="0">${text(JSON.stringify(schema, null, 2)).replaceAll(
    /#\/components\/schemas\/(\w+)/g,
    '<a href="#$1">$1</a>',
  )}</pre>`;

const text = (value: unknown): string => escapeHtml(String(value));
