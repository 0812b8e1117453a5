import type { RiskReason } from '@usher/contract';
import type { Signal } from '../signals/signal.js';

/**
 * Maximum number of points from what all sessions of a source do together. It is below the default score for `slow`. So
 * a session of a school or of a mobile carrier that does nothing unusual itself gets a challenge at most.
 */
export const sourcePointsMax = 45;

const scoreMax = 100;

/** A risk score from 0 to 100, with the reasons for it. */
export interface Assessment {
  readonly score: number;
  /** The signals that gave points, the most important one first. */
  readonly reasons: readonly RiskReason[];
}

/** The points of one signal, as {@link assess} reads them. */
export type SignalReading = RiskReason;

/** Returns the readings of signals that give points. */
export const readSignals = (signals: readonly Signal[], of: RiskReason['of'], now: number): SignalReading[] =>
  signals
    .map((signal) => ({ signal: signal.name, of, points: signal.points(now), detail: signal.describe(now) }))
    .filter(({ points }) => points > 0);

/** Adds the points of the signals up to a score. More points of any signal never give a lower score. */
export function assess(readings: readonly SignalReading[]): Assessment {
  const sum = (of: RiskReason['of']) =>
    readings.filter((reading) => reading.of === of).reduce((points, reading) => points + reading.points, 0);
  const score = Math.floor(Math.min(scoreMax, sum('session') + Math.min(sourcePointsMax, sum('source'))));
  const reasons = readings
    .map((reading) => ({ ...reading, points: Math.round(reading.points * 10) / 10 }))
    .toSorted((a, b) => b.points - a.points);
  return { score, reasons };
}
