import { beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeyMade, endpoints } from '@usher/contract';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';
import { RestCaller } from '../../support/rest.js';
import type { TestSocket } from '../../support/socket.js';
import { waitUntil } from '../../support/wait-until.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
let caller: RestCaller;

beforeAll(async () => {
  caller = await RestCaller.begin(app.url);
});

const call = (method: string, path: string, key: string, body?: unknown, headers: Record<string, string> = {}) =>
  caller.call(method, path, body, { 'x-api-key': key, ...headers });
const statusWith = async (key: string, url = app.url) =>
  (await fetch(`${url}/v1/admin/mails`, { headers: { 'x-api-key': key } })).status;
const afterMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const isClosed = (socket: TestSocket) => waitUntil(() => Promise.resolve(!socket.io.connected));

async function find(keyId: string) {
  const { body } = await call('GET', '/v1/admin/api-keys?limit=100', adminKey);
  return validate(endpoints.listApiKeys.answer, body).items.find((item) => item.keyId === keyId)!;
}

describe('a key with an expiry', () => {
  it('is refused afterwards, and its sockets are closed', async () => {
    const expiresAt = afterMs(1500);
    const made = await makeKey(app.url, { roles: ['admin'], expiresAt });
    expect(made.expiresAt).toBe(expiresAt);
    const socket = await app.connect({ auth: { apiKey: made.key } });
    expect(await statusWith(made.key)).toBe(200);
    expect(await socket.next('key:ended')).toEqual({ reason: 'expired' });
    expect(Date.now() - Date.parse(expiresAt)).toBeLessThan(1000);
    await isClosed(socket);
    expect(await statusWith(made.key)).toBe(401);
  });

  it.each([
    ['in the past', -1000],
    ['after more than five years', 6 * 366 * 24 * 60 * 60 * 1000],
  ])('cannot expire %s', async (_, ms) => {
    const body = { name: 'A', roles: ['gate'], expiresAt: afterMs(ms) };
    const answer = await call('POST', '/v1/admin/api-keys', adminKey, body);
    expect(answer).toMatchObject({ status: 400, body: { issues: [{ path: 'expiresAt' }] } });
  });
});

describe('the last use of a key', () => {
  const lastUseOf = async ({ keyId }: ApiKeyMade) => (await find(keyId)).lastUsedAt;

  it('is null before the first call, and is known soon after it', async () => {
    const made = await makeKey(app.url, { roles: ['admin'] });
    expect([made.lastUsedAt, await lastUseOf(made)]).toEqual([null, null]);
    const before = Date.now();
    await statusWith(made.key);
    await waitUntil(async () => (await lastUseOf(made)) !== null);
    expect(Math.abs(Date.parse((await lastUseOf(made))!) - before)).toBeLessThan(1000);
  });

  it('is written at most once a minute', async () => {
    const [often, once] = [await makeKey(app.url, { roles: ['admin'] }), await makeKey(app.url, { roles: ['admin'] })];
    await statusWith(often.key);
    await waitUntil(async () => (await lastUseOf(often)) !== null);
    const written = await lastUseOf(often);
    await statusWith(often.key);
    await statusWith(once.key);
    // One statement writes all due keys, so it would have written the later use of the first key too.
    await waitUntil(async () => (await lastUseOf(once)) !== null);
    expect(await lastUseOf(often)).toBe(written);
  });

  it('is not lost when the node stops', async () => {
    const node = await app.startNode();
    const made = await makeKey(node.url, { roles: ['admin'] });
    await statusWith(made.key, node.url);
    await waitUntil(async () => (await lastUseOf(made)) !== null);
    const written = await lastUseOf(made);
    await statusWith(made.key, node.url);
    await node.close();
    expect(Date.parse((await lastUseOf(made))!)).toBeGreaterThan(Date.parse(written!));
  });
});

