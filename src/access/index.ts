/** The public entry point of `src/access`. */
export { AccessModule } from './access.module.js';
export { ApiKeyChecks } from './api-keys/api-key-checks.service.js';
export { ApiKeyRow } from './api-keys/api-key.entity.js';
export {
  AdminKeyGuard,
  GateKeyGuard,
  keyHolderOf,
  KeyHolderOf,
  PartnerKeyGuard,
  PermissionGuard,
  RiskKeyGuard,
} from './key-guards/api-key.guard.js';
export { ApiKeys, digestOfKey, isLiveKey, keyCinemas, type KeyHolder } from './api-keys/api-keys.service.js';
export { type KeyRule, keyRuleKey, KeyScoped, SellerScoped } from './key-guards/key-rule.js';
export { isWithin, type KeyScope, scopeCondition } from './api-keys/key-scope.js';
export { KeyScopes } from './key-guards/key-scopes.service.js';
export { hasPermission, requirePermission, rolePermissions } from './api-keys/permissions.js';
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
export {
  type BookingCaller,
  BookingCallerGuard,
  CallerOfBooking,
  taskOwnerOf,
} from './booking-access/booking-caller.guard.js';
export { type BookingLink, BookingLinks, linkRefused } from './booking-access/booking-links.service.js';
export { IdempotencyKey, idempotencyKeyOf } from './idempotency/idempotency-key.decorator.js';
export { IdempotencyKeyRow } from './idempotency/idempotency-key.entity.js';
export { IdempotencyKeys } from './idempotency/idempotency-keys.service.js';
export { Idempotent } from './idempotency/idempotent.interceptor.js';
export { isTakenOver, once, onceByOrm } from './idempotency/once.js';
export type { Buyer } from './buyers/buyer.js';
export { BuyerSources } from './buyers/buyer-sources.service.js';
export { CallerChecks } from './callers/caller-checks.service.js';
export { CallCost } from './limits/call-costs.js';
export type { SharedLimiter } from './budgets/shared-limiter.js';
export { SharedLimiters } from './budgets/shared-limiters.service.js';
export { CallTurns } from './limits/call-turns.service.js';
export { SharedAnswers } from './limits/shared-answers.service.js';
export { CallLimits } from './limits/call-limits.service.js';
export { countRequests } from './limits/count-requests.js';
export { readBodies } from './limits/read-bodies.js';
export { OperatorSessionRow } from './operators/operator-session.entity.js';
export {
  bearerToken,
  OptionalSessionGuard,
  OptionalSessionId,
  SessionGuard,
  SessionId,
} from './sessions/session.guard.js';
export { SESSION_KEYS, type SessionKeys } from './sessions/session-keys.js';
export { SessionTokens } from './sessions/session-tokens.service.js';
export { SocketKeys } from './sockets/socket-keys.service.js';
