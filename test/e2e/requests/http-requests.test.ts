import { beforeAll, describe, expect, it } from '@jest/globals';
import { clientEvents, type Endpoint, endpoints, type EndpointName } from '@usher/contract';
import { adminKey } from '../../support/api-keys.js';
import { useApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import { TestSocket } from '../../support/socket.js';

const app = useApp({ env: { ADMIN_API_KEY: adminKey } });
let caller: RestCaller;

beforeAll(async () => {
  caller = await RestCaller.begin(app.url);
});

const uuid = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071';
const allEndpoints = Object.entries<Endpoint>(endpoints) as [EndpointName, Endpoint][];

/** Returns the path of an endpoint with an example value for each parameter. */
const fillPath = ({ path }: Endpoint): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    /^(city|cinema|movie|show|hall)Id$/.test(name) ? '1' : name === 'provider' ? 'sandbox' : uuid,
  );

const makeCredentials = () => ({ authorization: `Bearer ${caller.session.token}`, 'x-api-key': adminKey });

interface RequestOptions {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

/** Sends a request with exactly these headers. The body is bytes, because `fetch` adds no Content-Type to bytes. */
async function call({ path, method = 'GET', headers = {}, body }: RequestOptions) {
  const answer = await fetch(app.url + path, { method, headers, redirect: 'manual', ...(body && { body }) });
  const text = await answer.text();
  const type = answer.headers.get('content-type') ?? '';
  return {
    status: answer.status,
    headers: answer.headers,
    type,
    text,
    body: type.includes('json') && text !== '' ? JSON.parse(text) : {},
  };
}

const encode = (text: string) => new TextEncoder().encode(text);

describe('a request body', () => {
  const endpointsWithBody = allEndpoints.filter(([, { body }]) => body);
  const wrongTypes: [string, Record<string, string>, string][] = [
    ['no Content-Type', {}, 'no valid Content-Type'],
    ['text', { 'content-type': 'text/plain' }, 'text/plain'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'application/x-www-form-urlencoded'],
    ['XML', { 'content-type': 'application/xml; charset=utf-8' }, 'application/xml'],
    ['no media type', { 'content-type': 'json' }, 'no valid Content-Type'],
  ];

  it.each(endpointsWithBody)(
    'with a media type other than JSON is rejected because of its type: %s',
    async (_, endpoint) => {
      for (const [, headers, mentioned] of wrongTypes) {
        const answer = await call({
          path: fillPath(endpoint),
          method: endpoint.method.toUpperCase(),
          headers: { ...makeCredentials(), ...headers },
          body: encode('{"seats":[1]}'),
        });
        expect(answer.body).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
        expect(answer.body.detail).toContain(mentioned);
        expect(answer.body.detail).toContain('application/json');
        expect(answer.body.detail).not.toContain('seats');
      }
    },
  );

  it('in JSON is read, whatever parameters its Content-Type has', async () => {
    const answer = await call({
      path: '/v1/shows/1/reservations',
      method: 'POST',
      headers: { ...makeCredentials(), 'content-type': 'Application/JSON; charset=UTF-8' },
      body: encode('{"seats":[1]}'),
    });
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('may be missing when every field is optional', async () => {
    const path = `/v1/bookings/${uuid}/payments`;
    const answer = await call({ path, method: 'POST', headers: makeCredentials() });
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each(wrongTypes.slice(0, 3).concat([['JSON', { 'content-type': 'application/json' }, 'application/json']]))(
    'of a SOAP call with %s is rejected with a fault because of its type',
    async (_, headers, mentioned) => {
      const answer = await call({ path: '/soap', method: 'POST', headers, body: encode('{"seats":[1]}') });
      expect(answer).toMatchObject({ status: 500, type: 'text/xml; charset=utf-8' });
      expect(answer.text).toContain(mentioned);
      expect(answer.text).toContain('text/xml');
    },
  );

  it.each(['', '/phone'])('of a pay page may be JSON or a form: %s', async (page) => {
    const path = `/sandbox/pay/${uuid}${page}`;
    const answer = await call({
      path,
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: encode('card=1'),
    });
    expect(answer.body).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(answer.body.detail).toContain('application/json or application/x-www-form-urlencoded');
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const body = encode(type.endsWith('json') ? '{"card":"1"}' : 'card=1');
      const read = await call({ path, method: 'POST', headers: { 'content-type': type }, body });
      expect(read.status).toBe(404);
    }
  });
});

describe('an HTTP method', () => {
  const endpointsByPath = Map.groupBy(allEndpoints, ([, endpoint]) => fillPath(endpoint));
  const listSupportedMethods = (path: string) => {
    const methods = (endpointsByPath.get(path) ?? []).map(([, { method }]) => method.toUpperCase());
    return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].toSorted();
  };
  const readAllowedMethods = (headers: Headers) => (headers.get('allow') ?? '').split(', ').toSorted();

  it.each([...endpointsByPath.keys()])(
    'that %s does not support is answered with 405 and the supported methods',
    async (path) => {
      const expected = listSupportedMethods(path);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'].filter(
        (supported) => !expected.includes(supported),
      )) {
        const { status, headers, type, body } = await call({ path, method, headers: makeCredentials() });
        expect([method, status, type]).toEqual([method, 405, 'application/problem+json; charset=utf-8']);
        expect(body).toMatchObject({ code: 'INVALID_REQUEST', status: 405, detail: expect.stringContaining(method) });
        expect(readAllowedMethods(headers)).toEqual(expected);
      }
      const options = await call({ path, method: 'OPTIONS' });
      expect([options.status, options.text, readAllowedMethods(options.headers)]).toEqual([204, '', expected]);
    },
  );

  it.each([
    ['/health/live', 'POST', ['GET', 'HEAD', 'OPTIONS']],
    ['/metrics', 'DELETE', ['GET', 'HEAD', 'OPTIONS']],
    ['/soap', 'PUT', ['GET', 'HEAD', 'OPTIONS', 'POST']],
    ['/', 'POST', ['GET', 'HEAD', 'OPTIONS']],
    ['/shows/1', 'POST', ['GET', 'HEAD', 'OPTIONS']],
    ['/robots.txt', 'POST', ['GET', 'HEAD', 'OPTIONS']],
    ['/v1/sessions', 'HEAD', ['OPTIONS', 'POST']],
    ['/V1/Sessions/', 'GET', ['OPTIONS', 'POST']],
  ])('is rejected with 405 where it is not supported: %s %s', async (path, method, allowed) => {
    const { status, headers } = await call({ path, method });
    expect([status, readAllowedMethods(headers)]).toEqual([405, allowed]);
  });

  it('HEAD answers like GET, without a body', async () => {
    for (const path of ['/v1/cities', '/health/live', '/robots.txt', '/', '/no-page', '/v1/nothing']) {
      const [head, get] = [await call({ path, method: 'HEAD' }), await call({ path })];
      expect([path, head.status, head.type, head.text]).toEqual([path, get.status, get.type, '']);
    }
  });

  it('on an unknown path is always answered with 404', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await call({ path: '/v1/nothing', method });
      expect([method, answer.status, answer.body.code]).toEqual([method, 404, 'NOT_FOUND']);
    }
  });

