/** Describes when an outbox retries a row and when it gives up. */
export interface RetryPolicy {
  readonly backoff: ExponentialBackoff | AgeBackoff;
  /**
   * Number of attempts after which the outbox gives up. If null, the outbox retries until the row is done or expires.
   */
  readonly attemptsMax: number | null;
}

/** A delay that triples with every attempt. */
export interface ExponentialBackoff {
  readonly by: 'attempts';
  /** Delay after the first attempt. */
  readonly firstDelayMs: number;
  /** Longest delay before jitter. Null for no limit. */
  readonly delayMsMax: number | null;
  /**
   * Random share that is added to the delay, so that rows that failed together are not retried together. With 0.5, the
   * delay grows by up to one half.
   */
  readonly jitter: number;
}

/**
 * A delay that is a share of the row's age. It suits rows that wait for a person, because the polls are frequent at
 * first and rare later.
 */
export interface AgeBackoff {
  readonly by: 'age';
  readonly shareOfAge: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
}

/** The facts about a claimed row that determine when its next attempt is made. */
export interface OutboxRow {
  /** Number of attempts, including the attempt for which the row is now claimed. */
  readonly attempts: number;
  /**
   * Time from the claim until the row expires. An attempt after that time is useless. Absent or null if the row never
   * expires.
   */
  readonly msLeft?: number | null;
  /** Age of the row at the claim. Needed by {@link AgeBackoff}. */
  readonly ageMs?: number;
}

const backoffFactor = 3;

/** Returns the delay until a row's next attempt. @param random returns a number from 0 (inclusive) to 1 (exclusive) */
export function backoffMs({ backoff }: RetryPolicy, { attempts, ageMs = 0 }: OutboxRow, random: () => number): number {
  if (backoff.by === 'age') {
    return Math.min(backoff.delayMsMax, Math.max(backoff.delayMsMin, ageMs * backoff.shareOfAge));
  }
  const { firstDelayMs, delayMsMax, jitter } = backoff;
  const delayMs = firstDelayMs * backoffFactor ** (attempts - 1);
  return Math.min(delayMsMax ?? Infinity, delayMs) * (1 + jitter * random());
}
