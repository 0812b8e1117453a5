/** Describes when an outbox retries a row and when it gives up. */
export interface RetryPolicy {
  readonly backoff: ExponentialBackoff | AgeBackoff;
  /** Number of attempts after which the outbox gives up. If null, it retries until the row is done or expires. */
  readonly attemptsMax: number | null;
}

/** A delay that is three times as long after every attempt. */
export interface ExponentialBackoff {
  readonly by: 'attempts';
  /** Delay after the first attempt. */
  readonly firstDelayMs: number;
  /** Longest delay before jitter. Null for no limit. */
  readonly delayMsMax: number | null;
  /** Random share that is added to the delay. With 0.5, the delay grows by up to one half. Separates rows that failed together. */
  readonly jitter: number;
}

/** A delay that is a share of the row's age. It suits rows that wait for a person: frequent polls first, rare polls later. */
export interface AgeBackoff {
  readonly by: 'age';
  readonly shareOfAge: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
}

/** The facts about a claimed row that decide on its next attempt. */
export interface OutboxRow {
  /** Number of attempts, including the attempt that this claim is for. */
  readonly attempts: number;
  /** Time from the claim until an attempt becomes useless. Absent or null if the row never expires. */
  readonly msLeft?: number | null;
  /** Age of the row at the claim. Needed by {@link AgeBackoff}. */
  readonly ageMs?: number;
}

const backoffFactor = 3;

/** Returns the delay until a row's next attempt. @param random returns a number from 0 up to 1 */
export function backoffMs({ backoff }: RetryPolicy, { attempts, ageMs = 0 }: OutboxRow, random: () => number): number {
  if (backoff.by === 'age') {
    return Math.min(backoff.delayMsMax, Math.max(backoff.delayMsMin, ageMs * backoff.shareOfAge));
  }
  const { firstDelayMs, delayMsMax, jitter } = backoff;
  const delayMs = firstDelayMs * backoffFactor ** (attempts - 1);
  return Math.min(delayMsMax ?? Infinity, delayMs) * (1 + jitter * random());
}