  it('is allowed by a preflight from any origin', async () => {
    const headers = { origin: 'https://partner.example', 'access-control-request-method': 'POST' };
    const answer = await call({ path: '/v1/sessions', method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
  });
});

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
  ])('is answered with NOT_FOUND, even for a browser: %s', async (path) => {
    const answer = await call({ path, headers: browserHeaders });
    expect([answer.status, answer.type]).toEqual([404, 'application/problem+json; charset=utf-8']);
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is answered with an HTML page for a person and with problem details for a program', async () => {
    const page = await call({ path: '/shoes/1', headers: browserHeaders });
    expect([page.status, page.type]).toEqual([404, 'text/html; charset=utf-8']);
    expect((await call({ path: '/shoes/1', headers: { accept: 'application/json' } })).body.code).toBe('NOT_FOUND');
  });

  it('is hidden from crawlers by /robots.txt', async () => {
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
    `/bookings/${uuid}`,
    '/gate',
  ])('is not %s, which is a page of the app', async (path) => {
    const answer = await call({ path, headers: browserHeaders });
    expect([answer.status, answer.type]).toEqual([200, 'text/html; charset=utf-8']);
  });
});

describe('a field that the contract does not define', () => {
  const makeJsonHeaders = () => ({ ...makeCredentials(), 'content-type': 'application/json' });

  it.each(allEndpoints.filter(([name, { body }]) => body && !name.endsWith('Push')))(
    'is rejected in the body of %s',
    async (_, endpoint) => {
      const path = fillPath(endpoint);
      const body = encode('{"unexpected":1}');
      const answer = await call({ path, method: endpoint.method.toUpperCase(), headers: makeJsonHeaders(), body });
      expect(answer.body).toMatchObject({ code: 'INVALID_REQUEST' });
      expect(JSON.stringify(answer.body.issues)).toMatch(/unexpected|no other key/);
    },
  );

  it.each([
    ['/v1/shows/1/reservations', { best: { count: 1, teir: 'balcony' } }, 'teir'],
    ['/v1/partners/webhooks', { url: 'https://example.com', events: ['booking.booked'], event: 'x' }, 'event'],
  ])('is rejected inside a part of a body: %s', async (path, body, key) => {
    const answer = await call({ path, method: 'POST', headers: makeJsonHeaders(), body: encode(JSON.stringify(body)) });
    expect(answer.body).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(JSON.stringify(answer.body.issues)).toContain(key);
  });

  it('is ignored in a query, because proxies and caches add parameters', async () => {
    for (const [, endpoint] of allEndpoints.filter(([, { method }]) => method === 'get')) {
      const path = `${fillPath(endpoint)}?showId=1&cityId=1&_=17`;
      const answer = await call({ path, headers: makeCredentials() });
      expect([path, answer.body.code]).not.toEqual([path, 'INVALID_REQUEST']);
    }
  });

  it('is accepted in a push subscription, because a browser writes it', async () => {
    const subscription = {
      endpoint: 'https://push.example.com/x',
      keys: { p256dh: 'x', auth: 'y', later: 'z' },
      contentEncodings: ['aes128gcm'],
    };
    const path = '/v1/push/subscriptions';
    const answer = await call({
      path,
      method: 'DELETE',
      headers: makeJsonHeaders(),
      body: encode(JSON.stringify(subscription)),
    });
    expect(answer.status).toBe(204);
  });

  it('does not stop the check-in of an offline gate from being recorded', async () => {
    const body = encode('{"checkIns":[{"code":"x","at":"2026-01-01T00:00:00.000Z","later":1}]}');
    const answer = await call({
      path: '/v1/tickets/check-ins/offline',
      method: 'POST',
      headers: makeJsonHeaders(),
      body,
    });
    expect(answer.body.items).toEqual([expect.not.objectContaining({ issues: expect.anything() })]);
  });

  it('is rejected in socket payloads and in the handshake', async () => {
    const socket = await TestSocket.connect(app.url);
    for (const event of Object.keys(clientEvents)) {
      const error = await socket.refused(event, { unexpected: 1 });
      expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
      expect(JSON.stringify(error)).toContain('unexpected');
    }
    socket.close();
    const refused = TestSocket.connect(app.url, { auth: { apikey: 'misspelt' }, reconnection: false });
    await expect(refused).rejects.toMatchObject({ data: { code: 'INVALID_REQUEST' } });
  });
});

it('a list with few items accepts a limit and a cursor like all lists', async () => {
  for (const path of ['tickets', 'refunds']) {
    const answer = await call({ path: `/v1/bookings/${uuid}/${path}?limit=5`, headers: makeCredentials() });
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND' });
  }
});
