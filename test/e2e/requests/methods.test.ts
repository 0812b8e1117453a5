import { describe, expect, it } from '@jest/globals';
import { allEndpoints, fillPath, setUpRawApi } from '../../support/raw-api.js';

const { call, makeCredentials } = setUpRawApi();

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
  ])('is rejected with 405 where it is not supported: %s %s', async (path, method, allowed) => {
    const { status, headers } = await call({ path, method });
    expect([status, readAllowedMethods(headers)]).toEqual([405, allowed]);
  });

  it('is answered for HEAD as for GET, but without a body', async () => {
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

  it('is allowed in the answer to a preflight from any origin', async () => {
    const headers = { origin: 'https://partner.example', 'access-control-request-method': 'POST' };
    const answer = await call({ path: '/v1/sessions', method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-methods')).toContain('POST');
  });
});
