import { hash } from 'node:crypto';
import type { AuditEntry } from '@usher/contract';

/** The hash before the first entry of a chain. */
export const auditChainStart = '0'.repeat(64);

/** The part of an entry that the caller of the service determines. PostgreSQL adds the other fields. */
export type AuditContent = Pick<
  AuditEntry,
  'showId' | 'action' | 'actor' | 'subject' | 'addressDigest' | 'before' | 'after'
>;

/** Returns the canonical JSON of an entry's content: without white space, and with the fields of each object sorted. */
export const canonicalContent = ({
  showId,
  action,
  actor,
  subject,
  addressDigest,
  before,
  after,
}: AuditContent): string => JSON.stringify(sorted({ showId, action, actor, subject, addressDigest, before, after }));

/** Returns the hash of an entry. The statement in `append-audit-entry.ts` computes the same hash in SQL. */
export const auditHash = (previous: string, entry: AuditEntry): string => {
  const { seq, at, cinemaId } = entry;
  return hash('sha256', `${previous}|${seq}|${at}|${cinemaId ?? ''}|${canonicalContent(entry)}`);
};

/** Returns the digest of a network address. Without its salt, nobody can find the address by trying all addresses. */
export const addressDigest = (salt: string, address: string): string => hash('sha256', `${salt}|${address}`);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, sorted(inner)]),
  );
}
