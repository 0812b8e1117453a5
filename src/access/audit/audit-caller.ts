import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuditEntry } from '@usher/contract';
import type { Request } from 'express';

/** Who acts, and from which network address. The audit trail names both. */
export type AuditCaller = Readonly<Pick<AuditEntry, 'actor' | 'address'>>;

const callers = new WeakMap<Request, AuditCaller>();

/** Remembers the caller of a request. The guard that admits the request calls this function. */
export const rememberAuditCaller = (request: Request, caller: AuditCaller): void => void callers.set(request, caller);

/** Injects the caller of a request that a guard admitted by its API key. */
export const AuditCallerOf = createParamDecorator((_: unknown, context: ExecutionContext): AuditCaller => {
  const caller = callers.get(context.switchToHttp().getRequest<Request>());
  if (!caller) throw new Error('this handler needs a guard that checks the API key');
  return caller;
});

/**
 * The caller of an act that a buyer performs. The trail names no buyer, because its entries cannot be erased with the
 * buyer's data.
 */
export const buyerCaller: AuditCaller = { actor: { kind: 'buyer', id: null, name: 'buyer' }, address: null };

/** Returns the caller of an act that a part of the service performs. */
export const systemCaller = (name: string): AuditCaller => ({
  actor: { kind: 'system', id: null, name },
  address: null,
});
