import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { type Cinema, endpoints, type Page } from '@usher/contract';
import { CatalogClient } from '../../support/catalog-client.js';
import { readIssues } from '../../support/contract-shapes.js';
import { manyCalls, setUpApp } from '../../support/file-app.js';

const app = setUpApp({ demo: true, env: manyCalls });
const catalog = new CatalogClient(app);

describe('a rejected catalog request', () => {
  const missingId = '999999999999999';

  it.each([
    [`/v1/cities/${missingId}/cinemas`, 'city'],
    [`/v1/cities/${missingId}/movies`, 'city'],
    [`/v1/movies/${missingId}`, 'movie'],
    [`/v1/movies/${missingId}/showtimes?cityId=1`, 'movie'],
    [`/v1/movies/1/showtimes?cityId=${missingId}`, 'city'],
    [`/v1/cinemas/${missingId}`, 'cinema'],
    [`/v1/cinemas/${missingId}/showtimes`, 'cinema'],
    [`/v1/shows/${missingId}`, 'show'],
    [`/v1/shows/${missingId}/layout`, 'show'],
  ])('is answered with NOT_FOUND for %s, and caches must not keep this answer', async (path, what) => {
    const { status, headers, body } = await catalog.get(path);
    expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 404, code: 'NOT_FOUND', what });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(headers['cache-control'] ?? '').not.toMatch(/max-age=[1-9]/);
  });

  const invalidQueries = [
    ['/v1/cities?limit=0', 'limit'],
    ['/v1/cities?limit=101', 'limit'],
    ['/v1/cities?limit=1.5', 'limit'],
    ['/v1/cities?limit=many', 'limit'],
    ['/v1/cities?limit=1&limit=2', 'limit'],
    ['/v1/cities?country=DEU', 'country'],
    ['/v1/cities?q=%00', 'q'],
    [`/v1/cities?q=${'x'.repeat(101)}`, 'q'],
    ['/v1/cities?cursor=', 'cursor'],
    ['/v1/cities?cursor=nonsense', 'cursor'],
    [`/v1/cities?cursor=${'A'.repeat(513)}`, 'cursor'],
    ['/v1/cities/0/cinemas', 'cityId'],
    ['/v1/cities/-1/movies', 'cityId'],
    ['/v1/cities/1e3/movies', 'cityId'],
    ['/v1/cities/1/movies?date=tomorrow', 'date'],
    ['/v1/cities/1/movies?date=2026-02-30', 'date'],
    ['/v1/movies/1/showtimes', 'cityId'],
    ['/v1/movies/one', 'movieId'],
    ['/v1/cinemas/1/showtimes?date=2026-1-1', 'date'],
    ['/v1/shows/%31%30%30%30%30%30%30%30%30%30%30%30%30%30%30%30', 'showId'],
    ['/v1/shows/1.5/layout', 'showId'],
  ] as const;

  it.each(invalidQueries)('is answered with INVALID_REQUEST for %s, and the answer names %s', async (path, field) => {
    const { status, body } = await catalog.get(path);
    expect(status).toBe(400);
    expect(readIssues(JSON.parse(body)).map((issue) => issue.path)).toContain(field);
  });

  it('is never the result of unknown query fields, even in bracket notation', async () => {
    expect((await catalog.get('/v1/cities?q[$ne]=x&__proto__[q]=x&nonsense=1')).body).toBe(
      (await catalog.get('/v1/cities')).body,
    );
  });

  it('is answered with INVALID_REQUEST for a cursor that belongs to another list', async () => {
    const [{ cityId }, other] = [await catalog.findCity('Berlin'), await catalog.findCity('London')];
    const { nextCursor } = await catalog.read<Page<Cinema>>(
      `/v1/cities/${cityId}/cinemas?limit=1`,
      endpoints.listCinemasOfCity.answer,
    );
    expect((await catalog.get(`/v1/cities/${cityId}/cinemas?limit=3&cursor=${nextCursor}`)).status).toBe(200);
    for (const path of [`/v1/cities/${other.cityId}/cinemas`, `/v1/cities/${cityId}/movies`, '/v1/cities']) {
      const { status, body } = await catalog.get(`${path}?cursor=${nextCursor}`);
      expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 400, issues: [{ path: 'cursor' }] });
    }
  });
});

describe('caching', () => {
  it.each([
    ['/v1/cities', 'public, max-age=60'],
    ['/v1/cities/1/cinemas', 'public, max-age=60'],
    ['/v1/cities/1/movies', 'public, max-age=60'],
    ['/v1/movies/1', 'public, max-age=60'],
    ['/v1/cinemas/1', 'public, max-age=60'],
    ['/v1/movies/1/showtimes?cityId=1', 'public, max-age=5'],
    ['/v1/cinemas/1/showtimes', 'public, max-age=5'],
    ['/v1/shows/1', 'no-cache'],
    ['/v1/shows/1/layout', 'public, max-age=31536000, immutable'],
  ])('of %s is set to "%s", and the answer is 304 if the ETag still matches', async (path, cacheControl) => {
    const first = await catalog.get(path);
    expect(first).toMatchObject({ status: 200, headers: { 'cache-control': cacheControl } });
    const again = await catalog.get(path, { 'if-none-match': first.headers.etag ?? '' });
    expect(again).toMatchObject({ status: 304, body: '', headers: { 'cache-control': cacheControl } });
    expect((await catalog.get(path, { 'if-none-match': '"another"' })).body).toBe(first.body);
  });
});

describe('compression', () => {
  const decompress = { gzip: gunzipSync, br: brotliDecompressSync };

  it.each(['gzip', 'br'] as const)(
    'sends layouts, documents and scripts as %s to a client that accepts it',
    async (encoding) => {
      const [script] = /\/assets\/[^"]+\.js/.exec((await catalog.get('/')).body)!;
      for (const path of ['/v1/shows/1/layout', '/openapi.json', script]) {
        const plain = await catalog.get(path);
        expect(plain.headers).not.toHaveProperty('content-encoding');
        const compressed = await catalog.get(path, { 'accept-encoding': encoding });
        expect(compressed.headers).toMatchObject({
          'content-encoding': encoding,
          vary: expect.stringContaining('Accept-Encoding'),
        });
        expect(compressed.bytes.length).toBeLessThan(plain.bytes.length / 2.5);
        expect(decompress[encoding](compressed.bytes).toString()).toBe(plain.body);
        const conditional = await catalog.get(path, {
          'accept-encoding': encoding,
          'if-none-match': compressed.headers.etag!,
        });
        expect(conditional).toMatchObject({ status: 304, body: '' });
      }
    },
  );

  it('leaves answers of less than 1 kB as they are', async () => {
    const { headers } = await catalog.get('/v1/shows/1/seats', { 'accept-encoding': 'gzip' });
    expect(headers).not.toHaveProperty('content-encoding');
  });
});
