import type { AuditEntry } from '@usher/contract';
import { toEpochMs } from '../database/sql-time.js';

/** A row of `audit_entry`. */
interface AuditRow extends Pick<
  AuditEntry,
  'seq' | 'action' | 'cinemaId' | 'address' | 'addressSalt' | 'addressDigest' | 'before' | 'after' | 'hash'
> {
  /** 0 if the act concerns no show. */
  readonly showId: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly actorKind: AuditEntry['actor']['kind'];
  readonly actorId: string | null;
  readonly actorName: string;
  readonly subjectKind: AuditEntry['subject']['kind'];
  readonly subjectId: string;
}

/** The columns of an {@link AuditRow}. */
export const auditColumns = `show_id as "showId", seq, ${toEpochMs('at')} as at, action, actor_kind as "actorKind",
  actor_id as "actorId", actor_name as "actorName", subject_kind as "subjectKind", subject_id as "subjectId",
  cinema_id as "cinemaId", address, address_salt as "addressSalt", address_digest as "addressDigest", before, after, hash`;

/** Converts a row to the form that clients and the verification read. */
export function toAuditEntry(row: AuditRow): AuditEntry {
  const { showId, at, actorKind, actorId, actorName, subjectKind, subjectId, ...rest } = row;
  return {
    showId: showId === 0 ? null : showId,
    at: new Date(at).toISOString(),
    actor: { kind: actorKind, id: actorId, name: actorName },
    subject: { kind: subjectKind, id: subjectId },
    ...rest,
  };
}

export type { AuditRow };
