import type { RiskThresholds } from '../../../config/protection-config.js';

/** What the policy does with a call. A later action includes the challenge of the earlier ones. */
export type PolicyAction = 'allow' | 'challenge' | 'slow' | 'refuse';

const slowMsMin = 1000;
const slowMsMax = 3000;

/** Maps risk scores to actions. */
export class RiskPolicy {
  /** The lowest score at which an action applies. */
  readonly lowest: number;

  constructor(private readonly thresholds: RiskThresholds) {
    this.lowest = Math.min(thresholds.challenge, thresholds.slow, thresholds.refuse);
  }

  /** False if no score leads to an action. */
  get isOn(): boolean {
    return this.lowest <= 100;
  }

  actionFor(score: number): PolicyAction {
    const { challenge, slow, refuse } = this.thresholds;
    if (score >= refuse) return 'refuse';
    if (score >= slow) return 'slow';
    return score >= challenge ? 'challenge' : 'allow';
  }

  /** Returns how long a call with this score is delayed: 1 s at the lowest score for `slow`, up to 3 s. */
  delayMs(score: number): number {
    const { slow, refuse } = this.thresholds;
    const share = Math.min(1, Math.max(0, (score - slow) / Math.max(1, Math.min(refuse, 100) - slow)));
    return Math.round(slowMsMin + (slowMsMax - slowMsMin) * share);
  }
}
