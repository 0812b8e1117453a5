import { setImmediate as nextTick } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { AccessCodeBatch, AccessCodeBatchBody, AccessCodeBatchMade, Page } from '@usher/contract';
import type { Pool, PoolClient } from 'pg';
import { validate as isUuid } from 'uuid';
import { appendAuditEntry, type AuditCaller, type AuditRecord, once } from '../../access/index.js';
import { createNotFoundError } from '../../common/domain-error.js';
import { createId } from '../../common/ids.js';
import { createInvalidRequestError } from '../../common/invalid-request.js';
import { runInTransaction } from '../../database/in-transaction.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toEpochMs, toIso, toIsoOrNull } from '../../database/sql-time.js';
import { AccessCodeDigests } from './access-code-digests.service.js';
import { AccessCodeUses } from './access-code-uses.service.js';
import { createAccessCode } from './create-access-codes.js';

type TimeField = 'validFrom' | 'validUntil' | 'createdAt' | 'revokedAt';

interface BatchRow extends Omit<AccessCodeBatch, TimeField | 'seatsAllowed'> {
  readonly validFrom: number | null;
  readonly validUntil: number | null;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}

const columns = `b.batch_id as "batchId", b.show_id as "showId", b.name, b.code_count as "codeCount",
  b.uses_per_code as "usesPerCode", b.seats_per_use as "seatsPerUse",
  (select coalesce(sum(c.uses), 0)::int from access_code c
    where c.show_id = b.show_id and c.batch_id = b.batch_id and c.uses > 0) as "useCount",
  ${toEpochMs('b.valid_from')} as "validFrom", ${toEpochMs('b.valid_until')} as "validUntil",
  ${toEpochMs('b.created_at')} as "createdAt", ${toEpochMs('b.revoked_at')} as "revokedAt"`;

/** Number of codes that are created before other callers get their turn. It takes about 5 ms. */
const codesPerTurn = 1000;

/** Number of codes that one statement inserts. It takes about 100 ms. */
const codesPerStatement = 5000;

/** A code and the digest under which it is stored. */
interface NewCode {
  readonly code: string;
  readonly digest: string;
}

/** Creates, lists and revokes batches of access codes. */
@Injectable()
export class AccessCodesAdministration {
  constructor(
    @Inject(PG_POOL) private readonly pool: Pool,
    private readonly digests: AccessCodeDigests,
    private readonly uses: AccessCodeUses,
  ) {}

  /**
   * Creates a batch. No later answer contains the codes, because only their digests are stored.
   *
   * @throws DomainError `NOT_FOUND`, `INVALID_REQUEST` if the show already has the chosen code
   */
  async create(showId: number, caller: AuditCaller, body: AccessCodeBatchBody): Promise<AccessCodeBatchMade> {
    const codes = await this.createCodes(showId, body);
    return runInTransaction(this.pool, (client) =>
      once(client, async () => {
        const batch = await insertBatch(client, showId, body, codes.length);
        await insertCodes(client, batch, codes);
        await appendAuditEntry(client, recordOf(caller, 'access-codes.create', batch, { before: null, after: batch }));
        return { ...batch, codes: codes.map(({ code }) => code) };
      }),
    );
  }

