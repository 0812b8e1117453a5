import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Role } from '@usher/contract';
import type { Request } from 'express';
import { DomainError } from '../../common/domain-error.js';
import { ApiKeyChecks, requireRole } from './api-key-checks.service.js';
import type { KeyHolder } from './api-keys.service.js';

const holders = new WeakMap<Request, KeyHolder>();

/** Lets a REST call through whose `X-Api-Key` has a role. */
@Injectable()
abstract class RoleGuard implements CanActivate {
  protected abstract readonly role: Role;

  constructor(private readonly keyChecks: ApiKeyChecks) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const holder = await this.keyChecks.holderOfCall(request);
    if (!holder) throw new DomainError('UNAUTHENTICATED', 'An API key is needed: send it as X-Api-Key.', {});
    requireRole(holder, this.role);
    holders.set(request, holder);
    return true;
  }
}

/** For what runs the programme and the keys. */
@Injectable()
export class AdminKeyGuard extends RoleGuard {
  protected readonly role = 'admin';
}

/** For what is done for any buyer. */
@Injectable()
export class StaffKeyGuard extends RoleGuard {
  protected readonly role = 'staff';
}

/** For what lets people in. */
@Injectable()
export class GateKeyGuard extends RoleGuard {
  protected readonly role = 'gate';
}

/** For what partners' servers do. */
@Injectable()
export class PartnerKeyGuard extends RoleGuard {
  protected readonly role = 'partner';
}

/** Who made a call, where one of these guards let it through. */
export const keyHolderOf = (request: Request): KeyHolder | null => holders.get(request) ?? null;

/** Who made a call that one of these guards let through. */
export const KeyHolderOf = createParamDecorator((_: unknown, context: ExecutionContext): KeyHolder => {
  const holder = holders.get(context.switchToHttp().getRequest<Request>());
  if (!holder) throw new Error('no guard has asked for an API key');
  return holder;
});
