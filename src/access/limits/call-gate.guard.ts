import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { refusal } from '../../common/domain-error.js';
import { CallLimits } from './call-limits.service.js';
import { Overload } from '../overload/overload.js';
import { routePath } from '../../transport/route-path.js';

/**
 * Routes that an overloaded node serves too: probes and administration, because operators need them then; payment
 * webhooks and check-ins, because buyers have paid for them. They are not exempt from the limits of calls.
 */
const servedWhenOverloaded = /^\/(health|metrics|v1\/(admin|payments\/webhooks|tickets\/check-ins))(\/|$)/;

/** Guards every REST handler: applies the limits of calls, and refuses new work while the node is overloaded. */
@Injectable()
export class CallGate implements CanActivate {
  constructor(
    private readonly limits: CallLimits,
    private readonly overload: Overload,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Sockets have limits of their own.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<Request>();
    await this.limits.countCall(request);
    // The route and not the path of the request: a path has many spellings.
    if (servedWhenOverloaded.test(routePath(request))) return true;
    // A call that gives seats back makes room for others.
    const busy = request.method === 'DELETE' ? null : this.overload.refusal();
    if (busy) throw refusal(busy);
    return true;
  }
}
