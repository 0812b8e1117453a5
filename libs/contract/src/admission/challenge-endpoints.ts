import { ShowParams } from '../values/path-params.js';
import { Challenge, ChallengePassed, ChallengeSolution } from './challenges.js';

const ofChallenge = {
  path: '/v1/shows/{showId}/challenge',
  tag: 'Challenges',
  params: ShowParams,
  status: 200,
  needsSession: true,
  isCacheable: false,
} as const;
const errors = ['INVALID_REQUEST', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BUSY'] as const;

/** Endpoints for the challenge that a show may ask a session to solve. */
export const challengeEndpoints = {
  getChallenge: {
    ...ofChallenge,
    method: 'get',
    summary:
      'Get a challenge. A call that was refused with `CHALLENGE_REQUIRED` succeeds after the session has solved it',
    answer: Challenge,
    errors,
  },
  solveChallenge: {
    ...ofChallenge,
    method: 'post',
    summary: 'Send the solution of a challenge. A wrong or expired solution is refused with `FORBIDDEN`',
    body: ChallengeSolution,
    answer: ChallengePassed,
    errors,
  },
} as const;
