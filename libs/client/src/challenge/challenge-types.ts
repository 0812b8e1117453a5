import type { Challenge } from '@usher/contract';

/**
 * Solves a challenge and returns the solution, for example the token of a widget.
 *
 * @param showId the show that asks for the challenge
 */
export type ChallengeSolver = (challenge: Challenge, showId: number) => Promise<string>;

/**
 * Whether a show asks this session for a challenge.
 *
 * - `none`: no challenge is needed, or the session has passed it.
 * - `solving`: the client is solving a challenge. The call that needs it continues afterwards.
 * - `failed`: the last challenge could not be solved. `retryChallenge`, the next hold and the next connection try again.
 */
export type ChallengeState = 'none' | 'solving' | 'failed';
