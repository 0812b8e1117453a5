import type { ChallengePolicy } from '@usher/contract';
import { StartError } from '../common/start-error.js';
import type { EnvironmentSettings } from './environment.js';

/** The settings that protect shows from buyers and bots that take more than their share. */
export interface ProtectionConfig {
  readonly challenge: ChallengeConfig;
  readonly budgets: BudgetConfig;
  readonly riskThresholds: RiskThresholds;
  readonly coolDowns: CoolDownConfig;
}

/** The settings of challenges. */
export interface ChallengeConfig {
  readonly policy: ChallengePolicy;
  /** Maximum number of keys that a client derives for one proof of work. */
  readonly workMax: number;
  /** Maximum number of challenges per second for the sessions of one address, on one node. */
  readonly posedPerSecondMax: number;
  /**
   * If an address has more open sockets on a node, its sessions must pass the challenge to open a show there. Infinite if the
   * protection is off.
   */
  readonly socketsPerAddressFree: number;
  /** From this number of calls per second on one node, a show counts as hot. */
  readonly hotCallsPerSecond: number;
  /** Null if the service poses challenges itself, as proofs of work. */
  readonly turnstile: { readonly siteKey: string; readonly secretKey: string; readonly url: string } | null;
}

/** The budgets of held seats and places per show. A maximum of 0 switches a budget off. */
export interface BudgetConfig {
  /** For the buyers of one network address. Beyond `free`, a session must pass the challenge. */
  readonly addressSeats: { readonly free: number; readonly max: number };
  readonly addressPlaces: { readonly free: number; readonly max: number };
  /** If this share of the hall's seats is more than a maximum, it is the maximum. */
  readonly addressSharePercent: number;
  /** For the callers of one API key that sells. */
  readonly keySeatsMax: number;
  readonly keyPlacesMax: number;
  readonly keySharePercent: number;
}

/** The risk scores from which on a call is challenged, slowed or refused. Above 100 turns an action off. */
export interface RiskThresholds {
  readonly challenge: number;
  readonly slow: number;
  readonly refuse: number;
}

/** The rules for buyers who give back or do not pay what they hold. */
export interface CoolDownConfig {
  /** The first wait; 0 turns these waits off. */
  readonly firstWaitMs: number;
  /** Number of holds that may end unpaid within ten minutes. */
  readonly freeChanges: number;
  /** Time for which a session may not hold the same seats again; 0 turns this rule off. */
  readonly sameSeatsMs: number;
}

/** Reads these settings. */
export function readProtection(env: EnvironmentSettings): ProtectionConfig {
  const isOn = env.BOT_PROTECTION;
  const threshold = (score: number) => (isOn ? score : thresholdOff);
  const milliseconds = (seconds: number) => (isOn ? seconds * 1000 : 0);
  return {
    challenge: {
      policy: isOn ? env.CHALLENGE_POLICY : 'never',
      workMax: env.CHALLENGE_WORK,
      posedPerSecondMax: env.CHALLENGES_PER_SECOND_MAX,
      socketsPerAddressFree: isOn ? env.SOCKETS_PER_ADDRESS_FREE : Infinity,
      hotCallsPerSecond: env.HOT_SHOW_CALLS_PER_SECOND,
      turnstile: readTurnstile(env),
    },
    budgets: isOn ? readBudgets(env) : noBudgets,
    riskThresholds: {
      challenge: threshold(env.RISK_CHALLENGE_SCORE),
      slow: threshold(env.RISK_SLOW_SCORE),
      refuse: threshold(env.RISK_REFUSE_SCORE),
    },
    coolDowns: {
      firstWaitMs: milliseconds(env.COOL_DOWN_SECONDS),
      freeChanges: env.COOL_DOWN_FREE_CHANGES,
      sameSeatsMs: milliseconds(env.COOL_DOWN_SAME_SEATS_SECONDS),
    },
  };
}

/** No score reaches this threshold, because 100 is the highest score. */
const thresholdOff = 101;

const noBudgets: BudgetConfig = {
  addressSeats: { free: 0, max: 0 },
  addressPlaces: { free: 0, max: 0 },
  addressSharePercent: 0,
  keySeatsMax: 0,
  keyPlacesMax: 0,
  keySharePercent: 0,
};

const readBudgets = (env: EnvironmentSettings): BudgetConfig => ({
  addressSeats: { free: env.ADDRESS_SEATS_FREE, max: env.ADDRESS_SEATS_MAX },
  addressPlaces: { free: env.ADDRESS_PLACES_FREE, max: env.ADDRESS_PLACES_MAX },
  addressSharePercent: env.ADDRESS_SHARE_PERCENT,
  keySeatsMax: env.KEY_SEATS_MAX,
  keyPlacesMax: env.KEY_PLACES_MAX,
  keySharePercent: env.KEY_SHARE_PERCENT,
});

/** @throws StartError if CHALLENGE_PROVIDER is turnstile and one of the two keys is missing */
function readTurnstile(env: EnvironmentSettings): ChallengeConfig['turnstile'] {
  if (env.CHALLENGE_PROVIDER !== 'turnstile') return null;
  const { TURNSTILE_SITE_KEY: siteKey, TURNSTILE_SECRET_KEY: secretKey, TURNSTILE_URL: url } = env;
  if (siteKey !== undefined && secretKey !== undefined) return { siteKey, secretKey, url };
  throw new StartError('CHALLENGE_PROVIDER=turnstile needs TURNSTILE_SITE_KEY and TURNSTILE_SECRET_KEY.');
}
