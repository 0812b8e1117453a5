import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { AdmissionConflict, CheckIn, Page } from '@usher/contract';
import type { Pool } from 'pg';
import { type AuditCaller, auditExpressions, type AuditRecord, auditValues } from '../../access/index.js';
import { createId } from '../../common/ids.js';
import { PG_POOL } from '../../database/pg-pool.js';
import { toIso, toIsoOrNull, toEpochMs } from '../../database/sql-time.js';

/** An admission by a gate that had no network, and the server's later answer, which is not `admitted`. */
export interface ConflictingAdmission {
  readonly showId: number;
  readonly code: string;
  readonly key: string;
  /** When the gate admitted the person, by the gate's clock. */
  readonly at: Date;
  readonly gate: string;
  readonly answer: CheckIn;
  /** The gate's key and address, for the audit trail. */
  readonly caller: AuditCaller;
}

interface ConflictRow extends Omit<AdmissionConflict, 'at' | 'usedAt' | 'recordedAt'> {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly usedAt: number | null;
  readonly recordedAt: number;
}

/** Records double admissions and other conflicts of gates that had no network. Staff can list the records. */
@Injectable()
export class AdmissionConflicts {
  constructor(@Inject(PG_POOL) private readonly pool: Pool) {}

  /** Records one conflict. If a gate reports the same admission again, no second row is added. */
  async record({ showId, code, key, at, gate, answer, caller }: ConflictingAdmission): Promise<void> {
    const { result, ticket, usedAt, gate: usedGate } = answer;
    const fingerprint = createHash('sha256')
      .update(`${ticket?.ticketId ?? code}\n${key}`)
      .digest('hex');
    const conflictId = createId();
    const record: AuditRecord = {
      caller,
      action: 'ticket.conflict',
      showId,
      subject: { kind: 'ticket', id: ticket?.ticketId ?? 'unknown' },
      before: null,
      after: { conflictId, result, gate, admittedAt: at.toISOString() },
    };
    await this.pool.query(
      `with recorded as (
         insert into admission_conflict (show_id, conflict_id, fingerprint, ticket_id, label, result, admitted_at, gate,
           used_at, used_gate)
         select id, $2, $3, $4, $5, $6, $7, $8, $9, $10 from show where id = $1::bigint
         on conflict (show_id, fingerprint) do nothing returning show_id
       ), ${auditExpressions(11, 'from recorded')}
       select`,
      [
        showId,
        conflictId,
        fingerprint,
        ticket?.ticketId,
        ticket?.label,
        result,
        at,
        gate,
        usedAt,
        usedGate,
        ...auditValues(record),
      ],
    );
  }

  /** Returns the conflicts of a show, newest first. @param cursor id of the last conflict of the previous page */
  async list(showId: number, limit: number, cursor: string | null): Promise<Page<AdmissionConflict>> {
    const { rows } = await this.pool.query<ConflictRow>(
      `select conflict_id as "conflictId", show_id as "showId", ticket_id as "ticketId", label, result,
         ${toEpochMs('admitted_at')} as at, gate, ${toEpochMs('used_at')} as "usedAt", used_gate as "usedGate",
         ${toEpochMs('recorded_at')} as "recordedAt"
       from admission_conflict
       where show_id = $1 and ($2::uuid is null or conflict_id < $2)
       order by conflict_id desc limit $3`,
      [showId, cursor, limit + 1],
    );
    const items = rows.slice(0, limit).map(({ at, usedAt, recordedAt, ...row }) => ({
      ...row,
      at: toIso(at),
      usedAt: toIsoOrNull(usedAt),
      recordedAt: toIso(recordedAt),
    }));
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.conflictId ?? null) : null };
  }
}
