import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { readJson } from '../../support/contract-shapes.js';
import { forwardedFor, setUpLimitedApp } from '../../support/limited-app.js';
import { readRefusalCode, TestSocket } from '../../support/socket.js';

const { app, call, nextAddress } = setUpLimitedApp();

describe('guesses of API keys', () => {
  const withKey = (address: string, key: string) => ({ ...forwardedFor(address), 'x-api-key': key });
  /** Ways to send an API key. Each function returns an error code of the contract, or 'ok'. */
  const waysToSendKeys: [string, (address: string, key: string) => Promise<string>][] = [
    ['administration', (address, key) => tryOverRest('GET', '/v1/admin/mails', address, key)],
    ['the upload of a hall', (address, key) => tryOverRest('POST', '/v1/admin/halls', address, key)],
    ['partners', (address, key) => tryOverRest('GET', '/v1/partners/webhooks', address, key)],
    ['check-ins', (address, key) => tryOverRest('POST', '/v1/tickets/check-ins', address, key)],
    [
      'refunds',
      (address, key) => tryOverRest('POST', '/v1/bookings/019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071/refunds', address, key),
    ],
    ['socket handshakes', tryInHandshake],
    ['SOAP', tryOverSoap],
  ];

  async function tryOverRest(method: string, path: string, address: string, key: string): Promise<string> {
    const answer = await call({ method, path, headers: withKey(address, key) });
    const { code = 'ok' } = await readJson(z.object({ code: z.string().optional() }), answer);
    return code;
  }

  async function tryInHandshake(address: string, apiKey: string): Promise<string> {
    try {
      const options = { auth: { apiKey }, extraHeaders: forwardedFor(address), reconnection: false };
      (await TestSocket.connect(app.url, options)).close();
      return 'ok';
    } catch (error) {
      return readRefusalCode(error);
    }
  }

  async function tryOverSoap(address: string, key: string): Promise<string> {
    const answer = await call({
      method: 'POST',
      path: '/soap',
      headers: { ...withKey(address, key), 'content-type': 'text/xml' },
      body:
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>' +
        '<SearchMoviesRequest xmlns="urn:usher:soap:1"/></e:Body></e:Envelope>',
    });
    return /<code>(\w+)<\/code>/.exec(await answer.text())?.[1] ?? 'ok';
  }

  /**
   * Runs `act` while the table `api_key` is locked. If the service queried this table, the query would block and the
   * test would time out.
   */
  async function whileKeyTableIsLocked<T>(act: () => Promise<T>): Promise<T> {
    const client = await app.pool.connect();
    try {
      await client.query('begin; lock table api_key in access exclusive mode');
      return await act();
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  it.each(waysToSendKeys)('are limited to five per address: %s', async (_, tryKey) => {
    const address = nextAddress();
    const answers: string[] = [];
    for (let guess = 0; guess < 12; guess++) answers.push(await tryKey(address, `usher_guess_${address}_${guess}`));
    expect(answers.slice(0, 5)).toEqual(Array(5).fill('UNAUTHENTICATED'));
    expect(answers.slice(5)).toEqual(Array(7).fill('RATE_LIMITED'));
    expect(await whileKeyTableIsLocked(() => tryKey(address, 'usher_one_more'))).toBe('RATE_LIMITED');
  });

  it('share one limit across all ways to send a key, even if they arrive at the same time', async () => {
    const address = nextAddress();
    const guesses = Array.from({ length: 14 }, (_, index) =>
      waysToSendKeys[index % waysToSendKeys.length]![1](address, `guess ${index}`),
    );
    const answers = await Promise.all(guesses);
    expect(answers.filter((answer) => answer === 'UNAUTHENTICATED')).toHaveLength(5);
    expect(answers.filter((answer) => answer === 'RATE_LIMITED')).toHaveLength(9);
  });

  it('block even ADMIN_API_KEY once the limit is reached, unless the address has used this key before', async () => {
    const [known, unknown] = [nextAddress(), nextAddress()];
    const list = (address: string, key: string) => tryOverRest('GET', '/v1/admin/mails', address, key);
    expect(await list(known, adminKey)).toBe('ok');
    for (const address of [known, unknown]) {
      for (let guess = 0; guess < 6; guess++) await list(address, `guess ${guess}`);
    }
    expect(await list(known, adminKey)).toBe('ok');
    expect(await list(unknown, adminKey)).toBe('RATE_LIMITED');
  });

  it('do not block a key that the address has used before, unless this key has been revoked', async () => {
    const address = nextAddress();
    const { key, keyId } = await makeKey(app.url, { roles: ['partner'] });
    const list = () => tryOverRest('GET', '/v1/partners/webhooks', address, key);
    expect(await list()).toBe('ok');
    for (let guess = 0; guess < 6; guess++)
      await tryOverRest('GET', '/v1/partners/webhooks', address, `guess ${guess}`);
    expect(await list()).toBe('ok');
    await call({ method: 'DELETE', path: `/v1/admin/api-keys/${keyId}`, headers: withKey(nextAddress(), adminKey) });
    expect(await list()).toBe('RATE_LIMITED');
  });

  it('do not lock out a gate at the same address, even if its key is new to a node that has just started', async () => {
    const address = nextAddress();
    const { key } = await makeKey(app.url, { roles: ['partner'] });
    const node = await app.startNode();
    const tryKey = async (ownKey: string) => {
      const answer = await fetch(`${node.url}/v1/partners/webhooks`, { headers: withKey(address, ownKey) });
      return answer.status;
    };
    for (let guess = 0; guess < 5; guess++) expect(await tryKey(`guess ${guess}`)).toBe(401);
    const flood = Promise.all(Array.from({ length: 20 }, (_, index) => tryKey(`usher_flood_${index}`)));
    expect(await tryKey(key)).toBe(200);
    expect(new Set(await flood)).toEqual(new Set([429]));
  });

  it('count once if they repeat the same wrong key, so that one device with an old key does not lock out the others', async () => {
    const address = nextAddress();
    const { key } = await makeKey(app.url, { roles: ['partner'] });
    const repeated: string[] = [];
    const tryOldKey = async () => repeated.push(await tryOverRest('GET', '/v1/partners/webhooks', address, 'old key'));
    await tryOldKey();
    await whileKeyTableIsLocked(async () => {
      for (let turn = 0; turn < 11; turn++) await tryOldKey();
    });
    expect(repeated).toEqual(Array(12).fill('UNAUTHENTICATED'));
    expect(await tryOverRest('GET', '/v1/partners/webhooks', address, key)).toBe('ok');
  });

  it('are not confused with many valid keys that one address sends at the same time', async () => {
    const address = nextAddress();
    const keys = await Promise.all(Array.from({ length: 12 }, () => makeKey(app.url, { roles: ['partner'] })));
    const answers = await Promise.all(keys.map(({ key }) => tryOverRest('GET', '/v1/partners/webhooks', address, key)));
    expect(answers).toEqual(Array(12).fill('ok'));
  });
});
