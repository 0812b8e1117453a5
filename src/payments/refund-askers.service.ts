import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import { ApiKeys } from '../realtime/api-keys/api-keys.service.js';
import { unauthenticated } from '../realtime/session-tokens.service.js';
import type { RefundAsker } from './refunds.service.js';

/** Says for whom a refund is asked: staff by their API key, else the buyer by the session. */
@Injectable()
export class RefundAskers {
  constructor(private readonly keys: ApiKeys) {}

  /**
   * A key that is not staff's, a kiosk's for instance, takes nothing from the session that comes with it.
   *
   * @throws DomainError `FORBIDDEN` for a key that is none or may not refund, `UNAUTHENTICATED` with neither key nor session
   */
  async asker(sessionId: string | null, apiKey: string | undefined): Promise<RefundAsker> {
    const holder = apiKey === undefined ? null : await this.keys.holderOf(apiKey);
    if (holder?.roles.includes('staff')) return { by: 'staff' };
    const isKeyGood = apiKey === undefined || holder !== null;
    if (sessionId !== null && isKeyGood) return { by: 'buyer', sessionId };
    if (apiKey === undefined) throw unauthenticated();
    throw new DomainError('FORBIDDEN', 'This API key has not the role staff.', {});
  }
}
