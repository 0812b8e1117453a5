import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { allEndpoints, encode, fillPath, setUpRawApi, unknownUuid } from '../../support/raw-api.js';

const { call, makeCredentials } = setUpRawApi();

describe('a request body', () => {
  const endpointsWithBody = allEndpoints.filter(([, { body }]) => body);
  // A layout has up to 32 MB, and only administrators may send one.
  const uncompressed = endpointsWithBody.filter(([, { path }]) => !path.startsWith('/v1/admin/halls'));
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

  it('in JSON is read, no matter which parameters its Content-Type has', async () => {
    const answer = await call({
      path: '/v1/shows/1/reservations',
      method: 'POST',
      headers: { ...makeCredentials(), 'content-type': 'Application/JSON; charset=UTF-8' },
      body: encode('{"seats":[1]}'),
    });
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each(uncompressed)(
    'must not be compressed, because a few bytes can become a large body: %s',
    async (_, endpoint) => {
      const compressed = gzipSync(`{"best":[${'{},'.repeat(30_000)}{}]}`);
      const answer = await call({
        path: fillPath(endpoint),
        method: endpoint.method.toUpperCase(),
        headers: { ...makeCredentials(), 'content-type': 'application/json', 'content-encoding': 'gzip' },
        body: new Uint8Array(compressed),
      });
      expect(answer.body).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
      expect(answer.body.detail).toContain('without Content-Encoding');
    },
  );

  it.each(['{"seats":[1', 'seats', '{"seats":[1]}]'])('that is not JSON is rejected: %s', async (text) => {
    const answer = await call({
      path: '/v1/shows/1/reservations',
      method: 'POST',
      headers: { ...makeCredentials(), 'content-type': 'application/json' },
      body: encode(text),
    });
    expect(answer.body).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect(answer.body.detail).toContain('not valid JSON');
  });

  it('may be missing if every field is optional', async () => {
    const path = `/v1/bookings/${unknownUuid}/payments`;
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
    const path = `/sandbox/pay/${unknownUuid}${page}`;
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
