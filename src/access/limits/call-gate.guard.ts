import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { toDomainError } from '../../common/domain-error.js';
import { callKindKey, type CallKind } from './call-costs.js';
import { CallLimits } from './call-limits.service.js';
import { Overload } from '../overload/overload.js';
import { routePath } from '../../transport/route-path.js';

/**
 * Routes that an overloaded node still serves. Operators need probes, administration and the sign-in during an overload. Payment
 * webhooks and check-ins concern buyers who have already paid. The call limits still apply to these routes.
 */
const servedWhenOverloaded = /^\/(health|metrics|v1\/(admin|operators|payments\/webhooks|tickets\/check-ins))(\/|$)/;

/** Guards every REST handler: applies the call limits, charges expensive calls, and refuses new work while the node is overloaded. */
@Injectable()
export class CallGate implements CanActivate {
  constructor(
    private readonly limits: CallLimits,
    private readonly overload: Overload,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Sockets have their own limits.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<Request>();
    await this.limits.countCall(request);
    const kind = this.reflector.get<CallKind | undefined>(callKindKey, context.getHandler());
    if (kind !== undefined) await this.limits.charge(request, kind);
    // The check uses the matched route and not the path of the request, because one path can be spelled in many ways.
    if (servedWhenOverloaded.test(routePath(request))) return true;
    // DELETE calls give seats back, so they are always admitted.
    const refused = request.method === 'DELETE' ? null : this.overload.refusal();
    if (refused) throw toDomainError(refused);
    return true;
  }
}
