import { describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import { allEndpoints, fillPath, setUpRawApi } from '../../support/raw-api.js';
import { setUpApp } from '../../support/file-app.js';
import { adminKey } from '../../support/api-keys.js';

const { app, call, makeCredentials } = setUpRawApi();
const site = 'https://partner.example';
const limited = setUpApp({ env: { ADMIN_API_KEY: adminKey, CORS_ORIGINS: `${site}, http://localhost:8080` } });

const publicUrl = 'https://tickets.example.com';
const published = setUpApp({ env: { ADMIN_API_KEY: adminKey, CORS_ORIGINS: site, PUBLIC_URL: publicUrl } });

const preflight = (origin: string) => ({
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'x-api-key',
});

const adminPaths = [
  ...new Set(allEndpoints.map(([, endpoint]) => fillPath(endpoint)).filter((path) => path.startsWith('/v1/admin/'))),
];

describe('a page of another site', () => {
  it.each(adminPaths)('may not call administration: %s', async (path) => {
    const asked = await call({ path, method: 'OPTIONS', headers: preflight(site) });
    expect(asked.headers.get('access-control-allow-origin')).toBeNull();
    expect(asked.headers.get('access-control-allow-headers')).toBeNull();
    const answer = await call({ path, headers: { ...makeCredentials(), origin: site } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each(['/metrics', '/health/ready'])('may not read what operators read: %s', async (path) => {
    const answer = await call({ path, headers: { origin: site } });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });

  it.each(['/v1/admin', '/v1/admin/', '/V1/ADMIN/api-keys', '/v1/%61dmin/api-keys', '//v1/admin/api-keys'])(
    'finds no other spelling of administration: %s',
    async (path) => {
      const answer = await call({ path, headers: { ...makeCredentials(), origin: site } });
      expect(answer.status).toBe(404);
    },
  );

  it('may call everything else from any origin by default', async () => {
    const answer = await call({ path: '/v1/cities', headers: { origin: site } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-expose-headers')).toContain('Retry-After');
  });

  it('may call the service only from the origins of CORS_ORIGINS', async () => {
    const read = (origin: string) => fetch(`${limited.url}/v1/cities`, { headers: { origin } });
    const named = await read(site);
    expect(named.headers.get('access-control-allow-origin')).toBe(site);
    expect(named.headers.get('vary')).toMatch(/origin/i);
    const others = ['https://evil.example', 'http://partner.example', `${site}.evil.example`, `${site}:8443`, 'null'];
    for (const origin of others) {
      const answer = await read(origin);
      expect([origin, answer.headers.get('access-control-allow-origin')]).toEqual([origin, null]);
      expect(answer.headers.get('vary')).toMatch(/origin/i);
      const asked = await fetch(`${limited.url}/v1/sessions`, { method: 'OPTIONS', headers: preflight(origin) });
      expect([origin, asked.headers.get('access-control-allow-origin')]).toEqual([origin, null]);
    }
  });
});

describe('a socket of a page of another site', () => {
  /** Returns true if the service accepts a socket with this origin. */
  async function accepts(
    url: string,
    origin: string | null,
    { transport = 'websocket', host }: { transport?: string; host?: string } = {},
  ): Promise<boolean> {
    const socket = io(url, {
      forceNew: true,
      reconnection: false,
      transports: [transport],
      extraHeaders: { ...(origin === null ? {} : { origin }), ...(host === undefined ? {} : { host }) },
    });
    const { promise, resolve } = Promise.withResolvers<boolean>();
    socket.once('connect', () => resolve(true)).once('connect_error', () => resolve(false));
    const isAccepted = await promise;
    socket.close();
    return isAccepted;
  }

  it('is accepted from any origin by default', async () => {
    expect(await accepts(app.url, 'https://anywhere.example')).toBe(true);
  });

  it.each(['websocket', 'polling'])('is accepted only from the origins of CORS_ORIGINS: %s', async (transport) => {
    expect(await accepts(limited.url, site, { transport })).toBe(true);
    expect(await accepts(limited.url, 'https://evil.example', { transport })).toBe(false);
    expect(await accepts(limited.url, 'null', { transport })).toBe(false);
  });

  it('is accepted from the pages of the service itself, and from programs that send no origin', async () => {
    expect(await accepts(limited.url, limited.url)).toBe(true);
    expect(await accepts(limited.url, null)).toBe(true);
    expect(await accepts(limited.url, limited.url.replace('127.0.0.1', 'localhost'))).toBe(true);
    expect(await accepts(published.url, publicUrl)).toBe(true);
  });

  it.each(['websocket', 'polling'])('is refused if it names its own site in a forged Host: %s', async (transport) => {
    for (const { url } of [limited, published]) {
      for (const host of ['evil.example', 'evil.example:8080', `evil.example:${new URL(url).port}`]) {
        expect([host, await accepts(url, `http://${host}`, { transport, host })]).toEqual([host, false]);
      }
    }
    // With PUBLIC_URL, buyers reach the service only there. Another machine may have its own page on this address.
    expect(await accepts(published.url, published.url, { transport })).toBe(false);
    expect(await accepts(published.url, publicUrl.replace('https', 'http'), { transport })).toBe(false);
  });
});
