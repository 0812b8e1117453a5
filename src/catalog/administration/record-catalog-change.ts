import type { EntityManager } from '@mikro-orm/postgresql';
import type { AuditAction, AuditSubject } from '@usher/contract';
import { appendAuditEntryByOrm, type AuditCaller, changedFields } from '../../access/index.js';

/** A change to one object of the catalog, as the audit trail records it. */
interface CatalogChange {
  readonly caller: AuditCaller;
  readonly action: AuditAction;
  readonly kind: AuditSubject['kind'];
  readonly id: number;
  /** The cinema that the object belongs to; null if it belongs to no single cinema. */
  readonly cinemaId?: number | null;
  /** Null for a new object. */
  readonly before: object | null;
  readonly after: object;
}

/** Writes the pending changes of a transaction and records them in the audit trail. Records nothing if nothing changed. */
export async function recordCatalogChange(
  em: EntityManager,
  { caller, action, kind, id, cinemaId = null, before, after }: CatalogChange,
): Promise<void> {
  await em.flush();
  const changed = changedFields(before, after);
  if (!changed) return;
  const showId = kind === 'show' ? id : null;
  await appendAuditEntryByOrm(em, { caller, action, showId, cinemaId, subject: { kind, id: String(id) }, ...changed });
}
