import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import type { UsherSocket } from '../../realtime/index.js';
import { SocketKeys } from '../sockets/socket-keys.service.js';
import { CallerChecks } from '../callers/caller-checks.service.js';
import type { KeyHolder } from '../api-keys/api-keys.service.js';
import { type KeyRule, keyRuleKey } from './key-rule.js';
import { type CallParts, KeyScopes } from './key-scopes.service.js';
import { requirePermission } from '../api-keys/permissions.js';

/**
 * Checks the API key or the operator of every call whose handler has a {@link KeyRule}, over REST and sockets. A call
 * without either passes, because other guards decide which calls need one.
 */
@Injectable()
export class KeyRuleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly callers: CallerChecks,
    private readonly socketKeys: SocketKeys,
    private readonly scopes: KeyScopes,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // Most calls have no key. They must cost as little as possible, so this method is not async.
    if (context.getType() === 'ws') {
      const holder = this.socketKeys.holderOf(context.switchToWs().getClient<UsherSocket>());
      if (!holder) return true;
      const call = { params: {}, query: {}, body: context.switchToWs().getData<unknown>() };
      return this.check(context, call, () => Promise.resolve(holder));
    }
    const request = context.switchToHttp().getRequest<Request>();
    if (!this.callers.hasCredential(request)) return true;
    return this.check(context, request, () => this.callers.holderOfCall(request));
  }

  private async check(
    context: ExecutionContext,
    call: CallParts,
    findHolder: () => Promise<KeyHolder | null>,
  ): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<KeyRule | undefined>(keyRuleKey, [
      context.getHandler(),
      context.getClass(),
    ]);
    // Handlers without a rule, such as the catalog's, ignore the key. A test lists all of them that name a place.
    if (!rule) return true;
    const holder = await findHolder();
    if (!holder) return true;
    if (rule.permission !== null) requirePermission(holder, rule.permission);
    await this.scopes.requireTarget(holder, rule.target, call);
    return true;
  }
}
