import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../../config/config.js';
import { sourcePointsMax } from './assess.js';
import { RiskPolicy } from './policy.js';

const { riskThresholds: defaults } = readConfig({});

describe('the policy', () => {
  it('maps higher scores to stricter actions', () => {
    const policy = new RiskPolicy({ challenge: 30, slow: 65, refuse: 90 });
    const actions = [0, 29, 30, 64, 65, 89, 90, 100].map((score) => policy.actionFor(score));
    expect(actions).toEqual(['allow', 'allow', 'challenge', 'challenge', 'slow', 'slow', 'refuse', 'refuse']);
  });

  it('delays by one to three seconds', () => {
    const policy = new RiskPolicy({ challenge: 30, slow: 65, refuse: 90 });
    expect([65, 77.5, 90, 100].map((score) => policy.delayMs(score))).toEqual([1000, 2000, 3000, 3000]);
  });

  it('is off if no score reaches a threshold', () => {
    expect(new RiskPolicy({ challenge: 101, slow: 101, refuse: 101 }).isOn).toBe(false);
    expect(new RiskPolicy({ challenge: 101, slow: 101, refuse: 100 }).isOn).toBe(true);
  });

  it('with the defaults, challenges the sessions of a busy source at most', () => {
    const policy = new RiskPolicy(defaults);
    expect(policy.actionFor(sourcePointsMax)).toBe('challenge');
  });
});
