import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { LRUCache } from 'lru-cache';
import { DomainError, refusal } from '../common/domain-error.js';
import { TokenBucket } from '../common/token-bucket.js';
import { CONFIG, type Config } from '../config/config.js';
import { clientAddress } from './client-address.js';
import { Overload } from './overload.js';

/** Callers that a node remembers; one that is forgotten begins with a full share. */
const callersMax = 100_000;

/** Asked by those who run the service, or already paid for: served also by a node that refuses what is new. */
const alwaysServed = /^\/(health|metrics|v1\/(admin|payments\/webhooks|tickets\/check-ins))\b/;

/** Before every REST call: each caller has its share, and a node past what it can do says so at once. */
@Injectable()
export class CallGate implements CanActivate {
  private readonly callers = new LRUCache<string, TokenBucket>({ max: callersMax });

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly overload: Overload,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    // Sockets have limits of their own.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<Request>();
    if (alwaysServed.test(request.path)) return true;
    this.limit(request);
    // What gives seats back makes room for others.
    const busy = request.method === 'DELETE' ? null : this.overload.refusal();
    if (busy) throw refusal(busy);
    return true;
  }

  private limit(request: Request): void {
    const { authorization } = request.headers;
    // What anybody may read is cached on the way, and a partner's server reads it for thousands.
    if (authorization === undefined && request.method === 'GET') return;
    // A token is a share of one's own; to get one costs a call of the address.
    const caller = authorization ?? clientAddress(request, this.config.proxies);
    const { callsPerSecondMax: max } = this.config;
    const bucket = this.callers.get(caller) ?? new TokenBucket(max, 2 * max);
    this.callers.set(caller, bucket);
    const retryAfterMs = bucket.take();
    if (retryAfterMs === 0) return;
    const detail = `More than ${max} calls a second of one session or address.`;
    throw new DomainError('RATE_LIMITED', detail, { retryAfterMs });
  }
}
