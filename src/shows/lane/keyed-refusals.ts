import type { ErrorBody, ErrorCode } from '@usher/contract';
import { LRUCache } from 'lru-cache';
import { toDomainError } from '../../common/domain-error.js';
import type { UsedKey } from '../core/model/booking-record.js';
import type { Outcome } from '../core/commands/command.js';
import { keyReused } from '../core/draft/refusals.js';

/** Refusals that a node remembers, and for how long. */
const remembered = { max: 50_000, ttl: 10 * 60 * 1000 };

/** Refusals that say nothing about what the same call is answered next. */
const passing = new Set<ErrorCode>(['KEY_REUSED', 'BUSY']);

/** A call with an idempotency key. */
export interface KeyedCall {
  readonly showId: number;
  readonly sessionId: string;
  readonly usedKey: UsedKey;
}

const nameOf = ({ showId, sessionId, usedKey }: KeyedCall): string => `${sessionId} ${showId} ${usedKey.key}`;

/**
 * Remembers refusals by idempotency key, so that a key that is sent again is refused in the same words. They are only in
 * this node's memory: a refusal did nothing, and writing it down would let every caller at a full show cost its lane a
 * commit.
 */
export class KeyedRefusals {
  private readonly refused = new LRUCache<string, { readonly bodyHash: string; readonly error: ErrorBody }>(remembered);

  /** @throws DomainError the refusal that the same call got before, or `KEY_REUSED` */
  throwAgain(call: KeyedCall): void {
    const before = this.refused.get(nameOf(call));
    if (before) throw toDomainError(before.bodyHash === call.usedKey.bodyHash ? before.error : keyReused());
  }

  /** Remembers the outcome of a call if it is a refusal. */
  remember(call: KeyedCall, outcome: Outcome): void {
    if (outcome.type !== 'refused') this.refused.delete(nameOf(call));
    else if (!passing.has(outcome.error.code)) {
      this.refused.set(nameOf(call), { bodyHash: call.usedKey.bodyHash, error: outcome.error });
    }
  }
}
