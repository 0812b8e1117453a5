import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { AuditEntry } from '@usher/contract';
import type { Pool } from 'pg';
import { StartError } from '../common/start-error.js';
import { auditColumns, type AuditRow, toAuditEntry } from './audit-row.js';
import { type ChainEnd, ChainVerifier } from './chain-verifier.js';

/** Number of entries that are read at once. */
const batchSize = 2000;

/** Verifies the audit trail in a database, at one moment. The service may run meanwhile. */
export async function verifyDatabase(pool: Pool, verifier: ChainVerifier): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read, read only; set local statement_timeout = 0');
    const { rows: heads } = await client.query<ChainEnd & { readonly showId: number }>(
      'select show_id as "showId", seq, hash from audit_head',
    );
    await client.query(
      `declare audit_chain no scroll cursor for select ${auditColumns} from audit_entry order by show_id, seq`,
    );
    for (;;) {
      const { rows } = await client.query<AuditRow>(`fetch ${batchSize} from audit_chain`);
      if (rows.length === 0) break;
      for (const row of rows) verifier.add(toAuditEntry(row));
    }
    await client.query('commit');
    verifier.finish(new Map(heads.map(({ showId, ...end }) => [showId === 0 ? null : showId, end])));
  } finally {
    client.release(true);
  }
}

/** Verifies a complete export in JSON Lines, without a database. */
export async function verifyExport(file: string, verifier: ChainVerifier): Promise<void> {
  for await (const entry of readExport(file)) verifier.add(entry);
  verifier.finish(null);
}

/** Returns the end of each chain in a complete export in JSON Lines. */
export async function readChainEnds(file: string): Promise<ReadonlyMap<number | null, ChainEnd>> {
  const ends = new Map<number | null, ChainEnd>();
  for await (const { showId, seq, hash } of readExport(file)) ends.set(showId, { seq, hash });
  return ends;
}

/** Yields the entries of an export. @throws StartError if the file is not an export in JSON Lines */
async function* readExport(file: string): AsyncGenerator<AuditEntry> {
  let line = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      line++;
      if (text !== '') yield AuditEntry.parse(JSON.parse(text));
    }
  } catch (cause) {
    const place = line === 0 ? file : `${file}, line ${line}`;
    throw new StartError(`${place}: cannot read it as an export of the audit trail in JSON Lines.`, { cause });
  }
}