  /**
   * Returns one page of the batches of a show, newest first.
   *
   * @param cursor the last batch of the previous page, or null for the first page
   * @throws DomainError `NOT_FOUND`, `INVALID_REQUEST`
   */
  async list(showId: number, limit: number, cursor: string | null): Promise<Page<AccessCodeBatch>> {
    if (cursor !== null && !isUuid(cursor)) {
      const message = 'belongs to a different query; start again without a cursor';
      throw createInvalidRequestError([{ path: ['cursor'], message }]);
    }
    const show = await this.pool.query('select from show where id = $1::bigint', [showId]);
    if (show.rowCount === 0) throw createNotFoundError('show');
    const { rows } = await this.pool.query<BatchRow>(
      `select ${columns} from access_code_batch b where b.show_id = $1 and ($2::uuid is null or b.batch_id < $2)
       order by b.batch_id desc limit $3`,
      [showId, cursor, limit + 1],
    );
    const items = rows.slice(0, limit).map(toBatch);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.batchId ?? null) : null };
  }

  /**
   * Revokes a batch, on this node at once and on the other nodes within a second. A batch that was revoked before keeps its
   * time.
   *
   * @throws DomainError `NOT_FOUND`
   */
  async revoke(showId: number, caller: AuditCaller, batchId: string): Promise<AccessCodeBatch> {
    const revoked = await this.endBatch(showId, caller, batchId);
    this.uses.forgetRevision(showId);
    return revoked;
  }

  private endBatch(showId: number, caller: AuditCaller, batchId: string): Promise<AccessCodeBatch> {
    return runInTransaction(this.pool, async (client) => {
      const { rows } = await client.query<BatchRow>(
        `select ${columns} from access_code_batch b where b.show_id = $1::bigint and b.batch_id = $2 for update of b`,
        [showId, batchId],
      );
      if (!rows[0]) throw createNotFoundError('batch of access codes');
      if (rows[0].revokedAt !== null) return toBatch(rows[0]);
      const revoked = await client.query<BatchRow>(
        `update access_code_batch b set revoked_at = now(), revision = revision + 1
         where b.show_id = $1 and b.batch_id = $2 returning ${columns}`,
        [showId, batchId],
      );
      const batch = toBatch(revoked.rows[0]!);
      const states = { before: { revokedAt: null }, after: { revokedAt: batch.revokedAt } };
      await appendAuditEntry(client, recordOf(caller, 'access-codes.revoke', batch, states));
      return batch;
    });
  }

  private async createCodes(showId: number, { code, count = 0 }: AccessCodeBatchBody): Promise<NewCode[]> {
    const digestOf = await this.digests.ofShow(showId);
    if (code !== undefined) return [{ code, digest: digestOf(code) }];
    const codes: NewCode[] = [];
    while (codes.length < count) {
      const created = createAccessCode();
      codes.push({ code: created, digest: digestOf(created) });
      if (codes.length % codesPerTurn === 0) await nextTick();
    }
    return codes;
  }
}

async function insertBatch(
  client: PoolClient,
  showId: number,
  { name, usesPerCode = 1, seatsPerUse, validFrom, validUntil }: AccessCodeBatchBody,
  codeCount: number,
): Promise<AccessCodeBatch> {
  const { rows } = await client.query<BatchRow>(
    `insert into access_code_batch as b
       (show_id, batch_id, name, code_count, uses_per_code, seats_per_use, valid_from, valid_until)
     select id, $2, $3, $4, $5, $6, $7::timestamptz, $8::timestamptz from show where id = $1::bigint
     returning ${columns}`,
    [showId, createId(), name, codeCount, usesPerCode, seatsPerUse, validFrom, validUntil],
  );
  if (!rows[0]) throw createNotFoundError('show');
  return toBatch(rows[0]);
}

async function insertCodes(client: PoolClient, { showId, batchId }: AccessCodeBatch, codes: readonly NewCode[]) {
  for (let first = 0; first < codes.length; first += codesPerStatement) {
    const digests = codes.slice(first, first + codesPerStatement).map(({ digest }) => digest);
    const { rowCount } = await client.query(
      `insert into access_code (show_id, digest, batch_id) select $1, digest, $2 from unnest($3::text[]) digest
       on conflict (show_id, digest) do nothing`,
      [showId, batchId, digests],
    );
    if (rowCount === digests.length) continue;
    // Created codes have too many random bits to be equal.
    throw createInvalidRequestError([{ path: ['code'], message: 'is already a code of this show' }]);
  }
}

const toBatch = ({ validFrom, validUntil, createdAt, revokedAt, ...row }: BatchRow): AccessCodeBatch => ({
  ...row,
  seatsAllowed: row.useCount * row.seatsPerUse,
  validFrom: toIsoOrNull(validFrom),
  validUntil: toIsoOrNull(validUntil),
  createdAt: toIso(createdAt),
  revokedAt: toIsoOrNull(revokedAt),
});

const recordOf = (
  caller: AuditCaller,
  action: AuditRecord['action'],
  { showId, batchId }: AccessCodeBatch,
  states: Pick<AuditRecord, 'before' | 'after'>,
): AuditRecord => ({ caller, action, showId, subject: { kind: 'access-codes', id: batchId }, ...states });
