import { describe, expect, it } from '@jest/globals';
import type { AccessCodeBatchMade } from '@usher/contract';
import { v7 as uuidv7 } from 'uuid';
import { AccessCodesRepository, redeemStatement } from '../../src/admission/codes/access-codes.repository.js';
import { makeAccessCodes, redeem } from '../support/access-codes.js';
import { Admin } from '../support/admin.js';
import { adminKey } from '../support/api-keys.js';
import { setUpApp } from '../support/file-app.js';
import { RestCaller } from '../support/rest.js';
import { makeShow } from '../support/show.js';

const app = setUpApp({ env: { ADMIN_API_KEY: adminKey } });
const admin = new Admin(() => app.url);
const usesPerCode = 5;
const sessionCount = 60;

/** Creates a show with one shared code. Returns the batch and the digest of the code. */
async function makeSharedCode(): Promise<{ batch: AccessCodeBatchMade; digest: string }> {
  const showId = await makeShow(app.pool, { protection: { codeRequired: true } });
  const batch = await makeAccessCodes(admin, showId, { code: 'FANCLUB2031', usesPerCode });
  const { rows } = await app.pool.query<{ digest: string }>('select digest from access_code where show_id = $1', [
    showId,
  ]);
  return { batch, digest: rows[0]!.digest };
}

async function countUses({ showId }: AccessCodeBatchMade): Promise<{ counted: number; rows: number }> {
  const { rows } = await app.pool.query<{ counted: number; rows: number }>(
    `select (select sum(uses)::int from access_code where show_id = $1) as counted,
       (select count(*)::int from access_code_use where show_id = $1) as rows`,
    [showId],
  );
  return rows[0]!;
}

describe('many sessions that use one code at once', () => {
  it('use it too often if the statement does not check the number of uses', async () => {
    const { batch, digest } = await makeSharedCode();
    const text = redeemStatement.text.replace('and c.uses < b.uses_per_code', '');
    expect(text).not.toBe(redeemStatement.text);
    const values = (sessionId: string) => [batch.showId, digest, sessionId];
    await Promise.all(Array.from({ length: sessionCount }, () => app.pool.query(text, values(uuidv7()))));
    expect((await countUses(batch)).rows).toBe(sessionCount);
  });

  it('use it as often as it allows', async () => {
    const { batch, digest } = await makeSharedCode();
    const repository = new AccessCodesRepository(app.pool);
    const used = await Promise.all(
      Array.from({ length: sessionCount }, () => repository.redeem(batch.showId, digest, uuidv7())),
    );
    expect(used.filter(Boolean)).toHaveLength(usesPerCode);
    expect(await countUses(batch)).toEqual({ counted: usesPerCode, rows: usesPerCode });
  });

  it('use it as often as it allows on two nodes', async () => {
    const { batch } = await makeSharedCode();
    const other = await app.startNode();
    const buyers = await Promise.all(
      Array.from({ length: sessionCount }, (_, nth) => RestCaller.begin(nth % 2 === 0 ? app.url : other.url)),
    );
    const answers = await Promise.all(buyers.map((buyer) => redeem(buyer, batch.showId, batch.codes[0])));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(usesPerCode);
    const refused = answers.filter(({ body }) => body.code === 'CODE_UNUSABLE' && body['reason'] === 'usedUp');
    expect(refused).toHaveLength(sessionCount - usesPerCode);
    expect(await countUses(batch)).toEqual({ counted: usesPerCode, rows: usesPerCode });
  });
});

it('one session that uses a code many times at once uses it once', async () => {
  const { batch } = await makeSharedCode();
  const buyer = await RestCaller.begin(app.url);
  const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(buyer, batch.showId, batch.codes[0])));
  expect(answers.map(({ body }) => body['seats'])).toEqual(answers.map(() => 2));
  expect(await countUses(batch)).toEqual({ counted: 1, rows: 1 });
});
