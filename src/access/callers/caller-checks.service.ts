import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { clientAddress } from '../../transport/client-address.js';
import { ApiKeyChecks } from '../api-keys/api-key-checks.service.js';
import type { KeyHolder } from '../api-keys/api-keys.service.js';
import type { AuditCaller } from '../audit/audit-caller.js';
import { OperatorChecks } from '../operators/operator-checks.service.js';

/** Finds out for whom a REST call acts: for the holder of an API key, or for an operator who has signed in. */
@Injectable()
export class CallerChecks {
  private readonly holders = new WeakMap<IncomingMessage, Promise<KeyHolder>>();

  constructor(
    private readonly keyChecks: ApiKeyChecks,
    private readonly operatorChecks: OperatorChecks,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Returns true if a call has an API key, or the cookie of an operator for whom it acts. */
  hasCredential(request: IncomingMessage): boolean {
    return request.headers['x-api-key'] !== undefined || this.operatorChecks.tokenOfCall(request) !== null;
  }

  /**
   * Returns the holder of a call's API key, or otherwise the operator for whom the call acts. Returns null if it has
   * neither. The credential of each call is checked only once.
   *
   * @throws DomainError `UNAUTHENTICATED`, `FORBIDDEN` or `RATE_LIMITED`, see `ApiKeyChecks` and `OperatorChecks`
   */
  async holderOfCall(request: IncomingMessage): Promise<KeyHolder | null> {
    const known = this.holders.get(request) ?? this.findHolder(request);
    if (known === null) return null;
    this.holders.set(request, known);
    return known;
  }

  /** Returns the holder of a call if a guard has checked the credential of the call, otherwise null. */
  async checkedHolder(request: IncomingMessage): Promise<KeyHolder | null> {
    return (await this.holders.get(request)) ?? null;
  }

  /**
   * Returns the holder of a call as it was when the same credential was last checked, or null. Makes no query, so use it
   * only to choose a call budget.
   */
  knownHolder(request: IncomingMessage): KeyHolder | null {
    const key = request.headers['x-api-key'];
    if (key !== undefined)
      return typeof key === 'string' ? this.keyChecks.knownHolder(key, this.addressOf(request)) : null;
    const token = this.operatorChecks.tokenOfCall(request);
    return token === null ? null : this.operatorChecks.knownHolder(token);
  }

  /** Returns the holder of a call as the audit trail names it, with the network address of the call. */
  auditCallerOf(request: IncomingMessage, { keyId, operator, name }: KeyHolder): AuditCaller {
    const address = this.addressOf(request);
    if (operator) return { actor: { kind: 'person', id: operator.personId, name: name.slice(0, 200) }, address };
    return { actor: { kind: keyId === null ? 'setting' : 'key', id: keyId, name }, address };
  }

  private findHolder(request: IncomingMessage): Promise<KeyHolder> | null {
    const key = request.headers['x-api-key'];
    if (key !== undefined) return this.keyChecks.holderOf(String(key), this.addressOf(request));
    const token = this.operatorChecks.tokenOfCall(request);
    return token === null ? null : this.operatorChecks.holderOfCall(request, token);
  }

  private addressOf(request: IncomingMessage): string {
    return clientAddress(request, this.config.proxyCount);
  }
}
