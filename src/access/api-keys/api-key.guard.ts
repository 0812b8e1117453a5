import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Role } from '@usher/contract';
import type { Request } from 'express';
import { DomainError } from '../../common/domain-error.js';
import { rememberAuditCaller } from '../audit/audit-caller.js';
import { ApiKeyChecks, requireRole } from './api-key-checks.service.js';
import type { KeyHolder } from './api-keys.service.js';

const holders = new WeakMap<Request, KeyHolder>();

/** Admits REST calls whose `X-Api-Key` has the required role. */
@Injectable()
abstract class RoleGuard implements CanActivate {
  protected abstract readonly role: Role;

  constructor(private readonly keyChecks: ApiKeyChecks) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const holder = await this.keyChecks.holderOfCall(request);
    if (!holder) throw new DomainError('UNAUTHENTICATED', 'This call needs an API key in the header X-Api-Key.', {});
    requireRole(holder, this.role);
    holders.set(request, holder);
    rememberAuditCaller(request, this.keyChecks.auditCallerOf(request, holder));
    return true;
  }
}

/** Guards the administration of the catalog, the shows and the API keys. */
@Injectable()
export class AdminKeyGuard extends RoleGuard {
  protected readonly role = 'admin';
}

/** Guards actions that staff perform for buyers. */
@Injectable()
export class StaffKeyGuard extends RoleGuard {
  protected readonly role = 'staff';
}

/** Guards check-in at the door. */
@Injectable()
export class GateKeyGuard extends RoleGuard {
  protected readonly role = 'gate';
}

/** Guards the calls of partners' servers. */
@Injectable()
export class PartnerKeyGuard extends RoleGuard {
  protected readonly role = 'partner';
}

/** Returns the key holder of a request if one of these guards admitted the request, otherwise null. */
export const keyHolderOf = (request: Request): KeyHolder | null => holders.get(request) ?? null;

/** Injects the key holder of a call that one of these guards admitted. */
export const KeyHolderOf = createParamDecorator((_: unknown, context: ExecutionContext): KeyHolder => {
  const holder = holders.get(context.switchToHttp().getRequest<Request>());
  if (!holder) throw new Error('this handler needs a guard that checks the API key');
  return holder;
});
