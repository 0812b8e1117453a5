import { describe, expect, it } from '@jest/globals';
import { AccessCodeBatch, isMistypedAccessCode, normalizeAccessCode, pageSchema } from '@usher/contract';
import { v7 as uuidv7 } from 'uuid';
import { makeAccessCodes, redeem, reserve } from '../../support/access-codes.js';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { AuditReader } from '../../support/audit.js';
import { validate } from '../../support/contract-shapes.js';
import { tablesWith } from '../../support/database-text.js';
import { setUpApp } from '../../support/file-app.js';
import { setUpKeyPlaces } from '../../support/key-places.js';
import { RestCaller } from '../../support/rest.js';
import { makeShow } from '../../support/show.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);
const audit = new AuditReader(() => app.url);
const places = setUpKeyPlaces(app);

const makePresale = () => makeShow(app.pool, { protection: { codeRequired: true } });
const makeBuyer = () => RestCaller.begin(app.url);
const pathOf = (showId: number) => `/v1/admin/shows/${showId}/access-codes`;

async function listBatches(showId: number, query = ''): Promise<AccessCodeBatch[]> {
  const answer = await admin.call('GET', `/shows/${showId}/access-codes${query}`);
  return validate(pageSchema(AccessCodeBatch), answer.body).items;
}

