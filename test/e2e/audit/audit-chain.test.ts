import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { type ChainBreak, ChainVerifier } from '../../../src/audit/chain-verifier.js';
import { AuditRepository } from '../../../src/audit/audit.repository.js';
import { readChainEnds, verifyDatabase } from '../../../src/audit/verify-trail.js';
import { Admin } from '../../support/admin.js';
import { adminKey } from '../../support/api-keys.js';
import { AuditReader } from '../../support/audit.js';
import {
  copyDatabase,
  createTestDatabase,
  type TestDatabase,
  testEnvironment,
  testPool,
} from '../../support/database.js';
import { startTestService } from '../../support/service-host/start-test-service.js';

const admin = new Admin(() => url);
const audit = new AuditReader(() => url);
let url = '';
let showId = 0;
let folder = '';
let original: TestDatabase;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usher-audit-'));
  original = await createTestDatabase({ demo: false });
  const service = await startTestService(testEnvironment(original.url, { ADMIN_API_KEY: adminKey }));
  url = service.url;
  ({ showId } = await admin.showInRow('ssssss'));
  for (const seat of [0, 1, 2, 3]) {
    await admin.call('POST', `/shows/${showId}/blocks`, { seats: [seat], reason: 'Größe „M" \\ 1/2' });
    if (seat === 1) await exportTo('earlier.jsonl');
  }
  await exportTo('complete.jsonl');
  await service.close();
}, 60_000);

afterAll(async () => {
  await original.drop();
  await rm(folder, { recursive: true });
});

const fileOf = (name: string): string => join(folder, name);

const exportTo = async (name: string): Promise<void> =>
  writeFile(fileOf(name), await (await audit.fetch('/export')).text());

/** Changes a copy of the database and then runs `work` on it. */
async function onCopy<T>(change: string, work: (pool: Pool, databaseUrl: string) => Promise<T>): Promise<T> {
  const copy = await copyDatabase(original.url);
  const pool = testPool(copy.url, 2);
  try {
    await pool.query(change.replaceAll('$show', String(showId)));
    return await work(pool, copy.url);
  } finally {
    await pool.end();
    await copy.drop();
  }
}

/** Verifies a copy of the database after a change. @param earlier the name of an earlier export */
const breaksAfter = (change: string, earlier?: string): Promise<ChainBreak[]> =>
  onCopy(change, async (pool) => {
    const verifier = new ChainVerifier(earlier === undefined ? undefined : await readChainEnds(fileOf(earlier)));
    await verifyDatabase(pool, verifier);
    return verifier.breaks;
  });

/** The statement that makes the stored end of a chain fit its last entry, as a careful forger would do. */
const repairHead = `update audit_head h set seq = e.seq, hash = e.hash from (
    select seq, hash from audit_entry where show_id = $show order by seq desc limit 1) e where h.show_id = $show`;