describe('the rotation of a key', () => {
  const rotate = async ({ keyId }: ApiKeyMade, body?: object, headers = {}) => {
    const answer = await call('POST', `/v1/admin/api-keys/${keyId}/rotate`, adminKey, body, headers);
    expect(answer.status).toBe(201);
    return validate(ApiKeyMade, answer.body);
  };

  it('gives the key a new text, and both texts are valid until the overlap ends', async () => {
    const old = await makeKey(app.url, { roles: ['admin'] });
    const sockets = [await app.connect({ auth: { apiKey: old.key } })];
    const made = await rotate(old, { overlapSeconds: 2 });
    sockets.push(await app.connect({ auth: { apiKey: made.key } }));
    expect(made).toMatchObject({ keyId: old.keyId, roles: old.roles, previousKeyExpiresAt: expect.any(String) });
    expect([await statusWith(old.key), await statusWith(made.key)]).toEqual([200, 200]);
    expect(await sockets[0]!.next('key:ended')).toEqual({ reason: 'replaced' });
    expect(Date.now() - Date.parse(made.previousKeyExpiresAt!)).toBeLessThan(1000);
    expect([await statusWith(old.key), await statusWith(made.key)]).toEqual([401, 200]);
    expect(sockets[1]!.io.connected).toBe(true);
    expect((await find(old.keyId)).previousKeyExpiresAt).toBeNull();
  });

  it('has an overlap of a day by default, and none if the caller wants none', async () => {
    const first = await makeKey(app.url, { roles: ['admin'] });
    const second = await rotate(first);
    const overlapMs = Date.parse(second.previousKeyExpiresAt!) - Date.now();
    expect(Math.abs(overlapMs - 24 * 60 * 60 * 1000)).toBeLessThan(10_000);
    const socket = await app.connect({ auth: { apiKey: first.key } });
    const third = await rotate(second, { overlapSeconds: 0 });
    expect(third.previousKeyExpiresAt).toBeNull();
    expect(await Promise.all([first, second, third].map(({ key }) => statusWith(key)))).toEqual([401, 401, 200]);
    expect(await socket.next('key:ended')).toEqual({ reason: 'replaced' });
  });

  it('has one effect per idempotency key', async () => {
    const key = await makeKey(app.url, { roles: ['admin'] });
    const headers = { 'idempotency-key': 'rotation' };
    const made = await rotate(key, { overlapSeconds: 60 }, headers);
    expect(await rotate(key, { overlapSeconds: 60 }, headers)).toEqual(made);
    expect([await statusWith(key.key), await statusWith(made.key)]).toEqual([200, 200]);
  });

  it('is refused for a key that is revoked, and for an overlap that is too long', async () => {
    const made = await makeKey(app.url, { roles: ['admin'] });
    const path = `/v1/admin/api-keys/${made.keyId}`;
    expect((await call('POST', `${path}/rotate`, adminKey, { overlapSeconds: 1e9 })).status).toBe(400);
    expect((await call('POST', `${path}/rotate`, adminKey, { overlapSeconds: -1 })).status).toBe(400);
    await call('DELETE', path, adminKey);
    expect((await call('POST', `${path}/rotate`, adminKey, {})).status).toBe(404);
  });

  it('never gives a caller a text that outlives its own', async () => {
    const create = (by: string, expiresAt: string | null) =>
      call('POST', '/v1/admin/api-keys', by, { name: 'A', roles: ['admin'], expiresAt });
    const rotateBy = async (by: string, { keyId }: ApiKeyMade) => {
      const { status, body } = await call('POST', `/v1/admin/api-keys/${keyId}/rotate`, by, { overlapSeconds: 60 });
      return { status, key: body['key'] };
    };
    const refused = { status: 403, key: undefined };
    const [soon, late] = [afterMs(60_000), afterMs(3_600_000)];
    const [temporary, permanent, later] = [
      await makeKey(app.url, { roles: ['admin'], expiresAt: soon }),
      await makeKey(app.url, { roles: ['admin'] }),
      await makeKey(app.url, { roles: ['admin'], expiresAt: late }),
    ];
    expect(await rotateBy(temporary.key, permanent)).toEqual(refused);
    expect(await rotateBy(temporary.key, later)).toEqual(refused);
    expect(await statusWith(permanent.key)).toBe(200);
    expect(await rotateBy(permanent.key, later)).toMatchObject({ status: 201 });
    const own = await rotateBy(temporary.key, temporary);
    expect(own.status).toBe(201);
    expect((await find(temporary.keyId)).expiresAt).toBe(soon);

    // The old text ends with its overlap, although its key does not.
    const next = await rotate(permanent, { overlapSeconds: 60 });
    expect(await rotateBy(permanent.key, permanent)).toEqual(refused);
    expect(await statusWith(next.key)).toBe(200);
    expect((await create(permanent.key, null)).status).toBe(403);
    expect((await create(permanent.key, late)).status).toBe(403);
    expect((await create(permanent.key, afterMs(5000))).status).toBe(201);
    expect((await create(next.key, null)).status).toBe(201);
  });
});