/** Creates a batch as a program does that wants a file. Returns the answer and its text. */
async function createAsCsv(showId: number, body: object, headers: Record<string, string> = {}) {
  const answer = await fetch(app.url + pathOf(showId), {
    method: 'POST',
    headers: { 'x-api-key': adminKey, 'content-type': 'application/json', accept: 'text/csv', ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

describe('a batch of access codes', () => {
  it('contains different codes that detect typing errors, and no table contains any of them', async () => {
    const showId = await makePresale();
    const { codes, ...batch } = await makeAccessCodes(admin, showId, { count: 200, seatsPerUse: 4 });
    const chosen = await makeAccessCodes(admin, showId, { code: 'Fan Club 2031' });
    expect(batch).toMatchObject({ name: 'Fans', codeCount: 200, usesPerCode: 1, seatsPerUse: 4, useCount: 0 });
    expect(new Set(codes.map(normalizeAccessCode)).size).toBe(200);
    expect(codes.filter(isMistypedAccessCode)).toEqual([]);
    await redeem(await makeBuyer(), showId, codes[0]!);
    const stored = [...codes, ...codes.map(normalizeAccessCode), ...chosen.codes, 'FANCLUB2031'];
    expect(await tablesWith(app.pool, stored)).toEqual([]);
  });

  it('is listed with its uses, newest first', async () => {
    const showId = await makePresale();
    const first = await makeAccessCodes(admin, showId, { count: 2 });
    const second = await makeAccessCodes(admin, showId, { code: 'FANCLUB2031', seatsPerUse: 3 });
    for (const code of [...second.codes, ...second.codes, first.codes[0]!]) {
      await redeem(await makeBuyer(), showId, code);
    }
    const batches = await listBatches(showId);
    expect(batches).toMatchObject([
      { batchId: second.batchId, codeCount: 1, usesPerCode: 100, useCount: 2, seatsAllowed: 6, revokedAt: null },
      { batchId: first.batchId, codeCount: 2, usesPerCode: 1, useCount: 1, seatsAllowed: 2, revokedAt: null },
    ]);
    expect(JSON.stringify(batches)).not.toContain('FANCLUB2031');
    expect(await listBatches(showId, '?limit=1')).toMatchObject([{ batchId: second.batchId }]);
    expect(await listBatches(showId, `?cursor=${second.batchId}`)).toMatchObject([{ batchId: first.batchId }]);
  });

  it('can be a CSV file, also if the call is repeated', async () => {
    const showId = await makePresale();
    const key = { authorization: `Bearer ${(await makeBuyer()).session.token}`, 'idempotency-key': uuidv7() };
    const body = { name: 'Press', count: 3, seatsPerUse: 1 };
    const csv = await createAsCsv(showId, body, key);
    expect(csv.status).toBe(201);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('cache-control')).toBe('no-store');
    const [heading, ...codes] = csv.text.trimEnd().split('\r\n');
    expect([heading, codes.length]).toEqual(['code', 3]);
    expect(await redeem(await makeBuyer(), showId, codes[2])).toMatchObject({ status: 200 });
    expect(await createAsCsv(showId, body, key)).toMatchObject({ status: 201, text: csv.text });
    expect(await listBatches(showId)).toHaveLength(1);
  });

  it('can have 50,000 codes', async () => {
    const showId = await makePresale();
    const { codes } = await makeAccessCodes(admin, showId, { count: 50_000 });
    expect(new Set(codes).size).toBe(50_000);
    expect((await listBatches(showId))[0]).toMatchObject({ codeCount: 50_000, useCount: 0 });
    expect(await redeem(await makeBuyer(), showId, codes.at(-1))).toMatchObject({ status: 200, body: { seats: 2 } });
  }, 60_000);

  it.each<[string, object, string]>([
    ['neither a count nor a code', {}, 'count'],
    ['a count and a code', { count: 1, code: 'FANCLUB2031', usesPerCode: 1 }, 'count'],
    ['a code without the number of its uses', { code: 'FANCLUB2031' }, 'usesPerCode'],
    ['a code that is too short', { code: 'SHORT', usesPerCode: 1 }, 'code'],
    ['too many codes', { count: 50_001 }, 'count'],
    [
      'an end before its start',
      { count: 1, validFrom: '2031-05-02T00:00:00Z', validUntil: '2031-05-01T00:00:00Z' },
      'validUntil',
    ],
  ])('is refused with %s', async (_, body, path) => {
    const answer = await admin.call('POST', `/shows/${await makePresale()}/access-codes`, {
      name: 'Fans',
      seatsPerUse: 2,
      ...body,
    });
    expect(answer).toMatchObject({
      status: 400,
      body: { issues: expect.arrayContaining([expect.objectContaining({ path })]) },
    });
  });

  it('is refused if the show already has the chosen code, but another show may have it', async () => {
    const [showId, otherShowId] = [await makePresale(), await makePresale()];
    const body = { name: 'Fans', code: 'FANCLUB2031', usesPerCode: 1, seatsPerUse: 2 };
    const create = (id: number, code: string) => admin.call('POST', `/shows/${id}/access-codes`, { ...body, code });
    expect((await create(showId, 'FANCLUB2031')).status).toBe(201);
    expect(await create(showId, 'fanclub-2031')).toMatchObject({ status: 400, body: { issues: [{ path: 'code' }] } });
    expect((await create(otherShowId, 'FANCLUB2031')).status).toBe(201);
    expect(await listBatches(showId)).toHaveLength(1);
  });

  it('is not found for an unknown show', async () => {
    const answer = await admin.call('POST', '/shows/999999999/access-codes', {
      name: 'Fans',
      count: 1,
      seatsPerUse: 2,
    });
    expect(answer).toMatchObject({ status: 404, body: { what: 'show' } });
    expect(await admin.call('GET', '/shows/999999999/access-codes')).toMatchObject({ status: 404 });
  });
});

describe('revoking a batch', () => {
  it('ends its codes at once, but buyers keep what they hold', async () => {
    const showId = await makePresale();
    const { batchId, codes } = await makeAccessCodes(admin, showId, { count: 2 });
    const other = await makeAccessCodes(admin, showId);
    const [buyer, invited] = [await makeBuyer(), await makeBuyer()];
    await redeem(buyer, showId, codes[0]);
    await redeem(invited, showId, other.codes[0]);
    const { body } = await reserve(buyer, showId, [0]);
    const revoked = await admin.call('DELETE', `/shows/${showId}/access-codes/${batchId}`);
    expect(revoked).toMatchObject({ status: 200, body: { batchId, useCount: 1, revokedAt: expect.any(String) } });
    expect(await redeem(buyer, showId, codes[1])).toMatchObject({ status: 409, body: { reason: 'revoked' } });
    expect((await reserve(buyer, showId, [1])).body).toMatchObject({ code: 'CODE_REQUIRED' });
    const held = await buyer.call('GET', `/v1/bookings/${String(body['bookingId'])}`);
    expect(held.body).toMatchObject({ status: 'reserved' });
    expect(await reserve(invited, showId, [5])).toMatchObject({ status: 201 });
  });

  it('is recorded once, and the batch keeps its first time', async () => {
    const showId = await makePresale();
    const { batchId } = await makeAccessCodes(admin, showId);
    const revoke = () => admin.call('DELETE', `/shows/${showId}/access-codes/${batchId}`);
    const [first, second] = [await revoke(), await revoke()];
    expect(second.body).toEqual(first.body);
    expect(await audit.list({ showId })).toMatchObject([
      { action: 'access-codes.revoke', subject: { kind: 'access-codes', id: batchId }, before: { revokedAt: null } },
      {
        action: 'access-codes.create',
        subject: { id: batchId },
        before: null,
        after: { codeCount: 1, seatsPerUse: 2 },
      },
    ]);
    expect(await admin.call('DELETE', `/shows/${await makePresale()}/access-codes/${batchId}`)).toMatchObject({
      status: 404,
    });
  });
});

describe('the administration of access codes', () => {
  const body = { name: 'Fans', count: 1, seatsPerUse: 2 };

  it('is limited to the cinemas of the key', async () => {
    const { own, foreign, callByKey, makeOwnKey } = places;
    const { key } = await makeOwnKey({ roles: ['admin'] });
    const made = await callByKey('POST', pathOf(own.showId), key, body);
    expect(made.status).toBe(201);
    const foreignBatch = await makeAccessCodes(admin, foreign.showId);
    const statuses = [
      await callByKey('POST', pathOf(foreign.showId), key, body),
      await callByKey('GET', pathOf(foreign.showId), key),
      await callByKey('DELETE', `${pathOf(foreign.showId)}/${foreignBatch.batchId}`, key),
    ].map(({ status }) => status);
    expect(statuses).toEqual([403, 403, 403]);
    // The path names a show of the key, but the batch belongs to another show.
    const swapped = await callByKey('DELETE', `${pathOf(own.showId)}/${foreignBatch.batchId}`, key);
    expect(swapped.status).toBe(404);
    expect(await listBatches(foreign.showId)).toMatchObject([{ revokedAt: null }]);
  });

  it.each(['staff', 'gate', 'partner', 'kiosk'] as const)('is refused with a key of the role %s', async (role) => {
    const { key } = await places.makeOwnKey({ roles: [role] });
    expect(await places.callByKey('POST', pathOf(places.own.showId), key, body)).toMatchObject({ status: 403 });
  });
});
