import { setTimeout as delay } from 'node:timers/promises';
import { isSamePosition, type LogEntry } from '../core/log/log-entry.js';
import type { CommitInDoubtError, ShowStore, ShowTransaction } from '../store/show-store.js';
import type { Origins } from './show-advance.js';
import type { ShowMemory } from './show-memory.js';

/** Maximum number of attempts to find out whether a commit happened, and the pause between two attempts. */
const attemptsMax = 20;
const retryPauseMs = 250;

/** The database did not become available in time, so it is unknown whether a commit happened. */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
}

/** The input of {@link isCommitted}. */
interface Doubt {
  readonly entry: LogEntry;
  readonly origins: Origins;
  readonly memory: ShowMemory;
  readonly store: ShowStore;
  readonly pause?: (ms: number) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * Finds out whether a commit that got no answer is in the log, and catches up on the log. The result is final, because
 * PostgreSQL grants the show's lock only after the transaction in doubt has ended.
 *
 * @throws OutcomeUnknownError if the database does not become available in time
 */
export async function isCommitted(error: CommitInDoubtError, doubt: Doubt): Promise<boolean> {
  const { entry, origins, memory, store, pause = (ms: number) => delay(ms), onError } = doubt;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    let transaction: ShowTransaction | null = null;
    try {
      transaction = await store.begin(memory.terms.showId);
      const { missed } = await transaction.lock(memory.state);
      // The entry comes after the last entry in memory. If the log lacks that one, it cannot contain this entry.
      if (!missed) return false;
      memory.advance(missed, null, origins);
      return missed.some((one) => isSamePosition(one, entry));
    } catch (cause) {
      onError(cause);
      await pause(retryPauseMs);
    } finally {
      await transaction?.rollback();
    }
  }
  throw new OutcomeUnknownError('the database did not come back in time to say whether the commit happened', {
    cause: error,
  });
}
