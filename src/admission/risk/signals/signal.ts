import type { RiskSignalName } from '@usher/contract';

/** Observes one kind of behaviour of a session or of a source, and gives it points of the risk score. */
export interface Signal {
  readonly name: RiskSignalName;
  /** Returns the points. More of the behaviour never gives fewer points. @param now ms since 1970 */
  points(now: number): number;
  /** Describes what was observed, for staff. */
  describe(now: number): string;
}

/** Returns the points of a count: `each` for every event beyond `free`, but not more than `max`. */
export const pointsBeyond = (
  count: number,
  { free, each, max }: { readonly free: number; readonly each: number; readonly max: number },
): number => Math.min(max, Math.max(0, count - free) * each);
