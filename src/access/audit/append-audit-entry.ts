import { randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { AuditAction, AuditEntry, AuditSubject } from '@usher/contract';
import type { PoolClient } from 'pg';
import type { AuditCaller } from './audit-caller.js';
import { addressDigest, auditChainStart, canonicalContent } from './audit-hash.js';

/** An act to record in the audit trail. */
export interface AuditRecord {
  readonly caller: AuditCaller;
  readonly action: AuditAction;
  /** Null if the act concerns no show. */
  readonly showId: number | null;
  /** The cinema of an act without a show. The cinema of a show is read from the catalog. */
  readonly cinemaId?: number | null;
  readonly subject: AuditSubject;
  /** The changed fields before the act. They must contain no secrets and no data that identifies a buyer. */
  readonly before: AuditEntry['before'];
  readonly after: AuditEntry['after'];
}

/**
 * The parameters of an entry in their order, with their SQL types. The id of the show is a `bigint`, because a caller may
 * send an id beyond the range of `int`. No such show exists, so no entry is appended.
 */
const parameters = [
  ['show_id', 'bigint'],
  ['cinema_id', 'int'],
  ['content', 'text'],
  ['action', 'text'],
  ['actor_kind', 'text'],
  ['actor_id', 'text'],
  ['actor_name', 'text'],
  ['subject_kind', 'text'],
  ['subject_id', 'text'],
  ['address', 'text'],
  ['address_salt', 'text'],
  ['address_digest', 'text'],
  ['before', 'jsonb'],
  ['after', 'jsonb'],
] as const;

const columns = parameters.map(([name]) => name).filter((name) => !['show_id', 'cinema_id', 'content'].includes(name));

/** Returns the SQL that computes `auditHash`. */
const hashSql = (previous: string, seq: string, at: string): string =>
  `encode(sha256(convert_to(${previous} || '|' || ${seq} || '|' ||
    to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '|' ||
    (select coalesce(cinema::text, '') || '|' || content from audited), 'UTF8')), 'hex')`;

/**
 * Returns common table expressions that append one entry to its chain. The row lock of the chain's head orders the
 * entries. A statement with these expressions must be the last statement of its transaction that can wait for a lock.
 * So a transaction that holds the head never waits, and deadlocks are impossible.
 *
 * @param first the number of the first parameter, see {@link auditValues}
 * @param from if this clause selects no row, nothing is appended
 */
export const auditExpressions = (first: number, from = ''): string => `audited as materialized (
    select given.*, clock_timestamp()::timestamptz(3) as now,
      coalesce(cinema_id, (select cinema_id from show where id = given.show_id)) as cinema
    from (select ${parameters.map(([name, type], index) => `$${first + index}::${type} as ${name}`).join(', ')} ${from}) given
  ), audit_chain as (
    insert into audit_head as head (show_id, seq, at, hash)
    select show_id::int, 1, now, ${hashSql(`'${auditChainStart}'`, '1', 'now')} from audited
    on conflict (show_id) do update set seq = head.seq + 1, at = greatest(head.at, excluded.at),
      hash = ${hashSql('head.hash', '(head.seq + 1)', 'greatest(head.at, excluded.at)')}
    returning seq, at, hash
  ), audit_written as (
    insert into audit_entry (show_id, seq, at, hash, cinema_id, ${columns.join(', ')})
    select show_id::int, seq, at, hash, cinema, ${columns.join(', ')} from audited, audit_chain
  )`;

/** Returns the parameters of {@link auditExpressions}. */
export function auditValues({
  caller,
  action,
  showId,
  cinemaId = null,
  subject,
  before,
  after,
}: AuditRecord): unknown[] {
  const { actor, address } = caller;
  const salt = address === null ? null : randomBytes(16).toString('hex');
  const digest = salt === null || address === null ? null : addressDigest(salt, address);
  // The hash must cover the values that PostgreSQL stores. So dates are text, and there are no undefined fields.
  const [oldJson, newJson] = [before, after].map((state) => (state === null ? null : JSON.stringify(state)));
  const content = canonicalContent({
    showId,
    action,
    actor,
    subject,
    addressDigest: digest,
    before: parseState(oldJson),
    after: parseState(newJson),
  });
  return [
    showId ?? 0,
    cinemaId,
    content,
    action,
    actor.kind,
    actor.id,
    actor.name,
    subject.kind,
    subject.id,
    address,
    salt,
    digest,
    oldJson,
    newJson,
  ];
}

const parseState = (json: string | null | undefined): AuditEntry['before'] => (json ? JSON.parse(json) : null);

/** The statement that appends one entry, without its values. */
export const auditStatement = { name: 'audit-append', text: `with ${auditExpressions(1)} select` };

/**
 * Appends an entry to the audit trail in the transaction of the act, as its last statement that can wait for a lock.
 * If this fails, the act fails too.
 */
export async function appendAuditEntry(client: PoolClient, record: AuditRecord): Promise<void> {
  await client.query({ ...auditStatement, values: auditValues(record) });
}

/** Like {@link appendAuditEntry}, but in a transaction of MikroORM. Pending changes must be flushed before. */
export async function appendAuditEntryByOrm(em: EntityManager, record: AuditRecord): Promise<void> {
  await em.execute(auditStatement.text.replaceAll(/\$\d+/g, '?'), auditValues(record));
}
