import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { DomainError } from '../../common/domain-error.js';
import type { KeyHolder } from '../api-keys/api-keys.service.js';
import { rememberAuditCaller } from '../audit/audit-caller.js';
import { CallerChecks } from '../callers/caller-checks.service.js';
import { keyRuleKey } from './key-rule.js';
import { type Permission, requirePermission } from '../api-keys/permissions.js';

const credentialNeeded = 'This call needs an API key in the header X-Api-Key, or an operator who has signed in.';

const holders = new WeakMap<Request, KeyHolder>();

/**
 * Admits REST calls whose `X-Api-Key` or operator has the required permission. The handler must have a `KeyScoped` rule,
 * because `KeyRuleGuard` can check the scope only if the rule says what the call concerns.
 */
@Injectable()
export abstract class PermissionGuard implements CanActivate {
  protected abstract readonly permission: Permission;

  constructor(
    private readonly callers: CallerChecks,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<unknown>(keyRuleKey, [handler, controller]) === undefined) {
      throw new Error(`${controller.name}.${handler.name} does not state the scope that its API key needs`);
    }
    const request = context.switchToHttp().getRequest<Request>();
    const holder = await this.callers.holderOfCall(request);
    if (!holder) throw new DomainError('UNAUTHENTICATED', credentialNeeded, {});
    requirePermission(holder, this.permission);
    holders.set(request, holder);
    rememberAuditCaller(request, this.callers.auditCallerOf(request, holder));
    return true;
  }
}

/** Guards the administration of the catalog, the shows and the API keys. */
@Injectable()
export class AdminKeyGuard extends PermissionGuard {
  protected readonly permission = 'administer';
}

/** Guards check-in at the door. */
@Injectable()
export class GateKeyGuard extends PermissionGuard {
  protected readonly permission = 'checkIn';
}

/** Guards the webhooks of partners. Each webhook belongs to an API key, so this guard refuses operators. */
@Injectable()
export class PartnerKeyGuard extends PermissionGuard {
  protected readonly permission = 'receiveWebhooks';

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    await super.canActivate(context);
    if (holders.get(context.switchToHttp().getRequest<Request>())?.operator) {
      throw new DomainError('FORBIDDEN', 'Webhooks belong to an API key, so an operator cannot manage them.', {});
    }
    return true;
  }
}

/** Guards the risk cases and the release of patterns. */
@Injectable()
export class RiskKeyGuard extends PermissionGuard {
  protected readonly permission = 'manageRisk';
}

/** Returns the key holder or the operator of a request if one of these guards admitted the request, otherwise null. */
export const keyHolderOf = (request: Request): KeyHolder | null => holders.get(request) ?? null;

/** Injects the key holder or the operator of a call that one of these guards admitted. */
export const KeyHolderOf = createParamDecorator((_: unknown, context: ExecutionContext): KeyHolder => {
  const holder = holders.get(context.switchToHttp().getRequest<Request>());
  if (!holder) throw new Error('this handler needs a guard that checks the API key');
  return holder;
});
