import type { AuditEntry } from '@usher/contract';

/** Who submits a command, and from which network address, as the audit trail names them. */
export type AuditCaller = Readonly<Pick<AuditEntry, 'actor' | 'address'>>;

/** A command that the audit trail records if it changes the show. Without `audit`, nothing is recorded. */
export interface Audited {
  readonly audit?: AuditCaller;
}

/** An act on a show, for the audit trail. The transaction of the act writes it. */
export interface ShowAuditRecord extends Pick<AuditEntry, 'action' | 'subject' | 'before' | 'after'> {
  readonly caller: AuditCaller;
  readonly showId: number;
}
