import { describe, expect, it } from '@jest/globals';
import { setUpRawApi, unknownUuid } from '../../support/raw-api.js';
import { setUpApp } from '../../support/file-app.js';

const { call } = setUpRawApi();
const embedded = setUpApp({
  env: { PUBLIC_URL: 'https://tickets.example', FRAME_ANCESTORS: 'https://cinema.example, https://*.partner.example' },
});

/** Reads a Content-Security-Policy as a map from each directive to its sources. */
function readPolicy(headers: Headers): ReadonlyMap<string, string> {
  const directives = (headers.get('content-security-policy') ?? '').split(';').map((directive) => directive.trim());
  return new Map(directives.map((directive) => [directive.split(' ')[0]!, directive.split(' ').slice(1).join(' ')]));
}

const answers: [string, string, Record<string, string>][] = [
  ['a page', '/', {}],
  ['a page of an unknown address', '/no-page', { accept: 'text/html' }],
  ['a file of the app', '/robots.txt', {}],
  ['a list', '/v1/cities', {}],
  ['an unknown path', '/v1/nothing', {}],
  ['a refusal', '/v1/admin/api-keys', {}],
  ['an invalid request', '/v1/shows/x', {}],
  ['an unsupported method', '/v1/sessions', {}],
  ['a description of the API', '/docs', {}],
  ['a script of that page', '/docs/start.js', {}],
  ['a probe', '/health/live', {}],
  ['the WSDL', '/soap?wsdl', {}],
  ['a pay page that does not exist', `/sandbox/pay/${unknownUuid}`, {}],
  ['a long poll of Socket.IO', '/socket.io/?EIO=4&transport=polling', {}],
  ['a refused handshake of Socket.IO', '/socket.io/?EIO=4&transport=nothing', {}],
];

describe('the security headers', () => {
  it.each(answers)('are in the answer with %s: %s', async (_, path, headers) => {
    const answer = await call({ path, headers });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': expect.stringMatching(/^(DENY|SAMEORIGIN)$/),
    });
    const policy = readPolicy(answer.headers);
    expect(policy.get('default-src')).toBe("'none'");
    expect(policy.get('base-uri')).toBe("'none'");
    expect(policy.get('frame-ancestors')).toMatch(/^'(none|self)'$/);
    expect(policy.get('script-src') ?? '').not.toMatch(/unsafe|\*|https?:/);
  });

  it('let no other site show a page in a frame, unless FRAME_ANCESTORS names the site', async () => {
    const closed = await call({ path: '/shows/1' });
    expect(readPolicy(closed.headers).get('frame-ancestors')).toBe("'self'");
    expect(closed.headers.get('x-frame-options')).toBe('SAMEORIGIN');

    const open = await fetch(`${embedded.url}/shows/1`);
    expect(readPolicy(open.headers).get('frame-ancestors')).toBe(
      "'self' https://cinema.example https://*.partner.example",
    );
    // A browser that knows no `frame-ancestors` would obey this header and refuse the named sites.
    expect(open.headers.get('x-frame-options')).toBeNull();
    const api = await fetch(`${embedded.url}/v1/cities`);
    expect(readPolicy(api.headers).get('frame-ancestors')).toBe("'none'");
  });

  it('tell browsers to use only TLS if PUBLIC_URL does, and never otherwise', async () => {
    const { headers } = await fetch(`${embedded.url}/v1/cities`);
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    expect((await call({ path: '/v1/cities' })).headers.get('strict-transport-security')).toBeNull();
  });

  it.each(['/gate-worker.js', '/push-worker.js'])('let the worker %s load files of the service', async (path) => {
    const { headers } = await call({ path });
    expect(readPolicy(headers).get('connect-src')).toBe("'self'");
  });

  it('let the pages connect to the socket of the public address', async () => {
    const { headers } = await fetch(`${embedded.url}/shows/1`);
    expect(readPolicy(headers).get('connect-src')).toBe("'self' wss://tickets.example");
  });
});
