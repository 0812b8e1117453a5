import type { ErrorBody, ErrorCode } from '@usher/contract';
import { createBoundedCache } from '../../common/bounded-cache.js';
import { toDomainError } from '../../common/domain-error.js';
import type { UsedKey } from '../core/model/booking-record.js';
import type { Outcome } from '../core/commands/command.js';
import { keyReused } from '../core/draft/refusals.js';

/** Maximum number of refusals that a node remembers. */
const refusalsMax = 50_000;
/** How long a node remembers a refusal. */
const refusalLifeMs = 10 * 60 * 1000;

interface Refusal {
  readonly bodyHash: string;
  readonly error: ErrorBody;
}

/** Codes of refusals that are not remembered, so that a repeated call is decided anew. */
const temporaryCodes = new Set<ErrorCode>(['KEY_REUSED', 'BUSY', 'CHALLENGE_REQUIRED', 'CODE_REQUIRED']);

/** A call with an idempotency key. */
export interface KeyedCall {
  readonly showId: number;
  readonly sessionId: string;
  readonly usedKey: UsedKey;
}

const nameOf = ({ showId, sessionId, usedKey }: KeyedCall): string => `${sessionId} ${showId} ${usedKey.key}`;

/**
 * Remembers refusals by idempotency key, so that a repeated call gets the same refusal. Refusals are kept only in the
 * memory of this node. If they were written to a table, every refused caller of a full show would cost a commit,
 * although a refusal changes nothing.
 */
export class KeyedRefusals {
  private readonly refused = createBoundedCache<string, Refusal>(refusalsMax, refusalLifeMs);

  /** @throws DomainError the earlier refusal of the same call; `KEY_REUSED` if the key came with a different body */
  throwAgain(call: KeyedCall): void {
    const before = this.refused.get(nameOf(call));
    if (before) throw toDomainError(before.bodyHash === call.usedKey.bodyHash ? before.error : keyReused());
  }

  /** Remembers the outcome of a call if the outcome is a refusal. */
  remember(call: KeyedCall, outcome: Outcome): void {
    if (outcome.type !== 'refused') this.refused.delete(nameOf(call));
    else if (!temporaryCodes.has(outcome.error.code)) {
      this.refused.set(nameOf(call), { bodyHash: call.usedKey.bodyHash, error: outcome.error });
    }
  }
}