describe('the verification of the audit trail', () => {
  it('finds no break in the trail as the service wrote it', async () => {
    expect(await breaksAfter('select', 'earlier.jsonl')).toEqual([]);
  });

  it.each([
    ['a changed state', `update audit_entry set after = jsonb_set(after, '{reason}', '"x"') where seq = 3`, 3],
    ['a changed actor', `update audit_entry set actor_name = 'Bob' where seq = 3`, 3],
    ['a changed action', `update audit_entry set action = 'seats.unblock' where seq = 3`, 3],
    ['a changed subject', `update audit_entry set subject_id = '0' where seq = 3`, 3],
    ['a changed cinema', `update audit_entry set cinema_id = null where seq = 3`, 3],
    ['a changed time', `update audit_entry set at = at + interval '1 ms' where seq = 3`, 3],
    ['a changed address', `update audit_entry set address = '192.0.2.1' where seq = 3`, 3],
    ['a changed hash', `update audit_entry set hash = repeat('0', 64) where seq = 3`, 3],
    ['a deleted entry', `delete from audit_entry where seq = 3`, 3],
    ['a deleted first entry', `delete from audit_entry where seq = 1`, 1],
    [
      'two exchanged entries',
      `update audit_entry set seq = case seq when 3 then 1004 else 1003 end where seq in (3, 4)`,
      3,
    ],
    [
      'an inserted entry',
      `insert into audit_entry select (e).* from (select json_populate_record(a, '{"seq": 6}') as e
      from audit_entry a where show_id = $show and seq = 5) t`,
      6,
    ],
  ])('finds %s and names its number', async (_, change, seq) => {
    const ofShow = change.includes('$show') ? change : `${change} and show_id = $show`;
    const numbers = 'update audit_entry set seq = seq - 1000 where seq > 1000 and show_id = $show';
    expect(await breaksAfter(`${ofShow}; ${numbers}`)).toMatchObject([{ showId, seq }]);
  });

  it('finds deleted entries at the end of a chain by the stored end of the chain', async () => {
    const change = 'delete from audit_entry where show_id = $show and seq > 3';
    expect(await breaksAfter(change)).toMatchObject([{ showId, seq: 4 }]);
    expect(await breaksAfter('delete from audit_entry where show_id = $show')).toMatchObject([{ showId, seq: 1 }]);
    expect(await breaksAfter('delete from audit_head where show_id = $show')).toMatchObject([{ showId }]);
  });

  it('finds deleted entries by an earlier export if the stored end was changed too', async () => {
    const shortened = `delete from audit_entry where show_id = $show and seq > 2; ${repairHead}`;
    expect(await breaksAfter(shortened)).toEqual([]);
    expect(await breaksAfter(shortened, 'earlier.jsonl')).toMatchObject([{ showId, seq: 3 }]);
    const removed = 'delete from audit_entry where show_id = $show; delete from audit_head where show_id = $show';
    expect(await breaksAfter(removed, 'earlier.jsonl')).toMatchObject([{ showId, seq: 1 }]);
  });

  it('finds a change to the chain of the acts without a show', async () => {
    const change = `update audit_entry set actor_name = 'Bob' where show_id = 0 and seq = 2`;
    expect(await breaksAfter(change)).toMatchObject([{ showId: null, seq: 2 }]);
  });

  it('still succeeds after the addresses were erased', async () => {
    const old = `update audit_entry set address_salt = address_salt`;
    await onCopy(old, async (pool) => {
      const repository = new AuditRepository(pool);
      expect(await repository.eraseAddresses(1, 100)).toBe(0);
      expect(await repository.eraseAddresses(0, 3)).toBe(3);
      expect(await repository.eraseAddresses(0, 100)).toBeGreaterThan(3);
      const { rows } = await pool.query(
        'select from audit_entry where address is not null or address_salt is not null',
      );
      expect(rows).toEqual([]);
      const verifier = new ChainVerifier();
      await verifyDatabase(pool, verifier);
      expect(verifier.breaks).toEqual([]);
    });
  });
});

describe('npm run verify-audit', () => {
  const run = (databaseUrl: string, ...args: string[]): Promise<{ code: number; output: string }> =>
    new Promise((resolve) => {
      const env = { PATH: process.env.PATH ?? '', DATABASE_URL: databaseUrl };
      execFile(process.execPath, ['dist/cli/verify-audit.js', ...args], { env }, (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
      );
    });

  it('verifies the database, and names the broken entry', async () => {
    expect(await run(original.url)).toMatchObject({
      code: 0,
      output: expect.stringContaining('All chains are intact.'),
    });
    const found = await onCopy('delete from audit_entry where show_id = $show and seq = 2', (_, databaseUrl) =>
      run(databaseUrl),
    );
    expect(found).toMatchObject({ code: 1, output: expect.stringContaining(`chain of show ${showId}, entry 2: `) });
  });

  it('verifies an export without a database', async () => {
    const [complete, forged] = [fileOf('complete.jsonl'), fileOf('forged.jsonl')];
    const noDatabase = 'postgres://127.0.0.1:9/none';
    expect(await run(noDatabase, '--export', complete)).toMatchObject({ code: 0 });
    expect(await run(noDatabase, '--export', complete, '--earlier', fileOf('earlier.jsonl'))).toMatchObject({
      code: 0,
    });
    const shorter = await run(noDatabase, '--export', fileOf('earlier.jsonl'), '--earlier', complete);
    expect(shorter).toMatchObject({ code: 1, output: expect.stringContaining('the earlier export has it') });
    await writeFile(forged, (await readFile(complete, 'utf8')).replace('seats.block', 'seats.unblock'));
    expect(await run(noDatabase, '--export', forged)).toMatchObject({ code: 1 });
  });

  it('says why it cannot verify, with exit code 2', async () => {
    await writeFile(fileOf('other.txt'), 'at,action\n');
    const answers = [
      await run(original.url, '--export', fileOf('other.txt')),
      await run(original.url, '--export', fileOf('missing.jsonl')),
      await run(original.url, '--unknown'),
    ];
    expect(answers.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(answers[0]!.output).toContain('other.txt, line 1: cannot read it');
  });
});
