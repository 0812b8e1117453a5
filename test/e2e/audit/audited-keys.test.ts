import { describe, expect, it } from '@jest/globals';
import { ApiKeyMade } from '@usher/contract';
import { Admin } from '../../support/admin.js';
import { adminKey, makeKey } from '../../support/api-keys.js';
import { AuditReader } from '../../support/audit.js';
import { validate } from '../../support/contract-shapes.js';
import { setUpApp } from '../../support/file-app.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);
const audit = new AuditReader(() => app.url);

const rotate = async (keyId: string, overlapSeconds: number): Promise<ApiKeyMade> =>
  validate(ApiKeyMade, (await admin.call('POST', `/api-keys/${keyId}/rotate`, { overlapSeconds })).body);

describe('the entries of an API key', () => {
  it('name its rights, its rotations and its end, but never its text or its hash', async () => {
    const { cinemaId } = await admin.hall('A ss');
    const { keyId, key } = await makeKey(app.url, { name: 'North', roles: ['gate'], cinemaId });
    const { rows: hashes } = await app.pool.query<{ hash: string }>('select hash from api_key where key_id = $1', [
      keyId,
    ]);
    const first = await rotate(keyId, 60);
    const second = await rotate(keyId, 0);
    await admin.call('DELETE', `/api-keys/${keyId}`);
    const entries = (await audit.list({ subject: keyId })).toReversed();
    expect(entries).toMatchObject([
      { action: 'api-key.create', before: null, after: { name: 'North', roles: ['gate'], cinemaIds: [cinemaId] } },
      {
        action: 'api-key.rotate',
        before: { previousKeyExpiresAt: null },
        after: { previousKeyExpiresAt: first.previousKeyExpiresAt },
      },
      {
        action: 'api-key.rotate',
        before: { previousKeyExpiresAt: first.previousKeyExpiresAt },
        after: { previousKeyExpiresAt: null },
      },
      { action: 'api-key.revoke', before: { revokedAt: null }, after: { revokedAt: expect.any(String) } },
    ]);
    expect(entries.map((entry) => entry.cinemaId)).toEqual([cinemaId, cinemaId, cinemaId, cinemaId]);
    const text = JSON.stringify(entries);
    for (const secret of [key, first.key, second.key, hashes[0]!.hash]) expect(text).not.toContain(secret);
  });

  it('are not repeated if the key is revoked twice, and are missing if a call is refused', async () => {
    const made = await makeKey(app.url, {});
    for (let sent = 0; sent < 2; sent++) {
      expect((await admin.call('DELETE', `/api-keys/${made.keyId}`)).status).toBe(200);
    }
    expect((await admin.call('POST', `/api-keys/${made.keyId}/rotate`, {})).status).toBe(404);
    const actions = (await audit.list({ subject: made.keyId })).map(({ action }) => action);
    expect(actions).toEqual(['api-key.revoke', 'api-key.create']);
  });
});
