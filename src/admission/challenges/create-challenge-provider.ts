import type { SessionKeys } from '../../access/index.js';
import type { Config } from '../../config/config.js';
import { AltchaProvider } from './altcha-provider.js';
import type { ChallengeProvider } from './challenge-provider.js';
import { TurnstileProvider } from './turnstile-provider.js';

/** Creates the provider that the settings choose. */
export const createChallengeProvider = (
  { challenge: { turnstile, workMax } }: Config,
  keys: SessionKeys,
): ChallengeProvider => (turnstile ? new TurnstileProvider(turnstile) : new AltchaProvider(keys, workMax));
