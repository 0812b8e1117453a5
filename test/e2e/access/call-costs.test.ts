import { once } from 'node:events';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { burst, forwardedFor, type LimitedCall, setUpLimitedApp } from '../../support/limited-app.js';

const { app, call, nextAddress } = setUpLimitedApp();

/** Sends equal calls one after the other. Returns how many the service admitted before it refused one. */
async function countAdmitted(options: LimitedCall): Promise<number> {
  const headers = { ...options.headers, ...forwardedFor(nextAddress()) };
  for (let count = 0; count <= burst; count++) {
    const answer = await call({ ...options, headers });
    if ((await answer.text()).includes('RATE_LIMITED')) return count;
  }
  return burst;
}

/** Returns the number of points that a new caller has left after one call. */
async function readPointsLeft(options: LimitedCall): Promise<number> {
  const answer = await call({ ...options, headers: { ...options.headers, ...forwardedFor(nextAddress()) } });
  return Number(/;r=(\d+);/.exec(answer.headers.get('ratelimit') ?? '')?.[1]);
}

const soapSearch = {
  method: 'POST',
  path: '/soap',
  headers: { 'content-type': 'text/xml' },
  body:
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>' +
    '<SearchMoviesRequest xmlns="urn:usher:soap:1"/></e:Body></e:Envelope>',
};

describe('an expensive call', () => {
  it.each<[string, LimitedCall, number]>([
    ['a new session', { method: 'POST', path: '/v1/sessions' }, 1],
    ['a listing', { path: '/v1/cities/1/movies' }, 3],
    ['a search', { path: '/v1/movies/search?keyword=matrix&spellcheck=false' }, 11],
    ['a misspelt search', { path: '/v1/movies/search?keyword=matirx' }, 21],
    ['a search over SOAP', soapSearch, 16],
    [
      'a body of 24 KB',
      { method: 'POST', path: '/v1/sessions', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(24 * 1024) },
      9,
    ],
  ])('takes more points from the budget: %s', async (_, options, points) => {
    expect(await readPointsLeft(options)).toBe(burst - points);
  });

  it('takes the points of a body without a stated length after reading it', async () => {
    const send = async (size: number): Promise<number> => {
      const headers = { ...forwardedFor(nextAddress()), 'content-type': 'application/json' };
      const request = sendRequest(`${app.url}/v1/shows/1/reservations`, { method: 'POST', headers });
      request.write('{"seats":"');
      request.end(`${'x'.repeat(size)}"}`);
      const [answer]: IncomingMessage[] = await once(request, 'response');
      answer!.resume();
      return Number(/;r=(\d+);/.exec(String(answer!.headers.ratelimit))?.[1]);
    };
    expect([await send(100), await send(24 * 1024)]).toEqual([burst - 1, burst - 9]);
  });

  it('takes a point for a preflight, but only from the budget of the address', async () => {
    const headers = {
      'access-control-request-method': 'POST',
      origin: 'https://shop.example',
      ...forwardedFor(nextAddress()),
    };
    const answer = await call({ method: 'OPTIONS', path: '/v1/shows/1/reservations', headers });
    expect([answer.status, answer.headers.get('ratelimit')]).toEqual([204, expect.stringContaining('"address"')]);
    expect(await readPointsLeft({ path: '/v1/cities', headers })).toBe(burst - 1);
  });

  it('uses up the budget after fewer calls than a cheap call', async () => {
    expect(await countAdmitted({ path: '/v1/movies/search?spellcheck=false' })).toBeLessThanOrEqual(8);
  });

  it('leaves the budgets of other addresses as they are', async () => {
    await countAdmitted({ path: '/v1/movies/search' });
    expect(await readPointsLeft({ path: '/v1/cities' })).toBe(burst - 1);
  });

  it('is possible even if it costs more than the whole budget', async () => {
    const node = await app.startNode({ CALLS_PER_SECOND_MAX: '1' });
    const headers = forwardedFor(nextAddress());
    expect((await fetch(`${node.url}/v1/movies/search`, { headers })).status).toBe(200);
  });
});
