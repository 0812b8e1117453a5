import { describe, expect, it } from '@jest/globals';
import { clientEvents } from '@usher/contract';
import { allEndpoints, encode, fillPath, setUpRawApi, unknownUuid } from '../../support/raw-api.js';
import { TestSocket } from '../../support/socket.js';

const { app, call, makeCredentials } = setUpRawApi();

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
  ])('is rejected even next to valid fields, at any level of a body: %s', async (path, body, key) => {
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

  it('is accepted in a push subscription, because browsers may add fields to it', async () => {
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

it('a list with few items accepts a limit, as all lists do', async () => {
  for (const path of ['tickets', 'refunds']) {
    const answer = await call({ path: `/v1/bookings/${unknownUuid}/${path}?limit=5`, headers: makeCredentials() });
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND' });
  }
});
