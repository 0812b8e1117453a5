/** The public entry point of `src/access`. */
export { AccessModule } from './access.module.js';
export { ApiKeyChecks, requireRole } from './api-keys/api-key-checks.service.js';
export { ApiKeyRow } from './api-keys/api-key.entity.js';
export {
  AdminKeyGuard,
  GateKeyGuard,
  keyHolderOf,
  KeyHolderOf,
  PartnerKeyGuard,
  StaffKeyGuard,
} from './api-keys/api-key.guard.js';
export { ApiKeys, digestOfKey, type KeyHolder } from './api-keys/api-keys.service.js';
export {
  appendAuditEntry,
  appendAuditEntryByOrm,
  auditExpressions,
  type AuditRecord,
  auditStatement,
  auditValues,
} from './audit/append-audit-entry.js';
export { type AuditCaller, AuditCallerOf, buyerCaller, systemCaller } from './audit/audit-caller.js';
export { AuditEntryRow } from './audit/audit-entry.entity.js';
export { changedFields } from './audit/changed-fields.js';
export { addressDigest, auditChainStart, auditHash } from './audit/audit-hash.js';
export { AuditHeadRow } from './audit/audit-head.entity.js';
export { type BookingCaller, BookingCallerGuard, CallerOfBooking } from './booking-access/booking-caller.guard.js';
export { type BookingLink, BookingLinks, linkRefused } from './booking-access/booking-links.service.js';
export { IdempotencyKey, idempotencyKeyOf } from './idempotency/idempotency-key.decorator.js';
export { IdempotencyKeyRow } from './idempotency/idempotency-key.entity.js';
export { Idempotent } from './idempotency/idempotent.interceptor.js';
export { isTakenOver, once, onceByOrm } from './idempotency/once.js';
export { CallLimits } from './limits/call-limits.service.js';
export { countRequests } from './limits/count-requests.js';
export {
  bearerToken,
  OptionalSessionGuard,
  OptionalSessionId,
  SessionGuard,
  SessionId,
} from './sessions/session.guard.js';
export { SessionTokens } from './sessions/session-tokens.service.js';
