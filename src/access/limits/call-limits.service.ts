import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Request } from 'express';
import { CONFIG, type Config } from '../../config/config.js';
import type { KeyHolder } from '../api-keys/api-keys.service.js';
import { hasPermission } from '../api-keys/permissions.js';
import { CallerChecks } from '../callers/caller-checks.service.js';
import { clientAddress } from '../../transport/client-address.js';
import { verifiedToken } from '../sessions/session.guard.js';
import { SessionTokens } from '../sessions/session-tokens.service.js';
import { CallBudget, type CountedRequest } from './call-budget.js';
import { bodyBytesPerPoint, callCosts, type CallKind } from './call-costs.js';
import { SharedLimiters } from '../budgets/shared-limiters.service.js';

/** A budget from which a request took points, with its key. */
interface Charge {
  readonly budget: CallBudget;
  readonly key: string;
}

/**
 * Limits REST calls and socket handshakes. All nodes share the budgets, if the installation has a Redis.
 *
 * A call takes points from each of its budgets: one for itself, further ones for a large body, and further ones for the kind
 * of the call ({@link callCosts}).
 *
 * All calls from one address share a large budget, because a whole school or mobile carrier may use one address. In
 * addition, a call with a verified session counts against the budget of that session, and a call with a known API key or
 * a known operator counts against the budget of that key or person. A call of a kiosk counts only against the budget of its key. Every other call
 * counts against a smaller budget, which all unverified callers of its address share. Budgets are stored only under texts
 * that this node has verified or computed. So a caller can neither choose its budget nor make this node store a long
 * text. The headers of an answer show the budget that was counted last, which is the most specific one.
 */
@Injectable()
export class CallLimits {
  private readonly logger = new Logger(CallLimits.name);
  private hasWarned = false;
  private readonly addresses: CallBudget;
  private readonly strangers: CallBudget;
  private readonly sessions: CallBudget;
  private readonly apiKeys: CallBudget;
  private readonly operators: CallBudget;
  private readonly probes: CallBudget;
  /** Requests that were counted: `address` if only for their address, `caller` if nothing is left to count. */
  private readonly counted = new WeakMap<IncomingMessage, 'address' | 'caller'>();
  /** The budgets from which counted requests took points. */
  private readonly charges = new WeakMap<IncomingMessage, Charge[]>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly tokens: SessionTokens,
    private readonly callers: CallerChecks,
    limiters: SharedLimiters,
  ) {
    const budget = (name: string, subject: string, perSecond = config.callsPerSecondMax) =>
      new CallBudget({ name, subject, perSecond }, limiters);
    this.addresses = budget('address', 'calls from one address', config.addressCallsPerSecondMax);
    this.strangers = budget('anonymous', 'calls without a session from one address');
    this.sessions = budget('session', 'calls of one session');
    this.apiKeys = budget('key', 'calls with one API key');
    this.operators = budget('operator', 'calls of one operator');
    this.probes = budget('probes', 'probes from one address');
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
    await this.probes.take(this.addressOf(request), 1, request);
  }

  /**
   * Counts a request for its address, unless the request was counted before. A request with the key of a kiosk counts only
   * for the key, because a kiosk shares its address with the visitors of the foyer.
   *
   * @throws DomainError `RATE_LIMITED`
   */
  async countAddress(request: Request): Promise<void> {
    if (this.counted.has(request)) return;
    const holder = this.callers.knownHolder(request);
    if (holder && hasPermission(holder, 'ownCallBudget')) {
      this.counted.set(request, 'caller');
      return this.countHolder(holder, request);
    }
    this.counted.set(request, 'address');
    await this.countFor(request, this.addresses, this.addressOf(request));
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
    if (verified) return this.countFor(request, this.sessions, verified.sessionId);
    const holder = this.callers.knownHolder(request);
    return holder ? this.countHolder(holder, request) : this.countFor(request, this.strangers, this.addressOf(request));
  }

  /**
   * Takes the points of an expensive call from the budgets for which the call was counted. The call itself has taken a
   * point already.
   *
   * @throws DomainError `RATE_LIMITED`
   */
  async charge(request: CountedRequest, kind: CallKind): Promise<void> {
    await this.take(request, callCosts[kind]);
  }

  /** Takes the points of a body whose length was not known before. @throws DomainError `RATE_LIMITED` */
  async chargeBody(request: CountedRequest, bytes: number): Promise<void> {
    await this.take(request, Math.floor(bytes / bodyBytesPerPoint));
  }

  private async take(request: CountedRequest, points: number): Promise<void> {
    if (points === 0) return;
    for (const { budget, key } of this.charges.get(request) ?? []) await budget.take(key, points, request);
  }

  /** Counts a handshake or a SOAP call of a verified session. @throws DomainError `RATE_LIMITED` */
  countSession(sessionId: string): Promise<void> {
    return this.sessions.take(sessionId);
  }

  /** Counts a handshake of an unverified caller. @throws DomainError `RATE_LIMITED` */
  countStranger(address: string): Promise<void> {
    return this.strangers.take(address);
  }

  private countHolder({ keyId, operator }: KeyHolder, request: Request): Promise<void> {
    if (operator) return this.countFor(request, this.operators, operator.personId);
    return this.countFor(request, this.apiKeys, keyId ?? 'settings');
  }

  private async countFor(request: Request, budget: CallBudget, key: string): Promise<void> {
    const charges = this.charges.get(request) ?? [];
    charges.push({ budget, key });
    this.charges.set(request, charges);
    await budget.take(key, 1 + bodyPoints(request), request);
  }

  /** Counts a new socket connection for its address. Returns false if the address has no budget left. */
  takesConnection(request: IncomingMessage): Promise<boolean> {
    return this.addresses.tryTake(this.addressOf(request));
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
}

/** Returns the points for reading the body of a request, as far as its length is known. */
const bodyPoints = ({ headers }: Request): number =>
  Math.floor(Number(headers['content-length'] ?? 0) / bodyBytesPerPoint);
