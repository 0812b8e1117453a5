import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request } from 'express';
import { DomainError } from '../../common/domain-error.js';
import { CONFIG, type Config } from '../../config/config.js';
import { ApiKeyChecks } from '../api-keys/api-key-checks.service.js';
import type { KeyHolder } from '../api-keys/api-keys.service.js';
import { hasPermission } from '../api-keys/permissions.js';
import { clientAddress } from '../../transport/client-address.js';
import { verifiedToken } from '../sessions/session.guard.js';
import { SessionTokens } from '../sessions/session-tokens.service.js';
import { MemoryLimiter } from '../../common/memory-limiter.js';

/**
 * Length of the window of each budget. A caller that sent nothing for a while may send the calls of two seconds at
 * once.
 */
const windowSeconds = 2;

/**
 * Limits REST calls and socket handshakes. Each node has its own counters.
 *
 * All calls from one address share a large budget, because a whole school or mobile carrier may use one address. In
 * addition, a call with a verified session counts against the budget of that session, and a call with a known API key
 * counts against the budget of that key. A call of a kiosk counts only against the budget of its key. Every other call
 * counts against a smaller budget, which all unverified callers of its address share. Budgets are stored only under texts that this node has verified or computed. So a caller can
 * neither choose its budget nor make this node store a long text.
 */
@Injectable()
export class CallLimits {
  private readonly logger = new Logger(CallLimits.name);
  private hasWarned = false;
  private readonly addresses: MemoryLimiter;
  private readonly strangers: MemoryLimiter;
  private readonly sessions: MemoryLimiter;
  private readonly apiKeys: MemoryLimiter;
  private readonly probes: MemoryLimiter;
  /** Requests that were counted: `address` if only for their address, `caller` if nothing is left to count. */
  private readonly counted = new WeakMap<IncomingMessage, 'address' | 'caller'>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly tokens: SessionTokens,
    private readonly keyChecks: ApiKeyChecks,
  ) {
    const limiter = (perSecond: number) =>
      new MemoryLimiter({ points: perSecond * windowSeconds, seconds: windowSeconds });
    this.addresses = limiter(config.addressCallsPerSecondMax);
    this.strangers = limiter(config.callsPerSecondMax);
    this.sessions = limiter(config.callsPerSecondMax);
    this.apiKeys = limiter(config.callsPerSecondMax);
    this.probes = limiter(config.callsPerSecondMax);
  }

  /**
   * Counts a health or metrics probe for its address. Probes have a separate budget. Otherwise many calls from the same
   * address could make a load balancer or an orchestrator believe that the node has died.
   *
   * @throws DomainError `RATE_LIMITED`
   */
  async countProbe(request: Request): Promise<void> {
    if (this.counted.has(request)) return;
    this.counted.set(request, 'caller');
    await this.take(this.probes, this.addressOf(request), 'probes from one address', this.config.callsPerSecondMax);
  }

  /**
   * Counts a request for its address, unless the request was counted before. A request with the key of a kiosk counts only
   * for the key, because a kiosk shares its address with the visitors of the foyer.
   *
   * @throws DomainError `RATE_LIMITED`
   */
  async countAddress(request: Request): Promise<void> {
    if (this.counted.has(request)) return;
    const holder = this.knownHolderOf(request);
    if (holder && hasPermission(holder, 'ownCallBudget')) {
      this.counted.set(request, 'caller');
      return this.countKey(holder);
    }
    this.counted.set(request, 'address');
    const { addressCallsPerSecondMax } = this.config;
    await this.take(this.addresses, this.addressOf(request), 'calls from one address', addressCallsPerSecondMax);
  }

  /**
   * Counts a call for its address and its caller, unless the call was counted before.
   *
   * @throws DomainError `RATE_LIMITED`
   */
  async countCall(request: Request): Promise<void> {
    await this.countAddress(request);
    if (this.counted.get(request) === 'caller') return;
    this.counted.set(request, 'caller');
    const verified = verifiedToken(request, this.tokens);
    if (verified) return this.countSession(verified.sessionId);
    const holder = this.knownHolderOf(request);
    return holder ? this.countKey(holder) : this.countStranger(this.addressOf(request));
  }

  /** Counts a call of a verified session. @throws DomainError `RATE_LIMITED` */
  countSession(sessionId: string): Promise<void> {
    return this.take(this.sessions, sessionId, 'calls of one session');
  }

  /** Counts a call of an unverified caller. @throws DomainError `RATE_LIMITED` */
  countStranger(address: string): Promise<void> {
    return this.take(this.strangers, address, 'calls without a session from one address');
  }

  private countKey({ keyId }: KeyHolder): Promise<void> {
    return this.take(this.apiKeys, keyId ?? 'settings', 'calls with one API key');
  }

  private knownHolderOf(request: IncomingMessage): KeyHolder | null {
    const key = request.headers['x-api-key'];
    return typeof key === 'string' ? this.keyChecks.knownHolder(key, this.addressOf(request)) : null;
  }

  /** Counts a new socket connection for its address. Returns false if the address has no budget left. */
  async takesConnection(request: IncomingMessage): Promise<boolean> {
    return (await this.addresses.take(this.addressOf(request))) === 0;
  }

  private addressOf(request: IncomingMessage): string {
    if (!this.hasWarned && this.config.proxyCount === 0 && 'x-forwarded-for' in request.headers) {
      this.hasWarned = true;
      this.logger.warn(
        'a request has X-Forwarded-For, but PROXIES is 0; if a proxy is in front of this node, all callers share the limits of one address',
      );
    }
    return clientAddress(request, this.config.proxyCount);
  }

  private async take(
    limiter: MemoryLimiter,
    key: string,
    subject: string,
    perSecond = this.config.callsPerSecondMax,
  ): Promise<void> {
    const retryAfterMs = await limiter.take(key);
    if (retryAfterMs === 0) return;
    throw new DomainError('RATE_LIMITED', `Too many ${subject}. The limit is ${perSecond} per second.`, {
      retryAfterMs,
    });
  }
}
