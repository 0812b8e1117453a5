import { describe, expect, it } from '@jest/globals';
import { setUpRawApi, unknownUuid } from '../../support/raw-api.js';

const { call } = setUpRawApi();

describe('an address without a page', () => {
  const browserHeaders = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  it.each([
    '/favicon.ico',
    '/apple-touch-icon.png',
    '/sitemap.xml',
    '/.well-known/security.txt',
    '/.well-known/apple-app-site-association',
    '/.env',
    '/assets/index-00000000.js',
    '/assets',
    '/gate-worker.js.map',
    '/index.php',
    '/v1',
    '/v1/',
    '/V1/nothing',
    '/v1/nothing',
    '/v1/shows',
    '/sandbox',
    '/sandbox/nothing',
    '/health',
    '/health/nothing',
    '/metrics/nothing',
    '/soap/nothing',
    '/docs/nothing',
    '/socket.io.js',
  ])('is answered with NOT_FOUND, even if a browser asks for it: %s', async (path) => {
    const answer = await call({ path, headers: browserHeaders });
    expect([answer.status, answer.type]).toEqual([404, 'application/problem+json; charset=utf-8']);
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    '/V1/cities',
    '/v1/cities/',
    '/METRICS',
    '/metrics/',
    '/Health/ready',
    '/health/ready/',
    '//metrics',
    '/%6detrics',
    '/metrics;x',
    '/SOAP',
    '/docs/',
  ])('is also another spelling of a path: %s', async (path) => {
    const answer = await call({ path });
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND']);
  });

  it('outside the API is answered with an HTML page for a browser and with problem details for a program', async () => {
    const page = await call({ path: '/shoes/1', headers: browserHeaders });
    expect([page.status, page.type]).toEqual([404, 'text/html; charset=utf-8']);
    expect((await call({ path: '/shoes/1', headers: { accept: 'application/json' } })).body.code).toBe('NOT_FOUND');
  });

  it('below /v1/ is hidden from crawlers by /robots.txt', async () => {
    const answer = await call({ path: '/robots.txt', headers: browserHeaders });
    expect([answer.status, answer.type]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(answer.text).toContain('Disallow: /v1/');
  });

  it.each([
    '/',
    '/cities/1',
    '/cities/1/movies/2',
    '/shows/1',
    '/shows/1/proof',
    '/bookings',
    `/bookings/${unknownUuid}`,
    '/gate',
  ])('is not %s, which is a page of the app', async (path) => {
    const answer = await call({ path, headers: browserHeaders });
    expect([answer.status, answer.type]).toEqual([200, 'text/html; charset=utf-8']);
  });
});
